"""Whether a plan may be changed, and what must be known for it."""

from datetime import datetime
from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.identity import queries as people
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.errors import NoMembership, NotChangeable, PriceMissing, SamePlan
from tourpad.core.memberships.models import MembershipPlan
from tourpad.core.memberships.states import MembershipState
from tourpad.core.values import Value
from tourpad.core.work import Work

_HINTS = {
    MembershipState.PAST_DUE: "The last payment failed: POST /api/memberships/portal to pay by another card first.",
    MembershipState.CANCELLING: "POST /api/memberships/resume takes the cancellation back first.",
    MembershipState.EXPIRED: "POST /api/memberships/checkout begins a new one by any plan.",
    MembershipState.INCOMPLETE: "POST /api/memberships/checkout opens the page to pay on, by any plan.",
}


class Wanted(Value, kw_only=True):
    """A change that may be made."""

    membership_id: UUID
    subscription_id: str
    customer_id: str
    from_plan: str
    to_plan: MembershipPlan
    price_id: str
    period_start: datetime


def check(work: Work, *, user_id: UUID, plan: str) -> Wanted:
    """Whether a person's plan may be changed to another one.

    Args:
        work: the unit of work.
        user_id: whose.
        plan: a plan's code, `yearly` or `monthly`.

    Raises:
        NoMembership: there is none.
        NotChangeable: it is not paid for, or not in order.
        SamePlan: it goes by that plan already.
        InvalidInputError: no such plan for this role.
        PriceMissing: the plan has no price at Stripe.
    """
    user = people.get_user(work, user_id)
    membership = queries.of_user(work, user_id)
    if membership is None:
        raise NoMembership("There is no membership.", hint="POST /api/memberships/checkout begins one.")
    if membership.state is not MembershipState.ACTIVE:
        raise NotChangeable(
            f"The membership is {membership.state.replace('_', ' ')}.",
            hint=_HINTS[membership.state],
            state=membership.state.value,
        )
    start = membership.current_period_start
    if membership.stripe_subscription_id is None or membership.stripe_customer_id is None or start is None:
        raise NotChangeable("Nobody pays for this membership: there is no plan to change.", state="granted")
    code = rules.plan_named(plan, user.user_type)
    offered = {p.code: p for p in queries.plans(work, user_type=user.user_type)}
    if code not in offered:
        raise invalid("plan", rules.one_of(offered))
    if code == membership.plan_code:
        raise SamePlan(f"The membership goes by the plan {code} already.")
    price_id = offered[code].stripe_price_id
    if price_id is None:
        raise PriceMissing(f"The plan {code} has no price at Stripe yet.", hint="tourpad stripe setup makes it.")
    return Wanted(
        membership_id=membership.id,
        subscription_id=membership.stripe_subscription_id,
        customer_id=membership.stripe_customer_id,
        from_plan=membership.plan_code,
        to_plan=offered[code],
        price_id=price_id,
        period_start=start,
    )
