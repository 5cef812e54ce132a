"""Shapes of memberships, shared by the routes that show them."""

from datetime import datetime
from uuid import UUID

from tourpad.core.memberships import queries
from tourpad.core.memberships.models import Membership, MembershipPlan
from tourpad.core.memberships.rules import LIVE
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money
from tourpad.core.work import Work
from tourpad.web.shapes import Output


class PlanOut(Output):
    """A plan that may be taken: so many cents an interval (`month`, `year`), the first `trialDays` for nothing."""

    code: str
    name: str
    amount_cents: int
    currency: str
    interval: str
    trial_days: int


class MembershipOut(Output):
    """A membership. `hasAccess`: whether everything is open by it now."""

    id: UUID
    status: MembershipState
    has_access: bool
    plan: PlanOut
    """With the price by which the person joined, which stays theirs when the plan costs something else."""
    started_at: datetime | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    renews_at: datetime | None
    """When it is charged next; empty where it ends instead, or nobody pays."""
    trial_ends_at: datetime | None
    """Until then nothing is charged; empty without a trial, and after it."""
    cancel_at_period_end: bool
    cancels_at: datetime | None
    grace_until: datetime | None
    is_granted: bool
    ended_at: datetime | None


def plan_out(plan: MembershipPlan, *, may_try: bool = True, price: Money | None = None) -> PlanOut:
    """Shape one plan; whoever has had a trial, or was a member, is offered none. `price`: a member's own."""
    return PlanOut(
        code=plan.code,
        name=plan.name,
        amount_cents=price.cents if price else plan.amount_cents,
        currency=plan.currency,
        interval=plan.interval,
        trial_days=plan.trial_days if may_try else 0,
    )


def membership_out(work: Work, user_id: UUID) -> MembershipOut | None:
    """A person's membership, shaped; nothing, where they never had one."""
    found = queries.of_user(work, user_id)
    plan = queries.plan(work, found.plan_code) if found else None
    return _shaped(found, plan, work.now) if found and plan else None


def _shaped(found: Membership, plan: MembershipPlan, now: datetime) -> MembershipOut:
    renews = found.stripe_subscription_id is not None and found.state is MembershipState.ACTIVE
    tries = found.trial_ends_at is not None and found.trial_ends_at > now and found.state in LIVE
    return MembershipOut(
        id=found.id,
        status=found.state,
        has_access=found.state in LIVE,
        plan=plan_out(plan, may_try=False, price=found.price(plan)),
        started_at=found.started_at,
        current_period_start=found.current_period_start,
        current_period_end=found.current_period_end,
        renews_at=found.current_period_end if renews else None,
        trial_ends_at=found.trial_ends_at if tries else None,
        cancel_at_period_end=found.cancels_at is not None and found.cancels_at == found.current_period_end,
        cancels_at=found.cancels_at,
        grace_until=found.grace_until,
        is_granted=found.stripe_subscription_id is None,
        ended_at=found.ended_at,
    )
