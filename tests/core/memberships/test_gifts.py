import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from tests.factories.memberships import (
    ACTOR,
    FAILING,
    change_card,
    mails_to,
    make_joiner,
    make_member,
    membership_of,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.identity.models import User
from tourpad.core.identity.service.account import erase
from tourpad.core.identity.states import UserState
from tourpad.core.ledger.models import Line
from tourpad.core.memberships import queries
from tourpad.core.memberships.errors import GiftNotRedeemable, GiftNotRefundable, GiftUnknown, NotForRole
from tourpad.core.memberships.gifts import procedures, service
from tourpad.core.memberships.models import MembershipGift
from tourpad.core.memberships.procedures import cancel, expire_memberships
from tourpad.core.memberships.states import GiftState, MembershipState
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import PaymentState

DAYS = timedelta(days=1)
TO = "ben@friends.test"


def _give(sandbox: Sandbox, plan: str = "fan_yearly", **more: Any) -> tuple[UUID, UUID]:
    """A gift that is paid, and its giver."""
    giver = make_joiner(sandbox.platform)
    gift, payment = procedures.give(sandbox.platform, ACTOR, giver_id=giver, plan=plan, to_address=TO, **more)
    sandbox.pay(payment)
    sandbox.news()
    return gift.id, giver


def _code(sandbox: Sandbox) -> str:
    """The code of the newest mail to the receiver."""
    with sandbox.platform.work(ACTOR) as work:
        mails = work.session.scalars(select(Mail).where(Mail.to_address == TO).order_by(Mail.id.desc())).all()
    found = re.search(r"Your code: (\S+)", mails[0].text_body)
    assert found
    return found[1]


def _redeem(sandbox: Sandbox, user_id: UUID, code: str) -> MembershipGift:
    return procedures.redeem(sandbox.platform, ACTOR, user_id=user_id, code=code)


def _state(sandbox: Sandbox, gift_id: UUID) -> GiftState:
    with sandbox.platform.work(ACTOR) as work:
        return queries.gift(work, gift_id).state


def test_a_gift_is_paid_mailed_and_begins_a_membership(sandbox: Sandbox) -> None:
    gift_id, giver = _give(sandbox, message="See you at the show!")
    assert _state(sandbox, gift_id) is GiftState.PAID
    with sandbox.platform.work(ACTOR) as work:
        (payment,) = work.session.scalars(select(Payment).where(Payment.user_id == giver))
        earned = work.session.scalar(select(func.sum(Line.amount_cents)).where(Line.account == "membership_revenue"))
        (mail,) = work.session.scalars(select(Mail).where(Mail.to_address == TO))
        kept = queries.gift(work, gift_id)
    assert (payment.amount_cents, payment.state, payment.reference_type) == (
        3000,
        PaymentState.COMPLETED,
        "membership_gift",
    )
    assert earned == -3000
    assert "See you at the show!" in mail.text_body
    code = _code(sandbox)
    assert code not in str(kept.code_hash)
    friend = make_joiner(sandbox.platform)
    _redeem(sandbox, friend, f" {code.lower().replace('-', ' ')}")
    membership = membership_of(sandbox.platform, friend)
    now = sandbox.clock.now()
    assert (membership.state, membership.plan_code) == (MembershipState.ACTIVE, "fan_yearly")
    assert membership.current_period_end == now.replace(year=now.year + 1)
    assert user_state(sandbox.platform, friend) is UserState.ACTIVE
    assert templates_to(sandbox.platform, friend) == ["membership_gift", "membership_gift_redeemed"]
    assert templates_to(sandbox.platform, giver) == ["membership_gift_sent", "membership_gift_taken"]
    _redeem(sandbox, friend, code)  # a second click changes nothing
    assert membership_of(sandbox.platform, friend).current_period_end == membership.current_period_end
    with pytest.raises(GiftNotRedeemable, match="has been redeemed"):
        _redeem(sandbox, make_joiner(sandbox.platform), code)
    sandbox.advance(365 * DAYS)
    assert expire_memberships(sandbox.platform, ACTOR)["ended"] == 1
    assert user_state(sandbox.platform, friend) is UserState.APPROVED


def test_a_second_gift_prolongs_the_first_to_its_own_day(sandbox: Sandbox, clock: VirtualClock) -> None:
    clock.advance(datetime(2027, 1, 31, 9, tzinfo=UTC) - clock.now())
    friend = make_joiner(sandbox.platform)
    for expected in ("2027-02-28", "2027-03-31", "2027-04-30"):
        _give(sandbox, "fan_monthly")
        _redeem(sandbox, friend, _code(sandbox))
        end = membership_of(sandbox.platform, friend).current_period_end
        assert end
        assert f"{end:%Y-%m-%d}" == expected


def test_for_whoever_pays_already_it_pays_the_next_renewals(sandbox: Sandbox) -> None:
    friend = make_member(sandbox, "fan", "yearly")
    gift_id, _ = _give(sandbox)
    _redeem(sandbox, friend, _code(sandbox))
    assert _state(sandbox, gift_id) is GiftState.REDEEMED
    assert templates_to(sandbox.platform, friend)[1:] == ["membership_gift", "membership_gift_redeemed"]
    sandbox.advance(366 * DAYS)
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        paid = list(work.session.scalars(select(Payment.amount_cents).where(Payment.user_id == friend)))
    assert paid == [3000]
    membership = membership_of(sandbox.platform, friend)
    assert membership.state is MembershipState.ACTIVE
    assert membership.current_period_end
    assert membership.current_period_end > sandbox.clock.now() + 360 * DAYS
    assert templates_to(sandbox.platform, friend)[3:] == ["membership_renewed"]


@pytest.mark.parametrize("wait", [timedelta(minutes=2), timedelta(hours=30)])
def test_a_credit_whose_answer_got_lost_is_made_once(sandbox: Sandbox, wait: timedelta) -> None:
    friend = make_member(sandbox, "fan", "yearly")
    gift_id, _ = _give(sandbox)
    sandbox.fault(operation="POST /v1/customers/{customer}/balance_transactions", fault="drop_reply", times=10)
    assert _redeem(sandbox, friend, _code(sandbox)).state is GiftState.CREDITING
    sandbox.control("faults", method="DELETE")
    sandbox.advance(wait)
    assert procedures.look_after_gifts(sandbox.platform, ACTOR) == {"credited": 1, "lapsed": 0, "failed": 0}
    assert procedures.look_after_gifts(sandbox.platform, ACTOR)["credited"] == 0
    assert _state(sandbox, gift_id) is GiftState.REDEEMED
    assert [entry["amount"] for entry in sandbox.state()["customer_balance_transaction"]] == [-3000]


def test_two_who_redeem_one_code_at_once(sandbox: Sandbox) -> None:
    _give(sandbox)
    code = _code(sandbox)
    friends = [make_joiner(sandbox.platform) for _ in range(4)]
    got: list[UUID] = []
    gate = threading.Barrier(len(friends))

    def want(user_id: UUID) -> None:
        gate.wait()
        try:
            _redeem(sandbox, user_id, code)
        except GiftNotRedeemable:
            return
        got.append(user_id)

    threads = [threading.Thread(target=want, args=(user_id,)) for user_id in friends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    with sandbox.platform.work(ACTOR) as work:
        assert [user_id for user_id in friends if queries.of_user(work, user_id)] == got


def test_two_tabs_pay_a_gift_once(sandbox: Sandbox) -> None:
    giver = make_joiner(sandbox.platform)
    gift, first = procedures.give(sandbox.platform, ACTOR, giver_id=giver, plan="fan_monthly", to_address=TO)
    again = procedures.pay(sandbox.platform, ACTOR, gift_id=gift.id, giver_id=giver)
    assert again.stripe_payment_intent_id == first.stripe_payment_intent_id
    with pytest.raises(TourPadError):
        procedures.pay(sandbox.platform, ACTOR, gift_id=gift.id, giver_id=make_joiner(sandbox.platform))
    with sandbox.platform.work(ACTOR) as work:
        assert work.session.scalar(select(func.count()).select_from(Payment)) == 1


def test_who_can_not_redeem_it_hears_why_and_it_stays_good(sandbox: Sandbox) -> None:
    gift_id, _ = _give(sandbox)
    code = _code(sandbox)
    leaving, late = make_member(sandbox), make_member(sandbox)
    cancel(sandbox.platform, ACTOR, user_id=leaving)
    change_card(sandbox, late, FAILING)
    sandbox.advance(31 * DAYS)
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        work.session.execute(update(MembershipGift).values(redeem_until=sandbox.clock.now() + DAYS))
        work.commit()
    leaving = make_member(sandbox)
    cancel(sandbox.platform, ACTOR, user_id=leaving)
    refusals = [
        (make_joiner(sandbox.platform, "artist"), code, GiftNotRedeemable),
        (make_joiner(sandbox.platform, "host", state="active"), code, NotForRole),
        (leaving, code, GiftNotRedeemable),
        (late, code, GiftNotRedeemable),
        (make_joiner(sandbox.platform), "K7QF-2MXA-9TRW-HJ4D", GiftUnknown),
    ]
    for user_id, typed, error in refusals:
        with pytest.raises(error):
            _redeem(sandbox, user_id, typed)
    assert _state(sandbox, gift_id) is GiftState.PAID


def test_after_a_year_it_lapses_and_an_admin_gives_the_money_back(sandbox: Sandbox) -> None:
    gift_id, giver = _give(sandbox)
    code = _code(sandbox)
    sandbox.advance(365 * DAYS)
    with pytest.raises(GiftNotRedeemable, match="within a year"):
        _redeem(sandbox, make_joiner(sandbox.platform), code)
    assert procedures.look_after_gifts(sandbox.platform, ACTOR) == {"credited": 0, "lapsed": 1, "failed": 0}
    assert procedures.look_after_gifts(sandbox.platform, ACTOR)["lapsed"] == 0
    assert "You paid $30.00 for it" in mails_to(sandbox.platform, giver)["membership_gift_lapsed"]
    with sandbox.platform.work(ACTOR) as work:
        service.refund(work, gift_id=gift_id, reason="never redeemed")
        work.commit()
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()
    assert _state(sandbox, gift_id) is GiftState.REFUNDED
    with sandbox.platform.work(ACTOR) as work:
        (payment,) = work.session.scalars(select(Payment).where(Payment.user_id == giver))
        left = work.session.scalar(select(func.sum(Line.amount_cents)).where(Line.account == "membership_revenue"))
    assert (payment.state, left) == (PaymentState.REFUNDED, 0)
    with sandbox.platform.work(ACTOR) as work, pytest.raises(GiftNotRefundable):
        service.refund(work, gift_id=gift_id, reason="twice")


def test_what_was_redeemed_is_not_refunded_as_a_gift(sandbox: Sandbox) -> None:
    gift_id, _ = _give(sandbox)
    friend = make_joiner(sandbox.platform)
    _redeem(sandbox, friend, _code(sandbox))
    with sandbox.platform.work(ACTOR) as work, pytest.raises(GiftNotRefundable):
        service.refund(work, gift_id=gift_id, reason="changed their mind")
    assert user_state(sandbox.platform, friend) is UserState.ACTIVE


def test_money_taken_back_at_stripe_voids_the_code_and_a_new_code_voids_the_old(sandbox: Sandbox) -> None:
    gift_id, giver = _give(sandbox)
    old = _code(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        service.send_again(work, gift_id=gift_id)
        work.commit()
        (payment,) = work.session.scalars(select(Payment).where(Payment.user_id == giver))
    with pytest.raises(GiftUnknown):
        _redeem(sandbox, make_joiner(sandbox.platform), old)
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id}, key="by-hand")
    sandbox.news()
    assert _state(sandbox, gift_id) is GiftState.REFUNDED
    with pytest.raises(GiftNotRedeemable, match="taken back"):
        _redeem(sandbox, make_joiner(sandbox.platform), _code(sandbox))


@pytest.mark.parametrize("card", ["pm_card_createDispute", "pm_card_createDisputeInquiry"])
def test_a_gift_that_a_bank_disputes_or_asks_about_waits(sandbox: Sandbox, card: str) -> None:
    giver = make_joiner(sandbox.platform)
    _, payment = procedures.give(sandbox.platform, ACTOR, giver_id=giver, plan="fan_monthly", to_address=TO)
    sandbox.pay(payment, card)
    sandbox.news()
    with pytest.raises(GiftNotRedeemable, match="looked into"):
        _redeem(sandbox, make_joiner(sandbox.platform), _code(sandbox))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to_address": "no address"}, "recipient_email"),
        ({"plan": "host_yearly"}, "plan"),
        ({"message": "x" * 501}, "message"),
        ({"to_name": "x" * 121}, "recipient_name"),
    ],
)
def test_a_gift_that_can_not_be_given_names_the_field(sandbox: Sandbox, more: dict[str, str], field: str) -> None:
    giver = make_joiner(sandbox.platform)
    given = {"plan": "fan_yearly", "to_address": TO, **more}
    with sandbox.platform.work(ACTOR) as work, pytest.raises(InvalidInputError) as refused:
        service.give(work, giver_id=giver, **given)
    assert [fault.field for fault in refused.value.errors] == [field]


def test_whoever_redeemed_it_is_forgotten_with_their_account(sandbox: Sandbox) -> None:
    _, giver = _give(sandbox, to_name="Ben Alder", message="See you!")
    friend = make_joiner(sandbox.platform)
    _redeem(sandbox, friend, _code(sandbox))
    with sandbox.platform.work(ACTOR) as work:
        erase(work, user_id=friend)
        work.commit()
    with sandbox.platform.work(ACTOR) as work:
        (gift,) = queries.gifts_by(work, giver)
        left = work.session.scalars(select(Mail.to_address).where(Mail.to_address == TO)).all()
    assert (gift.to_address, gift.to_name, gift.message, list(left)) == ("erased@tourpad.invalid", None, None, [])


def test_nobody_gives_to_themselves(sandbox: Sandbox) -> None:
    giver = make_joiner(sandbox.platform)
    with sandbox.platform.work(ACTOR) as work:
        own = work.session.get_one(User, giver).email
        with pytest.raises(InvalidInputError, match="your own"):
            service.give(work, giver_id=giver, plan="fan_yearly", to_address=own.upper())
