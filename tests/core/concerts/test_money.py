"""Fees and door fees through a real Stripe's sandbox: paid, given back, called off, too late; the books hold."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import ask, make_fan
from tests.factories.payments import ACTOR, balances, findings, fresh
from tourpad.core.actors import job_actor

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Payment

JOB = job_actor("test")


def begin_fee(sandbox: "Sandbox", booking_id: UUID, host: UUID) -> "Payment":
    from tourpad.core.bookings import service
    from tourpad.core.payments.procedures import create_intent

    with sandbox.platform.work(ACTOR) as work:
        due = service.what_is_owed(work, booking_id=booking_id, user_id=host)
    return create_intent(sandbox.platform, ACTOR, due=due, user_id=host)


def begin_door(sandbox: "Sandbox", rsvp_id: UUID, fan: UUID) -> "Payment":
    from tourpad.core.concerts import service
    from tourpad.core.payments.procedures import create_intent

    with sandbox.platform.work(ACTOR) as work:
        due = service.what_is_owed(work, rsvp_id=rsvp_id, user_id=fan)
    return create_intent(sandbox.platform, ACTOR, due=due, user_id=fan)


def pay(sandbox: "Sandbox", payment: "Payment") -> None:
    sandbox.pay(payment)
    sandbox.news()


def refunds_arrive(sandbox: "Sandbox") -> None:
    from tourpad.core.concerts.procedures import refund_cancelled
    from tourpad.core.payments.procedures import send_refunds

    refund_cancelled(sandbox.platform, JOB)
    send_refunds(sandbox.platform, JOB)
    sandbox.news()


def held(sandbox: "Sandbox") -> list[int]:
    return [cents for account, cents in balances(sandbox.platform).items() if account.startswith("held")]


def stage(sandbox: "Sandbox") -> tuple[UUID, UUID, UUID, list[tuple[UUID, UUID]]]:
    """A show whose fee is paid, and two parties of two who may pay: booking, concert, host, parties."""
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import shows

    with sandbox.platform.work(ACTOR) as work:
        pair = make_pair(work)
        booking = make_booking(work, pair, state="approved", fee=20_000)
        ids = booking.id, booking.concert_id, pair.host_user
        work.commit()
    pay(sandbox, begin_fee(sandbox, ids[0], ids[2]))
    with sandbox.platform.work(ACTOR) as work:
        service.edit(work, concert_id=ids[1], user_id=ids[2], changes={"requires_approval": False})
        concert = shows.get_view(work, ids[1]).concert
        fans = [make_fan(work) for _ in range(2)]
        parties = [(ask(work, concert, 2, fan=fan).id, fan) for fan in fans]
        work.commit()
    return *ids, parties


def test_the_fee_holds_the_date_and_a_called_off_show_gives_everything_back(sandbox: "Sandbox") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import shows

    _, concert_id, host, parties = stage(sandbox)
    payments = [begin_door(sandbox, *party) for party in parties]
    for payment in payments:
        pay(sandbox, payment)
    assert held(sandbox) == [-26_000]
    with sandbox.platform.work(ACTOR) as work:
        service.leave(work, concert_id=concert_id, user_id=parties[0][1])
        work.commit()
    refunds_arrive(sandbox)
    assert held(sandbox) == [-23_000]
    with sandbox.platform.work(ACTOR) as work:
        service.cancel(work, concert_id=concert_id, user_id=host, reason="A flood.")
        work.commit()
    refunds_arrive(sandbox)
    assert (held(sandbox), findings(sandbox.platform)) == ([], [])
    assert [fresh(sandbox.platform, p.id).state for p in payments] == ["refunded", "refunded"]
    with sandbox.platform.work(ACTOR) as work:
        assert shows.get_view(work, concert_id).concert.refunded_at is not None


def test_what_a_late_host_forfeits_stays_for_the_artist(sandbox: "Sandbox") -> None:
    from tourpad.core.concerts import service

    _, concert_id, host, parties = stage(sandbox)
    pay(sandbox, begin_door(sandbox, *parties[0]))
    sandbox.advance(timedelta(days=25))
    with sandbox.platform.work(ACTOR) as work:
        assert service.cancel(work, concert_id=concert_id, user_id=host).refund.cents == 10_000
        work.commit()
    refunds_arrive(sandbox)
    assert (held(sandbox), findings(sandbox.platform)) == ([-10_000], [])


def test_money_that_comes_after_the_seats_have_gone_on_goes_back_by_itself(sandbox: "Sandbox") -> None:
    from tourpad.core.concerts.procedures import lapse_due

    _, _, _, parties = stage(sandbox)
    payment = begin_door(sandbox, *parties[0])
    sandbox.advance(timedelta(hours=49))
    assert lapse_due(sandbox.platform, JOB) == {"lapsed": 2}
    pay(sandbox, payment)
    refunds_arrive(sandbox)
    assert (held(sandbox), fresh(sandbox.platform, payment.id).state) == ([-20_000], "refunded")
    assert findings(sandbox.platform) == []


def test_a_party_that_became_smaller_while_it_paid_pays_for_who_comes(sandbox: "Sandbox") -> None:
    from tourpad.core.concerts import service

    _, _, _, parties = stage(sandbox)
    payment = begin_door(sandbox, *parties[0])
    with sandbox.platform.work(ACTOR) as work:
        service.shrink(work, rsvp_id=parties[0][0], user_id=parties[0][1], guests_count=1)
        work.commit()
    pay(sandbox, payment)
    refunds_arrive(sandbox)
    assert (held(sandbox), fresh(sandbox.platform, payment.id).refunded_cents) == ([-21_500], 1_500)
    assert findings(sandbox.platform) == []


def test_a_fee_that_is_paid_after_the_booking_ran_out_goes_back_by_itself(sandbox: "Sandbox") -> None:
    """The card asked for 3D Secure, and the host took four days."""
    from tourpad.core.bookings import queries
    from tourpad.core.bookings.procedures import expire_due

    with sandbox.platform.work(ACTOR) as work:
        pair = make_pair(work)
        booking_id = make_booking(work, pair, state="approved", fee=20_000).id
        work.commit()
    payment = begin_fee(sandbox, booking_id, pair.host_user)
    assert sandbox.pay(payment, "pm_card_threeDSecure2Required")["status"] == "requires_action"
    sandbox.news()
    sandbox.advance(timedelta(hours=73))
    assert expire_due(sandbox.platform, JOB) == {"expired": 1}
    sandbox.control(f"payment_intents/{payment.stripe_payment_intent_id}/authenticate", {"success": True})
    sandbox.news()
    refunds_arrive(sandbox)
    assert (held(sandbox), fresh(sandbox.platform, payment.id).state) == ([], "refunded")
    with sandbox.platform.work(ACTOR) as work:
        assert queries.get_view(work, booking_id).booking.state == "expired"
    assert findings(sandbox.platform) == []


def test_a_seat_is_paid_with_the_next_card_on_the_same_payment(sandbox: "Sandbox") -> None:
    from tourpad.core.gateways.stripe import StripeDeclined
    from tourpad.core.payments import queries

    _, _, _, parties = stage(sandbox)
    payment = begin_door(sandbox, *parties[0])
    for card in ("pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds"):
        with pytest.raises(StripeDeclined):
            sandbox.pay(payment, card)
        sandbox.news()
        assert fresh(sandbox.platform, payment.id).state == "failed"
    assert begin_door(sandbox, *parties[0]).id == payment.id
    pay(sandbox, payment)
    with sandbox.platform.work(ACTOR) as work:
        rows = queries.payments_of(work, reference_type="rsvp", reference_ids=[parties[0][0]])
    assert [(row.id, row.state.value) for row in rows] == [(payment.id, "completed")]
    assert held(sandbox) == [-23_000]
    assert findings(sandbox.platform) == []
