"""Plans, the one table of prices, and what Stripe calls them."""

from typing import Any, Final

from tourpad.core.errors import FieldError, InvalidInputError, NotFoundError
from tourpad.core.memberships import queries
from tourpad.core.memberships.models import MembershipPlan
from tourpad.core.payments.rules import MINIMUM
from tourpad.core.work import Work

LONGEST_TRIAL: Final = 365
DEAREST: Final = 100_000_00


def change(
    work: Work,
    *,
    code: str,
    amount_cents: int | None = None,
    trial_days: int | None = None,
    is_offered: bool | None = None,
) -> MembershipPlan:
    """Change a plan for whoever joins from now on; `setup_stripe` makes Stripe agree with it.

    A plan of another price has none at Stripe until then, and nobody joins by it: no page charges what no plan says.

    Args:
        work: the unit of work of an admin.
        code: which plan.
        amount_cents: its price an interval.
        trial_days: so many days cost nothing, once a person; 0 for none.
        is_offered: whether it can be taken.

    Raises:
        NotFoundError: no such plan.
        InvalidInputError: less than a card can be charged, or too much of it.
    """
    plan = queries.plan_for_update(work, code)
    if plan is None:
        known = ", ".join(p.code for p in queries.all_plans(work))
        raise NotFoundError(f"There is no plan {code!r}.", hint=f"There are {known}.")
    faults: list[FieldError] = []
    if amount_cents is not None and not MINIMUM.cents <= amount_cents <= DEAREST:
        faults.append(FieldError("price", f"must be from {MINIMUM} to ${DEAREST // 100:,}"))
    if trial_days is not None and not 0 <= trial_days <= LONGEST_TRIAL:
        faults.append(FieldError("trial_days", f"must be from 0 to {LONGEST_TRIAL}"))
    if faults:
        raise InvalidInputError(*faults)
    wanted = {"amount_cents": amount_cents, "trial_days": trial_days, "is_offered": is_offered}
    changes: dict[str, Any] = {
        name: [getattr(plan, name), value]
        for name, value in wanted.items()
        if value is not None and value != getattr(plan, name)
    }
    for name, (_, value) in changes.items():
        setattr(plan, name, value)
    if {"amount_cents", "is_offered"} & changes.keys():
        # What Stripe has charges something else: nobody may be charged that for a plan that says this.
        plan.stripe_price_id = None
    if changes:
        plan.updated_at = work.now
        work.audit("membership.plan", target_type="plan", target_id=plan.id, plan=code, **changes)
    return plan


def record_price(work: Work, *, code: str, product_id: str, price_id: str | None) -> None:
    """Write down the price that Stripe charges for a plan; none where it is not offered."""
    plan = queries.plan_for_update(work, code)
    if plan is None or (plan.stripe_product_id, plan.stripe_price_id) == (product_id, price_id):
        return
    plan.stripe_product_id = product_id
    plan.stripe_price_id = price_id
    plan.updated_at = work.now
    work.audit("membership.price", target_type="plan", target_id=plan.id, plan=code, price=price_id)
