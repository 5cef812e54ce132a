import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.memberships import (
    ACTOR,
    FAILING,
    begin,
    change_card,
    make_joiner,
    make_member,
    membership_of,
    pay,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.service import users
from tourpad.core.identity.states import UserState
from tourpad.core.memberships import rules
from tourpad.core.memberships.errors import NoMembership, NothingToCancel, NothingToResume
from tourpad.core.memberships.procedures import cancel, expire_memberships, resume
from tourpad.core.memberships.service import following, invoices
from tourpad.core.memberships.states import MOVES, MembershipState

S = MembershipState
MONTH = timedelta(days=31)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _subscription(status: str, **changes: Any) -> dict[str, Any]:
    start = int(NOW.timestamp())
    item = {
        "current_period_start": start,
        "current_period_end": start + 31 * 86_400,
        "price": {"lookup_key": None, "metadata": {"plan_code": "fan_monthly"}},
    }
    return {
        "id": "sub_1",
        "customer": {"id": "cus_1"},
        "status": status,
        "start_date": start,
        "items": {"data": [item]},
        "metadata": {},
        **changes,
    }


@pytest.mark.parametrize(
    ("status", "changes", "days", "state"),
    [
        ("active", {}, 0, S.ACTIVE),
        ("trialing", {}, 0, S.ACTIVE),
        ("active", {"cancel_at_period_end": True}, 0, S.CANCELLING),
        ("active", {"cancel_at": int(NOW.timestamp()) + 86_400}, 0, S.CANCELLING),
        ("past_due", {}, 0, S.PAST_DUE),
        ("past_due", {"cancel_at_period_end": True}, 0, S.PAST_DUE),
        ("past_due", {}, 6, S.PAST_DUE),
        ("past_due", {}, 7, S.EXPIRED),
        ("unpaid", {}, 0, S.PAST_DUE),
        ("unpaid", {}, 8, S.EXPIRED),
        ("incomplete", {}, 0, S.INCOMPLETE),
        ("incomplete_expired", {}, 0, S.EXPIRED),
        ("canceled", {}, 0, S.EXPIRED),
        ("paused", {}, 0, S.EXPIRED),
        ("a word of next year", {}, 0, S.EXPIRED),
    ],
)
def test_what_a_subscription_means(status: str, changes: dict[str, Any], days: int, state: S) -> None:
    truth = rules.read(_subscription(status, **changes))
    assert rules.target(truth, now=NOW + timedelta(days=days), grace_days=7) is state


def test_the_period_s_end_is_the_end_of_a_cancelled_one() -> None:
    truth = rules.read(_subscription("active", cancel_at_period_end=True))
    assert truth.cancels_at == truth.period_end == NOW + MONTH
    assert (truth.plan_code, truth.customer_id) == ("fan_monthly", "cus_1")


@pytest.mark.parametrize(("now", "to"), list(itertools.product(S, S)))
def test_any_state_is_reached_by_allowed_moves(now: S, to: S) -> None:
    at = now
    for step in rules.steps(now, to):
        assert step in MOVES[at]
        at = step
    assert at is to


def test_a_declined_renewal_has_grace_and_then_ends(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox, "artist", "monthly")
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(MONTH)
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert membership.state is S.PAST_DUE
    assert membership.current_period_start
    assert membership.grace_until == membership.current_period_start + timedelta(days=7)
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    assert templates_to(sandbox.platform, user_id)[1:] == ["membership_payment_failed"]

    sandbox.advance(timedelta(days=4))  # Stripe tries again after three days
    sandbox.news()
    assert templates_to(sandbox.platform, user_id)[2:] == ["membership_payment_failed"]
    assert expire_memberships(sandbox.platform, ACTOR)["ended"] == 0

    sandbox.advance(timedelta(days=3))
    assert expire_memberships(sandbox.platform, ACTOR) == {"looked": 1, "ended": 1, "failed": 0}
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.ended_at) == (S.EXPIRED, sandbox.clock.now())
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    assert templates_to(sandbox.platform, user_id)[3:] == ["membership_ended"]
    assert expire_memberships(sandbox.platform, ACTOR)["looked"] == 0


@pytest.mark.parametrize("late", [False, True])
def test_a_payment_after_all_recovers_within_the_grace_and_reopens_after_it(sandbox: Sandbox, late: bool) -> None:
    user_id = make_member(sandbox)
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(MONTH)
    sandbox.news()
    if late:
        sandbox.advance(timedelta(days=7, hours=1))
        expire_memberships(sandbox.platform, ACTOR)
        assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    change_card(sandbox, user_id, "pm_card_visa")
    sandbox.advance(timedelta(days=7) if late else timedelta(days=3))  # until Stripe's next try
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.grace_until, membership.ended_at) == (S.ACTIVE, None, None)
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    told = templates_to(sandbox.platform, user_id)
    assert ("membership_recovered" in told) is not late
    assert told.count("membership_begun") == (2 if late else 1)
    assert told.count("membership_renewed") == 1


