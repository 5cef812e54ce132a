from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.factories.memberships import (
    ACTOR,
    FAILING,
    change_card,
    mails_to,
    make_joiner,
    make_member,
    membership_of,
    templates_to,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.gateways.stripe import StripeDeclined, StripeUncertain
from tourpad.core.ledger.models import Line
from tourpad.core.memberships import queries
from tourpad.core.memberships.errors import NoMembership, NotChangeable, SamePlan
from tourpad.core.memberships.plan_change.procedures import change_plan, quote
from tourpad.core.memberships.procedures import cancel
from tourpad.core.memberships.service import changing
from tourpad.core.memberships.states import MembershipState
from tourpad.core.payments.models import Payment

DAYS = timedelta(days=1)


def _earned(sandbox: Sandbox) -> int:
    with sandbox.platform.work(ACTOR) as work:
        return -(
            work.session.scalar(select(func.sum(Line.amount_cents)).where(Line.account == "membership_revenue")) or 0
        )


def _charged(sandbox: Sandbox, user_id: UUID) -> list[int]:
    with sandbox.platform.work(ACTOR) as work:
        return list(
            work.session.scalars(
                select(Payment.amount_cents)
                .where(Payment.user_id == user_id)
                .order_by(Payment.completed_at, Payment.id)
            )
        )


def test_from_the_month_to_the_year_charges_what_was_quoted(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(10 * DAYS)
    seen = quote(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    # March has 31 days: 21/31 of $3.00 is left.
    assert [line.amount.cents for line in seen.lines] == [-203, 3000]
    assert (seen.charge.cents, seen.credit.cents, seen.owed.cents) == (2797, 0, 0)
    assert membership_of(sandbox.platform, user_id).plan_code == "fan_monthly"
    sandbox.advance(timedelta(minutes=50))  # it takes them a while
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly", at=seen.at)
    changed = membership_of(sandbox.platform, user_id)
    assert (changed.plan_code, changed.state) == ("fan_yearly", MembershipState.ACTIVE)
    assert changed.current_period_start == sandbox.clock.now()
    assert changed.current_period_end == sandbox.clock.now().replace(year=2027)
    sandbox.news()
    assert _charged(sandbox, user_id) == [300, 2797]
    assert _earned(sandbox) == 3097
    told = templates_to(sandbox.platform, user_id)
    assert sorted(told) == ["membership_begun", "membership_plan_billed", "membership_plan_changed"]


def test_too_little_to_charge_is_added_to_the_next_renewal(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox, "fan", "yearly")
    sandbox.advance(330 * DAYS)
    seen = quote(sandbox.platform, ACTOR, user_id=user_id, plan="fan_monthly")
    # $3.00 less 35/365 of $30.00 is 12 cents, which no card is charged.
    assert (seen.charge.cents, seen.credit.cents, seen.owed.cents) == (0, 0, 12)
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="fan_monthly", at=seen.at)
    sandbox.news()
    assert _charged(sandbox, user_id) == [3000]
    sandbox.advance(31 * DAYS)
    sandbox.news()
    assert (_charged(sandbox, user_id), _earned(sandbox)) == ([3000, 312], 3312)


def test_credit_pays_renewals_before_the_card_and_no_cent_is_earned_twice(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox, "fan", "yearly")
    sandbox.advance(265 * DAYS)
    seen = quote(sandbox.platform, ACTOR, user_id=user_id, plan="monthly")
    assert (seen.charge.cents, seen.credit.cents) == (0, 522)  # 100/365 of $30.00, less the first month
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="monthly", at=seen.at)
    sandbox.news()
    # The year that is credited would have reached further than the month that begins.
    month_ends = seen.at + 30 * DAYS
    assert (seen.renews_at, membership_of(sandbox.platform, user_id).current_period_end) == (month_ends, month_ends)
    told = mails_to(sandbox.platform, user_id)["membership_plan_billed"]
    assert "(Fan, by the month)" in told
    assert f"paid until {month_ends:%A} {month_ends.day} {month_ends:%B %Y}" in told
    assert (_charged(sandbox, user_id), _earned(sandbox)) == ([3000], 3000)
    for charged in ([3000], [3000, 78], [3000, 78, 300]):
        sandbox.advance(31 * DAYS)
        sandbox.news()
        assert _charged(sandbox, user_id) == charged
    assert _earned(sandbox) == 3378
    with sandbox.platform.work(ACTOR) as work:
        membership = queries.of_user(work, user_id)
        assert membership
        invoices = queries.invoices_of(work, membership.id)
        rows = [(i.reason, i.total_cents, i.paid_cents, i.balance_cents) for i in invoices]
    assert invoices[-2].period_end == month_ends
    assert rows[::-1] == [
        ("subscription_create", 3000, 3000, 0),
        ("subscription_update", -522, 0, -522),
        ("subscription_cycle", 300, 0, -222),
        ("subscription_cycle", 300, 78, 0),
        ("subscription_cycle", 300, 300, 0),
    ]
    assert templates_to(sandbox.platform, user_id).count("membership_renewed") == 3


def test_a_card_that_does_not_pay_changes_nothing(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    change_card(sandbox, user_id, FAILING)
    with pytest.raises(StripeDeclined) as refused:
        change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    assert refused.value.code == "card_declined"
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.plan_code, membership.state) == ("fan_monthly", MembershipState.ACTIVE)
    assert _charged(sandbox, user_id) == [300]
    assert templates_to(sandbox.platform, user_id) == ["membership_begun"]


def test_an_answer_that_got_lost_and_a_second_click_charge_once(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    at = sandbox.clock.now()
    sandbox.advance(timedelta(minutes=1))
    sandbox.fault(operation="POST /v1/subscriptions/{subscription_exposed_id}", fault="drop_reply", times=10)
    with pytest.raises(StripeUncertain):
        change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly", at=at)
    sandbox.control("faults", method="DELETE")
    # The new period began after the quote: asked again, Stripe would refuse it.
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly", at=at)
    assert membership_of(sandbox.platform, user_id).plan_code == "fan_yearly"
    with pytest.raises(SamePlan):
        change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    sandbox.news()
    assert _charged(sandbox, user_id) == [300, 2700]


def test_a_quote_grows_old(sandbox: Sandbox, clock: VirtualClock) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(2 * DAYS)
    now = clock.now()
    for at in (now - timedelta(minutes=61), now + timedelta(minutes=2), now - 3 * DAYS):
        with pytest.raises(InvalidInputError) as refused:
            change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly", at=at)
        assert [fault.field for fault in refused.value.errors] == ["proration_date"]


def test_whose_plan_can_not_be_changed(sandbox: Sandbox) -> None:
    def refused(user_id: UUID, plan: str = "yearly") -> type[TourPadError]:
        for verb in (quote, change_plan):
            with pytest.raises(TourPadError) as error:
                verb(sandbox.platform, ACTOR, user_id=user_id, plan=plan)
        return type(error.value)

    nobody, given = make_joiner(sandbox.platform), make_joiner(sandbox.platform)
    assert refused(nobody) is NoMembership
    with sandbox.platform.work(ACTOR) as work:
        changing.grant(work, user_id=given, reason="plays the opening night")
        work.commit()
    assert refused(given) is NotChangeable
    leaving = make_member(sandbox)
    assert refused(leaving, "monthly") is SamePlan
    assert refused(leaving, "artist_yearly") is InvalidInputError
    cancel(sandbox.platform, ACTOR, user_id=leaving)
    assert refused(leaving) is NotChangeable
    late = make_member(sandbox)
    change_card(sandbox, late, FAILING)
    sandbox.advance(31 * DAYS)
    sandbox.news()
    assert refused(late) is NotChangeable
