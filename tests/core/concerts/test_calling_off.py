"""A show is called off: nobody pays for what does not take place, however many they are."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, pay_door, seat
from tests.factories.payouts import dispute
from tourpad.core.actors import job_actor, operator
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ME, JOB = operator("test"), job_actor("test")


def test_everybody_gets_everything_back_and_is_told_once(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import procedures, service
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.concerts.queries import seats, shows
    from tourpad.core.payments.queries import door_of

    with platform.work(ME) as work:
        pair = make_pair(work)
        concert = make_concert(work, pair, capacity=9, fee=20_000)
        concert_id = concert.id
        early = seat(work, concert, 2)
        clock.set(concert.starts_at - timedelta(days=3))
        left = service.leave(work, concert_id=concert_id, user_id=fan_of(work, early)).refund.cents
        paid, unpaid = seat(work, concert, 3), ask(work, concert, 2)
        waiting = ask(work, concert, 9)
        ids = [rsvp.id for rsvp in (early, paid, unpaid, waiting)]
        assert (left, door_of(work, concert_id).left_cents) == (1_500, 1_500 + 4_500)
        work.commit()
    with platform.work(ME) as work:
        done = service.cancel(work, concert_id=concert_id, user_id=pair.artist_user, reason="The singer is ill.")
        work.commit()
        assert done.refund.cents == 20_000
        assert shows.to_refund(work, limit=9) == [concert_id]
    assert procedures.refund_cancelled(platform, JOB) == {"guests": 4, "left": 0, "concerts": 1}
    assert procedures.refund_cancelled(platform, JOB) == {"guests": 0, "left": 0, "concerts": 0}
    with platform.work(ME) as work:
        concert = work.session.get_one(Concert, concert_id)
        assert (concert.state, concert.seats_taken, concert.refunded_at) == ("cancelled", 0, work.now)
        assert {work.session.get_one(Rsvp, i).state.value for i in ids} == {"cancelled"}
        assert door_of(work, concert_id).left_cents == 0
        for i in ids:
            assert told(work, fan_of(work, seats.get(work, i)[0])).count("concert_cancelled") == 1
        assert told(work, pair.host_user)[-1] == "booking_cancelled"
        from tourpad.core.ledger import service as ledger

        assert {a: m.cents for a, m in ledger.balances(work) if a.startswith("held")} in ({}, {f"held:{concert_id}": 0})


def test_a_run_that_is_cut_short_is_taken_up_by_the_next(platform: "Platform") -> None:
    from tourpad.core.concerts import procedures, service
    from tourpad.core.concerts.queries import refunding

    with platform.work(ME) as work:
        concert = make_concert(work, capacity=10)
        parties = [seat(work, concert).id for _ in range(5)]
        service.cancel(work, concert_id=concert.id, user_id=None)
        work.commit()
    for rsvp_id in parties[:2]:
        with platform.work(JOB) as work:
            assert service.call_off(work, rsvp_id=rsvp_id).cents == 1_500
            work.commit()
    with platform.work(JOB) as work:
        assert not service.finish_refunds(work, concert_id=concert.id)
        assert refunding.to_call_off(work, concert.id) == parties[2:]
    assert procedures.refund_cancelled(platform, JOB) == {"guests": 3, "left": 0, "concerts": 1}
    with platform.work(JOB) as work:
        assert service.call_off(work, rsvp_id=parties[0]).cents == 0


def test_a_disputed_fee_waits_for_the_bank(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import refunding
    from tourpad.core.money import usd
    from tourpad.core.payments.events import DisputeClosed
    from tourpad.core.payments.states import DisputeState, PaymentState

    concert = make_concert(work)
    rsvp = ask(work, concert)
    payment = pay_door(work, rsvp)
    payment.state = PaymentState.DISPUTED
    service.cancel(work, concert_id=concert.id, user_id=None)
    assert service.call_off(work, rsvp_id=rsvp.id).cents == 0
    assert service.finish_refunds(work, concert_id=concert.id)
    payment.state = PaymentState.COMPLETED
    row = dispute(work, payment.id)
    row.state = DisputeState.WON
    work.session.flush()
    work.emit(
        DisputeClosed(
            dispute_id=row.id,
            payment_id=payment.id,
            user_id=payment.user_id,
            outcome=DisputeState.WON,
            amount=usd(1_500),
            concert_id=concert.id,
        )
    )
    assert (concert.refunded_at, refunding.to_call_off(work, concert.id)) == (None, [rsvp.id])
    assert service.call_off(work, rsvp_id=rsvp.id).cents == 1_500
    assert service.finish_refunds(work, concert_id=concert.id)


def test_a_fee_that_a_bank_only_asks_about_goes_back_at_once(work: "Work") -> None:
    """It may ask for months, and a refund answers it."""
    from tourpad.core.concerts import service

    concert = make_concert(work)
    rsvp = ask(work, concert)
    dispute(work, pay_door(work, rsvp).id).is_inquiry = True
    service.cancel(work, concert_id=concert.id, user_id=None)

    assert service.call_off(work, rsvp_id=rsvp.id).cents == 1_500


def test_money_that_arrives_after_it_was_called_off_goes_back(work: "Work") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work)
    before, after = ask(work, concert), ask(work, concert)
    service.cancel(work, concert_id=concert.id, user_id=None)
    assert pay_door(work, before).refunded_cents == 1_500
    service.call_off(work, rsvp_id=after.id)
    assert pay_door(work, after).refunded_cents == 1_500


def test_only_its_sides_call_a_concert_off_and_only_before_it_begins(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair, other = make_pair(work), make_pair(work)
    concert = make_concert(work, pair)
    fan = fan_of(work, seat(work, concert))

    def refusal(user_id: UUID | None) -> str:
        with pytest.raises(TourPadError) as refused:
            service.cancel(work, concert_id=concert.id, user_id=user_id)
        return refused.value.code

    assert [refusal(u) for u in (other.host_user, other.artist_user, fan)] == ["not_found"] * 3
    clock.set(concert.starts_at)
    assert refusal(pair.host_user) == "too_late"
    service.cancel(work, concert_id=concert.id, user_id=None)
    assert refusal(pair.host_user) == refusal(None) == "illegal_move"
    assert concert.state == "cancelled"


def test_a_show_that_is_broken_off_is_refunded_even_to_those_who_are_in(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 2)
    clock.set(concert.starts_at)
    service.advance(work, concert_id=concert.id)
    service.check_in(work, concert_id=concert.id, rsvp_id=rsvp.id, user_id=pair.host_user)
    service.cancel(work, concert_id=concert.id, user_id=None, reason="A storm.")
    assert (service.call_off(work, rsvp_id=rsvp.id).cents, rsvp.state) == (3_000, "cancelled")
