"""What goes back in full and paid for now ends the membership; anything less changes nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

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
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.plan_change.procedures import change_plan
from tourpad.core.memberships.procedures import end_subscriptions
from tourpad.core.memberships.service.refunding import ends_with
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import usd
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.service import plan_refund

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
