from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.factories.memberships import (
    ACTOR,
    begin,
    make_joiner,
    make_member,
    membership_of,
    pay,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.errors import InvalidInputError
from tourpad.core.gateways.stripe import StripeDeclined
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.errors import AlreadyMember, NotForRole, NothingToCancel
from tourpad.core.memberships.models import MembershipPlan, SubscriptionEnding
from tourpad.core.memberships.procedures import (
    cancel,
    end_subscriptions,
    expire_memberships,
    resume,
    setup_stripe,
)
from tourpad.core.memberships.service import changing
from tourpad.core.memberships.states import MembershipState
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import PaymentState
from tourpad.core.platform import Platform

S = MembershipState


def _grant(platform: Platform, user_id: UUID, **more: Any) -> None:
    given: dict[str, Any] = {"reason": "plays the opening night", **more}
    with platform.work(ACTOR) as work:
        changing.grant(work, user_id=user_id, **given)
        work.commit()


def _counts(**some: int) -> dict[str, int]:
    return {"products": 0, "created": 0, "replaced": 0, "retired": 0, "kept": 0, "portal": 0, **some}


def test_set_up_makes_prices_once(sandbox: Sandbox) -> None:
    assert setup_stripe(sandbox.platform, ACTOR) == _counts(products=2, created=4, portal=1)
    assert setup_stripe(sandbox.platform, ACTOR) == _counts(kept=4)
    prices = {p["lookup_key"]: p for p in sandbox.state()["price"]}
    assert {key: (p["unit_amount"], p["recurring"]["interval"]) for key, p in prices.items()} == {
        "artist_yearly": (12000, "year"),
        "artist_monthly": (1200, "month"),
        "fan_yearly": (3000, "year"),
        "fan_monthly": (300, "month"),
    }
    with sandbox.platform.work(ACTOR) as work:
        plans = {p.code: p.stripe_price_id for p in work.session.scalars(select(MembershipPlan))}
    assert plans == {key: p["id"] for key, p in prices.items()}


def test_another_amount_is_a_new_price_and_members_keep_theirs(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        work.session.execute(
            update(MembershipPlan).where(MembershipPlan.code == "fan_monthly").values(amount_cents=400)
        )
        work.commit()
    assert setup_stripe(sandbox.platform, ACTOR) == _counts(replaced=1, kept=3)
    sandbox.advance(timedelta(days=31))
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).plan_code == "fan_monthly"
    pay(sandbox, begin(sandbox, make_joiner(sandbox.platform), "monthly"))
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        amounts = work.session.scalars(select(Payment.amount_cents).order_by(Payment.created_at, Payment.id))
        assert list(amounts) == [300, 300, 400]


def test_a_missed_renewal_is_looked_up_and_throws_nobody_out(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(timedelta(days=32, hours=1))
    sandbox.pending()  # and lost
    assert expire_memberships(sandbox.platform, ACTOR) == {"looked": 1, "ended": 0, "failed": 0}
    membership = membership_of(sandbox.platform, user_id)
    assert membership.state is S.ACTIVE
    assert membership.current_period_end
    assert membership.current_period_end > sandbox.clock.now()


@pytest.mark.parametrize("status", [500, 400], ids=["away", "it refuses the question"])
def test_when_stripe_does_not_say_nobody_is_thrown_out(sandbox: Sandbox, status: int) -> None:
    user_id = make_member(sandbox)
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    sandbox.advance(timedelta(days=31))
    sandbox.fault(operation="GET /v1/subscriptions/*", fault="status", status=status, times=10)
    assert expire_memberships(sandbox.platform, ACTOR) == {"looked": 0, "ended": 0, "failed": 1}
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    sandbox.control("faults", method="DELETE")
    assert expire_memberships(sandbox.platform, ACTOR)["ended"] == 1


def test_a_granted_one_costs_nothing_and_ends_by_itself(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform, "artist")
    _grant(sandbox.platform, user_id, until=sandbox.clock.now() + timedelta(days=30))
    assert user_state(sandbox.platform, user_id) is UserState.ACTIVE
    with pytest.raises(AlreadyMember):
        begin(sandbox, user_id)
    sandbox.advance(timedelta(days=30))
    assert expire_memberships(sandbox.platform, ACTOR) == {"looked": 1, "ended": 1, "failed": 0}
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    assert templates_to(sandbox.platform, user_id) == ["membership_granted", "membership_ended"]
    assert "subscription" not in sandbox.state()


def test_a_granted_one_can_be_cancelled_and_resumed(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    _grant(sandbox.platform, user_id, until=sandbox.clock.now() + timedelta(days=30))
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    assert membership_of(sandbox.platform, user_id).state is S.CANCELLING
    resume(sandbox.platform, ACTOR, user_id=user_id)
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE
    endless = make_joiner(sandbox.platform)
    _grant(sandbox.platform, endless)
    cancel(sandbox.platform, ACTOR, user_id=endless)
    assert membership_of(sandbox.platform, endless).state is S.EXPIRED


def test_what_can_not_be_granted(platform: Platform) -> None:
    fan, host = make_joiner(platform), make_joiner(platform, "host", state="active")
    past = platform.clock.now() - timedelta(days=1)
    for more in ({"until": past}, {"reason": " "}, {"plan": "artist_yearly"}):
        with pytest.raises(InvalidInputError):
            _grant(platform, fan, **more)
    with pytest.raises(NotForRole):
        _grant(platform, host)
    _grant(platform, fan)
    with pytest.raises(AlreadyMember):
        _grant(platform, fan)


def test_an_admin_ends_one_at_once_and_stripe_follows(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    membership = membership_of(sandbox.platform, user_id)
    with sandbox.platform.work(ACTOR) as work:
        changing.end_now(work, membership_id=membership.id, reason="sold seats on")
        with pytest.raises(NothingToCancel):
            changing.end_now(work, membership_id=membership.id, reason="twice")
        work.commit()
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    for fault in ({"fault": "drop_reply", "times": 3}, {"fault": "status", "status": 400, "times": 1}):
        sandbox.fault(operation="DELETE /v1/subscriptions/*", **fault)
        assert end_subscriptions(sandbox.platform, ACTOR)["failed"] == 1
        sandbox.control("faults", method="DELETE")
        sandbox.advance(timedelta(minutes=5))
    assert end_subscriptions(sandbox.platform, ACTOR) == {"ended": 1, "failed": 0, "dead": 0}
    assert [s["status"] for s in sandbox.state()["subscription"]] == ["canceled"]
    sandbox.news()
    pay(sandbox, begin(sandbox, user_id))
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_a_second_subscription_is_ended_and_paid_back(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    first = membership_of(sandbox.platform, user_id)
    second = sandbox.stripe._post(  # type: ignore[attr-defined]  # what somebody does by hand in Stripe's dashboard
        "/v1/subscriptions",
        {
            "customer": first.stripe_customer_id,
            "items": [{"price": _price(sandbox, "fan_yearly")}],
            "default_payment_method": sandbox.stripe.get_subscription(str(first.stripe_subscription_id))[
                "default_payment_method"
            ],
        },
        key="by-hand",
    )
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).stripe_subscription_id == first.stripe_subscription_id
    assert end_subscriptions(sandbox.platform, ACTOR) == {"ended": 1, "failed": 0, "dead": 0}
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()
    statuses = {s["id"]: s["status"] for s in sandbox.state()["subscription"]}
    assert statuses == {first.stripe_subscription_id: "active", second["id"]: "canceled"}
    with sandbox.platform.work(ACTOR) as work:
        paid = {p.amount_cents: p.state for p in work.session.scalars(select(Payment))}
        (ending,) = work.session.scalars(select(SubscriptionEnding))
    assert paid == {300: PaymentState.COMPLETED, 3000: PaymentState.REFUNDED}
    assert ending.item_state is ItemState.DONE
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_an_old_one_that_stripe_still_collects_for_ends_before_a_new_one_begins(sandbox: Sandbox) -> None:
    from tests.factories.memberships import FAILING, change_card

    user_id = make_member(sandbox)
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(timedelta(days=39))
    sandbox.news()
    expire_memberships(sandbox.platform, ACTOR)
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    old = str(membership_of(sandbox.platform, user_id).stripe_subscription_id)
    assert sandbox.stripe.get_subscription(old)["status"] == "past_due"
    sandbox.fault(operation="GET /v1/subscriptions/*", fault="status", status=400, times=1)
    with pytest.raises(StripeDeclined):  # not begun while nobody knows whether the old one still takes money
        begin(sandbox, user_id, "yearly")
    page = begin(sandbox, user_id, "yearly")
    assert sandbox.stripe.get_subscription(old)["status"] == "canceled"
    pay(sandbox, page)
    sandbox.news()
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.plan_code) == (S.ACTIVE, "fan_yearly")
    assert membership.stripe_subscription_id != old


def test_nothing_is_charged_to_whoever_is_erased(sandbox: Sandbox) -> None:
    from tourpad.core.identity.service.account import erase

    user_id = make_member(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        erase(work, user_id=user_id)
        work.commit()
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert [s["status"] for s in sandbox.state()["subscription"]] == ["canceled"]


def _price(sandbox: Sandbox, key: str) -> str:
    return next(p["id"] for p in sandbox.state()["price"] if p["lookup_key"] == key)
