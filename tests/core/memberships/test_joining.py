from datetime import timedelta

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
from tourpad.core.errors import InvalidInputError
from tourpad.core.gateways.stripe import StripeDeclined, StripeUncertain
from tourpad.core.identity.states import UserState
from tourpad.core.ledger.models import Line
from tourpad.core.memberships.errors import AlreadyMember, NotForRole, PaymentUnderWay
from tourpad.core.memberships.models import MembershipCheckout
from tourpad.core.memberships.procedures import open_portal
from tourpad.core.memberships.service import plans
from tourpad.core.memberships.states import CheckoutState, MembershipState
from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import PaymentKind, PaymentState

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.mark.parametrize(
    ("role", "plan", "code", "cents"),
    [
        ("artist", None, "artist_yearly", 12000),
        ("artist", "monthly", "artist_monthly", 1200),
        ("fan", "fan_yearly", "fan_yearly", 3000),
        ("fan", " Monthly ", "fan_monthly", 300),
    ],
)
def test_paying_on_the_page_lets_in(sandbox: Sandbox, role: str, plan: str | None, code: str, cents: int) -> None:
    platform = sandbox.platform
    user_id = make_joiner(platform, role)
    pay(sandbox, begin(sandbox, user_id, plan))
    assert user_state(platform, user_id) is UserState.APPROVED
    sandbox.news()
    membership = membership_of(platform, user_id)
    assert (membership.state, membership.plan_code) == (MembershipState.ACTIVE, code)
    assert membership.current_period_start == sandbox.clock.now()
    assert membership.current_period_end
    assert membership.current_period_end - sandbox.clock.now() >= timedelta(days=31 if "month" in code else 365)
    assert user_state(platform, user_id) is UserState.ACTIVE
    assert templates_to(platform, user_id) == ["membership_begun"]
    with platform.work(ACTOR) as work:
        (payment,) = work.session.scalars(select(Payment).where(Payment.user_id == user_id))
        booked = work.session.scalars(select(Line.amount_cents).where(Line.account == "membership_revenue")).all()
    assert (payment.kind, payment.state, payment.amount_cents, payment.reference_id) == (
        PaymentKind.MEMBERSHIP,
        PaymentState.COMPLETED,
        cents,
        membership.id,
    )
    assert list(booked) == [-cents]


def test_the_open_page_is_handed_out_again_and_another_plan_closes_it(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    first = begin(sandbox, user_id, "monthly")
    assert begin(sandbox, user_id, "monthly") == first
    second = begin(sandbox, user_id, "yearly")
    assert second.session_id != first.session_id
    assert sandbox.stripe.get_checkout_session(first.session_id)["status"] == "expired"
    pay(sandbox, second)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).plan_code == "fan_yearly"
    with sandbox.platform.work(ACTOR) as work:
        states = {c.plan_code: c.state for c in work.session.scalars(select(MembershipCheckout))}
    assert states == {"fan_monthly": CheckoutState.EXPIRED, "fan_yearly": CheckoutState.COMPLETED}


def test_no_page_charges_what_the_plan_does_not_say_and_members_keep_their_price(sandbox: Sandbox) -> None:
    member = make_member(sandbox)
    joiner = make_joiner(sandbox.platform)
    old = begin(sandbox, joiner, "monthly")
    with sandbox.platform.work(ACTOR) as work:
        plans.change(work, code="fan_monthly", amount_cents=450)
        work.commit()
    new = begin(sandbox, joiner, "monthly")
    assert sandbox.stripe.get_checkout_session(old.session_id)["status"] == "expired"
    assert sandbox.stripe.get_checkout_session(new.session_id)["amount_total"] == 450
    assert begin(sandbox, joiner, "monthly") == new
    pay(sandbox, new)
    sandbox.news()
    assert [membership_of(sandbox.platform, user).amount_cents for user in (member, joiner)] == [300, 450]


def test_a_page_that_ran_out_is_followed_by_a_new_one(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    first = begin(sandbox, user_id)
    sandbox.advance(timedelta(hours=25))
    second = begin(sandbox, user_id)
    assert second.session_id != first.session_id
    sandbox.news()
    assert begin(sandbox, user_id) == second


def test_a_lost_answer_is_asked_for_again_and_makes_no_second_page(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    begin(sandbox, make_joiner(sandbox.platform))  # prices are made by now
    sandbox.fault(operation="POST /v1/checkout/sessions", fault="drop_reply", times=10)
    with pytest.raises(StripeUncertain):
        begin(sandbox, user_id, "monthly")
    sandbox.control("faults", method="DELETE")
    page = begin(sandbox, user_id, "monthly")
    made = [s for s in sandbox.state()["checkout.session"] if s["client_reference_id"] == str(user_id)]
    assert [s["id"] for s in made] == [page.session_id]


def test_a_lost_page_of_another_plan_is_found_and_closed(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    begin(sandbox, make_joiner(sandbox.platform))
    sandbox.fault(operation="POST /v1/checkout/sessions", fault="drop_reply", times=10)
    with pytest.raises(StripeUncertain):
        begin(sandbox, user_id, "monthly")
    sandbox.control("faults", method="DELETE")
    page = begin(sandbox, user_id, "yearly")
    made = {
        s["id"]: s["status"] for s in sandbox.state()["checkout.session"] if s["client_reference_id"] == str(user_id)
    }
    assert made.pop(page.session_id) == "open"
    assert list(made.values()) == ["expired"]


@pytest.mark.parametrize("plan", ["monthly", "yearly"])
def test_a_page_that_was_just_paid_is_not_replaced(sandbox: Sandbox, plan: str) -> None:
    user_id = make_joiner(sandbox.platform)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    with pytest.raises(PaymentUnderWay):
        begin(sandbox, user_id, plan)
    sandbox.news()
    assert len(sandbox.state()["subscription"]) == 1
    with pytest.raises(AlreadyMember):
        begin(sandbox, user_id, plan)


def test_a_declined_card_leaves_the_page_open_and_nobody_in(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    page = begin(sandbox, user_id)
    with pytest.raises(ValueError, match="declined"):
        pay(sandbox, page, "pm_card_chargeDeclined")
    sandbox.news()
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    assert begin(sandbox, user_id) == page
    assert templates_to(sandbox.platform, user_id) == []


@pytest.mark.parametrize("role", ["host", "admin"])
def test_hosts_and_admins_need_none(sandbox: Sandbox, role: str) -> None:
    user_id = make_joiner(sandbox.platform, role, state="active")
    with pytest.raises(NotForRole):
        begin(sandbox, user_id)


@pytest.mark.parametrize("plan", ["artist_yearly", "weekly", "fan_weekly", ""])
def test_a_plan_of_another_role_or_none_is_refused(sandbox: Sandbox, plan: str) -> None:
    user_id = make_joiner(sandbox.platform)
    if plan == "":
        assert begin(sandbox, user_id, plan)
        return
    with pytest.raises(InvalidInputError, match="fan_yearly, fan_monthly"):
        begin(sandbox, user_id, plan)


def test_a_refusal_of_stripe_leaves_nothing_open(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    begin(sandbox, make_joiner(sandbox.platform))
    sandbox.fault(operation="POST /v1/checkout/sessions", fault="status", status=400, times=1)
    with pytest.raises(StripeDeclined):
        begin(sandbox, user_id)
    assert begin(sandbox, user_id).url


def test_the_portal_opens_for_whoever_has_begun(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    assert open_portal(sandbox.platform, ACTOR, user_id=user_id).startswith(sandbox.running.url)
