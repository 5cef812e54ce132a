"""Answers of Stripe's overtake each other, come twice and late: what is kept only ever moves on with the truth."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.memberships import ACTOR, begin, make_joiner, make_member, membership_of, pay, user_state
from tests.factories.profiles import make_person
from tests.stripe_sandbox import Sandbox
from tourpad.core.actors import operator
from tourpad.core.identity.states import UserState
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.looking.procedures import follow
from tourpad.core.memberships.procedures import cancel, resume
from tourpad.core.memberships.service import changing, following
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import usd
from tourpad.core.payments.errors import NotYetKnownError
from tourpad.core.payments.models import Payment
from tourpad.core.payments.service import plan_refund
from tourpad.core.work import Work
from tourpad.jobs.timetable import TIMETABLE

S = MembershipState
START = datetime(2026, 3, 1, 11, tzinfo=UTC)
MONTH = timedelta(days=31)
STEPS = ("fail", "pay", "renew", "cancel", "take back", "plan", "end")


def _life(name: str, steps: list[str]) -> list[dict[str, Any]]:
    """A subscription after each step of its life, as Stripe would answer it then."""
    now: dict[str, Any] = {"status": "incomplete", "cancel": False, "period": 0, "plan": "fan_monthly"}
    found = [_answer(name, now)]
    for step in ["pay", *steps]:
        if step == "end" or now["status"] == "canceled":
            now["status"] = "canceled"
        elif step == "fail":
            now["status"] = "past_due"
        elif step == "pay":
            now["status"] = "active"
        elif step == "renew" and now["status"] == "active":
            now["period"] += 1
        elif step in ("cancel", "take back"):
            now["cancel"] = step == "cancel"
        elif step == "plan":
            now["plan"] = "fan_yearly" if now["plan"] == "fan_monthly" else "fan_monthly"
        found.append(_answer(name, now))
    return found


def _answer(name: str, now: dict[str, Any]) -> dict[str, Any]:
    start = int((START + now["period"] * MONTH).timestamp())
    item = {
        "current_period_start": start,
        "current_period_end": start + 31 * 86_400,
        "price": {"lookup_key": None, "metadata": {"plan_code": now["plan"]}},
    }
    return {
        "id": name,
        "customer": f"cus_{name}",
        "status": now["status"],
        "cancel_at_period_end": now["cancel"],
        "start_date": start,
        "items": {"data": [item]},
        "metadata": {},
    }


def _means(work: Work, answer: dict[str, Any]) -> tuple[Any, ...]:
    truth = rules.read(answer)
    to = rules.target(truth, now=work.now, grace_days=work.settings.membership_grace_days)
    return to, truth.plan_code, truth.cancels_at, truth.period_end


def _leaves_late(answer: dict[str, Any]) -> bool:
    return bool(answer["status"] == "past_due" and answer["cancel_at_period_end"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=7))
def test_whatever_overtakes_the_latest_look_is_what_counts(work: Work, data: st.DataObject, steps: list[str]) -> None:
    user = make_person(work, "fan", state="approved")
    life = _life(f"sub_{user.id}", steps)
    for answer in life:
        answer["metadata"] = {"user_id": str(user.id)}
    looks = list(enumerate(life, start=1))
    order = data.draw(st.permutations(looks + data.draw(st.lists(st.sampled_from(looks), max_size=4))))
    latest, left_late = 0, False
    for look, answer in order:
        following.apply_subscription(work, answer, look=look)
        if not left_late:
            latest = max(latest, look)
            left_late = _leaves_late(life[latest - 1])
        kept = queries.of_user(work, user.id)
        assert kept
        to, *rest = _means(work, life[latest - 1])
        # Whoever leaves while a renewal is not paid has left: no later answer lets them in again.
        seen = (kept.state, kept.plan_code, kept.cancels_at, kept.current_period_end)
        assert seen == (S.EXPIRED if left_late else to, *rest)
        assert (user.state is UserState.ACTIVE) is (kept.state in rules.LIVE)


def test_an_old_answer_about_another_subscription_is_asked_for_again(work: Work) -> None:
    user = make_person(work, "fan", state="approved")
    first, second = _life(f"sub_1{user.id}", ["end"]), _life(f"sub_2{user.id}", ["end"])
    for answer in [*first, *second]:
        answer["metadata"] = {"user_id": str(user.id)}
    following.apply_subscription(work, first[2], look=1)
    assert following.apply_subscription(work, second[2], look=5) == "another subscription"
    with pytest.raises(NotYetKnownError):
        following.apply_subscription(work, second[1], look=4)  # it was active once
    assert following.apply_subscription(work, second[1], look=6) == "active"


@pytest.mark.parametrize("answered", [0, 2])
def test_what_was_given_does_not_end_by_a_page_that_nobody_pays(work: Work, answered: int) -> None:
    user = make_person(work, "fan", state="approved")
    changing.grant(work, user_id=user.id, reason="plays the opening night")
    answer = {**_life(f"sub_{user.id}", ["end"])[answered], "metadata": {"user_id": str(user.id)}}
    assert following.apply_subscription(work, answer, look=1) == "another subscription"
    assert user.state is UserState.ACTIVE


def test_an_answer_that_was_overtaken_is_asked_for_again_at_once(sandbox: Sandbox) -> None:
    """Somebody cancels while a slow look is under way, which then must not take the cancellation back."""
    user_id = make_member(sandbox)
    subscription_id = str(membership_of(sandbox.platform, user_id).stripe_subscription_id)

    def slow(stripe: Any) -> dict[str, Any]:
        found = stripe.get_subscription(subscription_id)
        cancel(sandbox.platform, ACTOR, user_id=user_id)
        return found

    assert follow(sandbox.platform, ACTOR, slow) == "nothing to do"
    assert membership_of(sandbox.platform, user_id).state is S.CANCELLING
    resume(sandbox.platform, ACTOR, user_id=user_id)
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_access_follows_within_a_minute(sandbox: Sandbox) -> None:
    """The jobs run by their own timetable; every two seconds we look who is let in."""
    joins, given = make_joiner(sandbox.platform), make_joiner(sandbox.platform)
    leaves, refunded = make_member(sandbox), make_member(sandbox, "fan", "yearly")
    cancel(sandbox.platform, ACTOR, user_id=leaves)
    ends = membership_of(sandbox.platform, leaves).current_period_end
    assert ends
    with sandbox.platform.work(ACTOR) as work:
        changing.grant(work, user_id=given, until=ends, reason="plays the opening night")
        work.commit()
    sandbox.advance(ends - sandbox.clock.now() - timedelta(minutes=1))
    page = begin(sandbox, joins, "monthly")
    sandbox.news()
    sandbox.advance(timedelta(seconds=61))
    pay(sandbox, page)
    with sandbox.platform.work(ACTOR) as work:
        paid = work.session.scalars(select(Payment.id).where(Payment.user_id == refunded)).one()
        plan_refund(work, payment_id=paid, amount=usd(3000), reason="asked for it")
        work.commit()
    wanted = {
        joins: UserState.ACTIVE,
        given: UserState.APPROVED,
        leaves: UserState.APPROVED,
        refunded: UserState.APPROVED,
    }
    took: dict[Any, int] = {}
    jobs = [job for job in TIMETABLE if job.name in ("stripe-events", "refunds-send", "memberships-expire")]
    assert len(jobs) == 3
    for second in range(0, 61, 2):
        sandbox.running.engine.run_due()
        sandbox.receive()
        now = sandbox.clock.now()
        for job in jobs:
            if now - job.schedule.latest(now) < timedelta(seconds=2):
                job.run(sandbox.platform, operator("job"))
        for user_id, state in wanted.items():
            if user_id not in took and user_state(sandbox.platform, user_id) is state:
                took[user_id] = second
        if len(took) == len(wanted):
            break
        sandbox.clock.advance(timedelta(seconds=2))
    assert set(took) == set(wanted)
    assert max(took.values()) <= 60
    assert took[joins] <= 4
