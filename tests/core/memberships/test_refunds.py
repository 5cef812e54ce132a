"""What goes back in full and paid for now ends the membership; anything less changes nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories.memberships import (
    ACTOR,
    begin,
    mails_to,
    make_joiner,
    make_member,
    membership_of,
    pay,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.plan_change.procedures import change_plan
from tourpad.core.memberships.procedures import end_subscriptions
from tourpad.core.memberships.service import changing
from tourpad.core.memberships.service.refunding import credit_of, ends_with
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import usd
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.service import plan_refund
from tourpad.core.reconcile.procedures import reconcile

S = MembershipState


def _payments(sandbox: Sandbox, user_id: UUID) -> list[Payment]:
    with sandbox.platform.work(ACTOR) as work:
        mine = select(Payment).where(Payment.user_id == user_id).order_by(Payment.completed_at, Payment.id)
        return list(work.session.scalars(mine))


def _refund(sandbox: Sandbox, payment: Payment, cents: int) -> None:
    with sandbox.platform.work(ACTOR) as work:
        plan_refund(work, payment_id=payment.id, amount=usd(cents), reason="asked for it")
        work.commit()
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()


@pytest.mark.parametrize("by_hand", [False, True])
def test_all_of_it_back_ends_it_and_nothing_renews(sandbox: Sandbox, by_hand: bool) -> None:
    user_id = make_member(sandbox)
    (payment,) = _payments(sandbox, user_id)
    if by_hand:
        sandbox.stripe.create_refund({"charge": payment.stripe_charge_id}, key="at-the-dashboard")
        sandbox.news()
    else:
        _refund(sandbox, payment, 300)
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert sorted(templates_to(sandbox.platform, user_id)[1:]) == ["membership_ended", "payment_refunded"]
    sandbox.advance(timedelta(days=62))
    sandbox.news()
    assert [p.amount_cents for p in _payments(sandbox, user_id)] == [300]
    pay(sandbox, begin(sandbox, user_id))
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_a_part_or_an_earlier_month_back_changes_nothing(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(timedelta(days=31))
    sandbox.news()
    first, second = _payments(sandbox, user_id)
    _refund(sandbox, second, 100)
    _refund(sandbox, first, 300)
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE
    _refund(sandbox, second, 200)  # now all of it
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED


def test_what_a_change_of_plan_has_replaced_is_not_what_it_stands_on(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    sandbox.advance(timedelta(days=1))
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    sandbox.news()
    monthly, yearly = _payments(sandbox, user_id)
    with sandbox.platform.work(ACTOR) as work:
        assert ends_with(work, monthly.id) is None
        assert ends_with(work, yearly.id) is not None
    _refund(sandbox, monthly, 300)
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE
    # Back to the month: nothing is charged for it, the year's money stands as credit, and goes back with it.
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="monthly")
    sandbox.news()
    _refund(sandbox, yearly, yearly.amount_cents)
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED


def _with_credit(sandbox: Sandbox) -> tuple[UUID, Payment]:
    """Somebody who paid a year, $30.00, went down to the month, and has $27.00 of credit left."""
    user_id = make_member(sandbox, plan="yearly")
    (yearly,) = _payments(sandbox, user_id)
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="monthly")
    sandbox.news()
    assert _balance(sandbox) == -2700
    return user_id, yearly


def _balance(sandbox: Sandbox) -> int:
    (customer,) = sandbox.state()["customer"]
    return int(customer["balance"])


def _voided(sandbox: Sandbox) -> list[int]:
    entries = sandbox.state()["customer_balance_transaction"]
    return [e["amount"] for e in entries if e["metadata"].get("kind") == "credit_void"]


def test_the_credit_of_a_smaller_plan_goes_with_its_payment(sandbox: Sandbox) -> None:
    user_id, yearly = _with_credit(sandbox)
    _refund(sandbox, yearly, 1000)
    end_subscriptions(sandbox.platform, ACTOR)
    assert _balance(sandbox) == -2700  # part of it changes nothing
    _refund(sandbox, yearly, 2000)
    assert "$27.00 of credit" in mails_to(sandbox.platform, user_id)["membership_ended"]
    for _ in range(2):
        end_subscriptions(sandbox.platform, ACTOR)
    assert (_balance(sandbox), _voided(sandbox)) == (0, [2700])
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    assert [p.amount_cents for p in _payments(sandbox, user_id)] == [3000, 300]  # the next one is charged
    assert reconcile(sandbox.platform, ACTOR, whole=True).findings == ()


@pytest.mark.parametrize("wait", [timedelta(minutes=3), timedelta(hours=30)])
@pytest.mark.parametrize("fault", [{"fault": "drop_reply"}, {"fault": "status", "status": 503}])
def test_credit_is_voided_once_whatever_gets_lost(sandbox: Sandbox, fault: dict[str, Any], wait: timedelta) -> None:
    _, yearly = _with_credit(sandbox)
    _refund(sandbox, yearly, 3000)
    sandbox.fault(operation="POST /v1/customers/{customer}/balance_transactions", times=10, **fault)
    assert end_subscriptions(sandbox.platform, ACTOR)["failed"] == 1
    sandbox.control("faults", method="DELETE")
    sandbox.advance(wait)
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert (_balance(sandbox), _voided(sandbox)) == (0, [2700])


@pytest.mark.parametrize(("meanwhile", "voided", "left"), [(-300, 2700, -300), (400, 2300, 0)])
def test_a_gift_s_credit_stays_and_what_was_used_meanwhile_is_not_asked_back(
    sandbox: Sandbox, meanwhile: int, voided: int, left: int
) -> None:
    _, yearly = _with_credit(sandbox)
    _refund(sandbox, yearly, 3000)
    (customer,) = sandbox.state()["customer"]
    sandbox.stripe.create_credit(customer["id"], {"amount": meanwhile, "currency": "usd"}, key="meanwhile")
    end_subscriptions(sandbox.platform, ACTOR)
    assert (_balance(sandbox), _voided(sandbox)) == (left, [voided])


def test_credit_goes_too_where_the_membership_was_ended_before(sandbox: Sandbox) -> None:
    user_id, yearly = _with_credit(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        changing.end_now(work, membership_id=membership_of(sandbox.platform, user_id).id, reason="asked for it")
        work.commit()
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert _balance(sandbox) == -2700
    _refund(sandbox, yearly, 3000)
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert _balance(sandbox) == 0


def test_credit_of_an_older_payment_is_used_up_when_a_card_is_charged_again(sandbox: Sandbox) -> None:
    user_id, yearly = _with_credit(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        assert credit_of(work, yearly.id) == usd(2700)
    sandbox.advance(timedelta(days=31))
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        assert credit_of(work, yearly.id) == usd(2400)
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="yearly")
    sandbox.news()
    *_, later = _payments(sandbox, user_id)
    assert later.id != yearly.id
    change_plan(sandbox.platform, ACTOR, user_id=user_id, plan="monthly")
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        assert (credit_of(work, yearly.id), credit_of(work, later.id)) == (usd(0), usd(2700))
    (customer,) = sandbox.state()["customer"]
    sandbox.stripe.create_credit(customer["id"], {"amount": -1000, "currency": "usd"}, key="a-gift")
    sandbox.advance(timedelta(days=31))
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:  # $34.00 are left, of which a gift paid some
        assert credit_of(work, later.id) == usd(2700)


@pytest.mark.parametrize(("outcome", "state"), [("lost", S.EXPIRED), ("won", S.ACTIVE)])
def test_a_bank_that_takes_it_back_for_good_ends_it(sandbox: Sandbox, outcome: str, state: MembershipState) -> None:
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"), "pm_card_createDispute")
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE
    (dispute,) = sandbox.state()["dispute"]
    sandbox.control(f"disputes/{dispute['id']}/resolve", {"outcome": outcome})
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is state
