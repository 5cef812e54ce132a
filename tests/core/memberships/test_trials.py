from datetime import timedelta

from sqlalchemy import select

from tests.factories.memberships import (
    ACTOR,
    FAILING,
    begin,
    change_card,
    make_joiner,
    membership_of,
    pay,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.plan_change.procedures import change_plan, quote
from tourpad.core.memberships.procedures import cancel, expire_memberships
from tourpad.core.memberships.service import plans
from tourpad.core.memberships.states import MembershipState
from tourpad.core.payments.models import Payment

DAYS = timedelta(days=1)


def _offer_trials(sandbox: Sandbox, days: int = 14) -> None:
    with sandbox.platform.work(ACTOR) as work:
        for code in ("fan_monthly", "fan_yearly"):
            plans.change(work, code=code, trial_days=days)
        work.commit()


def _charged(sandbox: Sandbox) -> list[int]:
    with sandbox.platform.work(ACTOR) as work:
        return list(work.session.scalars(select(Payment.amount_cents).order_by(Payment.completed_at)))


def test_a_trial_costs_nothing_is_announced_and_then_charged(sandbox: Sandbox) -> None:
    _offer_trials(sandbox)
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.trial_ends_at) == (MembershipState.ACTIVE, sandbox.clock.now() + 14 * DAYS)
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    assert _charged(sandbox) == []
    sandbox.advance(11 * DAYS)
    sandbox.news()
    assert templates_to(sandbox.platform, user_id) == ["membership_begun", "membership_trial_ending"]
    sandbox.advance(3 * DAYS)
    sandbox.news()
    assert _charged(sandbox) == [300]
    assert templates_to(sandbox.platform, user_id)[2:] == ["membership_renewed"]


def test_nobody_has_a_second_trial(sandbox: Sandbox) -> None:
    _offer_trials(sandbox)
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    sandbox.advance(14 * DAYS)
    sandbox.news()
    expire_memberships(sandbox.platform, ACTOR)
    assert membership_of(sandbox.platform, user_id).state is MembershipState.EXPIRED
    assert "membership_trial_ending" not in templates_to(sandbox.platform, user_id)
    pay(sandbox, begin(sandbox, user_id, "yearly"))
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.trial_ends_at) == (MembershipState.ACTIVE, None)
    assert _charged(sandbox) == [3000]


def test_another_plan_in_the_trial_keeps_the_trial(sandbox: Sandbox) -> None:
    _offer_trials(sandbox)
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    sandbox.advance(4 * DAYS)
    seen = quote(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    ends_at = sandbox.clock.now() + 10 * DAYS
    assert (seen.in_trial, seen.charge.cents, seen.renews_at, seen.renewal.cents) == (True, 0, ends_at, 3000)
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly", at=seen.at)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).trial_ends_at == ends_at
    assert _charged(sandbox) == []
    sandbox.advance(10 * DAYS)
    sandbox.news()
    assert _charged(sandbox) == [3000]
    assert membership_of(sandbox.platform, user_id).current_period_end == ends_at.replace(year=ends_at.year + 1)


def test_a_card_that_fails_after_the_trial_has_its_grace(sandbox: Sandbox) -> None:
    _offer_trials(sandbox)
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(14 * DAYS)
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.grace_until) == (MembershipState.PAST_DUE, sandbox.clock.now() + 7 * DAYS)
    sandbox.advance(7 * DAYS)
    expire_memberships(sandbox.platform, ACTOR)
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