def test_a_renewal_is_booked_and_said_once(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(MONTH)
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert membership.state is S.ACTIVE
    assert membership.current_period_end
    assert membership.current_period_end > sandbox.clock.now()
    assert templates_to(sandbox.platform, user_id) == ["membership_begun", "membership_renewed"]
    invoice = sandbox.stripe.get_invoice(sandbox.state()["invoice"][-1]["id"])
    with sandbox.platform.work(ACTOR) as work:  # healing tells it again
        assert (
            invoices.apply_invoice(work, type="invoice.paid", invoice=invoice, payment_intent=None) == "nothing to do"
        )
        work.commit()
    assert templates_to(sandbox.platform, user_id) == ["membership_begun", "membership_renewed"]


def test_a_cancelled_one_lasts_until_its_period_ends(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.cancels_at) == (S.CANCELLING, membership.current_period_end)
    with pytest.raises(NothingToCancel):
        cancel(sandbox.platform, ACTOR, user_id=user_id)
    sandbox.news()
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    sandbox.advance(MONTH)
    assert expire_memberships(sandbox.platform, ACTOR)["ended"] == 1
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    assert templates_to(sandbox.platform, user_id) == [
        "membership_begun",
        "membership_cancelling",
        "membership_ended",
    ]
    with pytest.raises(NothingToResume):
        resume(sandbox.platform, ACTOR, user_id=user_id)
    pay(sandbox, begin(sandbox, user_id))
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_cancel_resume_and_cancel_again_on_one_day(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    for _ in range(2):
        cancel(sandbox.platform, ACTOR, user_id=user_id)
        sandbox.news()
        assert membership_of(sandbox.platform, user_id).state is S.CANCELLING
        resume(sandbox.platform, ACTOR, user_id=user_id)
        sandbox.news()
        membership = membership_of(sandbox.platform, user_id)
        assert (membership.state, membership.cancels_at) == (S.ACTIVE, None)
    with pytest.raises(NothingToResume):
        resume(sandbox.platform, ACTOR, user_id=user_id)
    sandbox.advance(MONTH)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_a_date_set_in_the_portal_can_be_taken_back(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    subscription_id = membership_of(sandbox.platform, user_id).stripe_subscription_id
    at = sandbox.clock.now() + timedelta(days=10)
    sandbox.stripe.update_subscription(str(subscription_id), {"cancel_at": int(at.timestamp())}, key="portal")
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.cancels_at) == (S.CANCELLING, at)
    resume(sandbox.platform, ACTOR, user_id=user_id)
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


@pytest.mark.parametrize("change", [cancel, resume])
def test_without_a_membership_there_is_nothing_to_change(sandbox: Sandbox, change: Any) -> None:
    user_id = make_joiner(sandbox.platform)
    with pytest.raises(NoMembership):
        change(sandbox.platform, ACTOR, user_id=user_id)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_in_which_news_arrives_does_not_matter(sandbox: Sandbox, seed: int) -> None:
    """A season of news, all of it late, some of it twice, in an order of its own."""
    draw = random.Random(seed)
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.advance(MONTH)
    news = sandbox.pending()
    kept = news + draw.sample(news, 3)
    draw.shuffle(kept)
    for delivery in kept:
        sandbox.receive([delivery])
        sandbox.process()
    sandbox.advance(timedelta(hours=1))
    sandbox.process()
    membership = membership_of(sandbox.platform, user_id)
    assert membership.state is S.ACTIVE
    assert membership.current_period_end
    assert membership.current_period_end > sandbox.clock.now()
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    told = sorted(templates_to(sandbox.platform, user_id))
    assert told == ["membership_begun", "membership_renewed"]


def test_old_news_does_not_undo_a_renewal(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    subscription_id = str(membership_of(sandbox.platform, user_id).stripe_subscription_id)
    before = sandbox.stripe.get_subscription(subscription_id)
    sandbox.advance(MONTH)
    sandbox.news()
    renewed = membership_of(sandbox.platform, user_id).current_period_end
    with sandbox.platform.work(ACTOR) as work:
        assert following.apply_subscription(work, before) == "older news"
        work.commit()
    assert membership_of(sandbox.platform, user_id).current_period_end == renewed


def test_whoever_was_not_let_in_waits_although_they_paid(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform, "artist")
    page = begin(sandbox, user_id)
    with sandbox.platform.work(ACTOR) as work:
        users.reopen(work, user_id=user_id)
        work.commit()
    pay(sandbox, page)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE
    assert user_state(sandbox.platform, user_id) is UserState.PENDING


def test_a_suspended_member_stays_suspended_and_returns_as_a_member(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    page = begin(sandbox, user_id)
    with sandbox.platform.work(ACTOR) as work:
        users.suspend(work, user_id=user_id, reason="a complaint")
        work.commit()
    pay(sandbox, page)
    sandbox.news()
    assert user_state(sandbox.platform, user_id) is UserState.SUSPENDED
    with sandbox.platform.work(ACTOR) as work:
        users.reinstate(work, user_id=user_id)
        work.commit()
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE


def test_news_of_a_stranger_s_subscription_changes_nothing(sandbox: Sandbox) -> None:
    with sandbox.platform.work(ACTOR) as work:
        assert following.apply_subscription(work, _subscription("active")) == "not ours"
        made_up = {"user_id": "00000000-0000-7000-8000-000000000000"}
        assert following.apply_subscription(work, _subscription("active", metadata=made_up)) == "not ours"
