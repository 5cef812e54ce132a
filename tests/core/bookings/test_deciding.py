from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair, pay, told
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id
from tourpad.core.money import usd
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def test_the_payment_confirms_and_announces(work: "Work") -> None:
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work)
    booking = make_booking(work, pair, state="approved")
    pay(work, booking, pair.host_user)
    assert (booking.state, booking.respond_by, booking.confirmed_at) == ("confirmed", None, work.now)
    concert = work.session.get_one(Concert, booking.concert_id)
    assert (concert.booking_id, concert.title, concert.state) == (
        booking.id,
        "Juniper Vale at Mill Lane House, Columbus",
        "scheduled",
    )
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "booking_confirmed"


def test_nothing_is_confirmed_before_the_fee_is_paid(work: "Work") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_booking(work, pair, state="approved")
    for user_id in (pair.host_user, pair.artist_user):
        with pytest.raises(TourPadError) as refusal:
            service.confirm(work, booking_id=booking.id, user_id=user_id)
        assert (refusal.value.code, refusal.value.details["amount_cents"]) == ("fee_not_secured", 20_000)
    pay(work, booking, pair.host_user)
    for _ in range(2):
        assert service.confirm(work, booking_id=booking.id, user_id=pair.artist_user).state == "confirmed"
    with pytest.raises(TourPadError) as refusal:
        service.confirm(work, booking_id=booking.id, user_id=new_id())
    assert refusal.value.code == "not_found"


def test_what_costs_nothing_is_confirmed_by_either_side(work: "Work") -> None:
    from tourpad.core.bookings import service

    for side in ("artist_user", "host_user"):
        pair = make_pair(work)
        booking = make_booking(work, pair, state="approved", fee=0)
        service.confirm(work, booking_id=booking.id, user_id=getattr(pair, side))
        assert booking.state == "confirmed"


@pytest.mark.parametrize("state", ["pending", "countered", "rejected", "cancelled"])
def test_what_is_not_agreed_is_not_confirmed(work: "Work", state: str) -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_booking(work, pair, state=state)
    with pytest.raises(TourPadError) as refusal:
        service.confirm(work, booking_id=booking.id, user_id=pair.host_user)
    assert refusal.value.code == "illegal_move"


def test_a_lost_date_gives_the_payment_back_and_both_are_told(work: "Work") -> None:
    first, second = make_pair(work), make_pair(work)
    second = replace(second, host_id=first.host_id, host_user=first.host_user)
    loser = make_booking(work, second, state="approved")
    winner = make_booking(work, first)
    payment = pay(work, loser, first.host_user)
    assert (winner.state, loser.state) == ("confirmed", "expired")
    assert payment.refunded_cents == payment.amount_cents == 20_000
    assert told(work, second.artist_user)[-1] == "booking_expired"
    assert told(work, first.host_user)[-1] == "booking_expired"
    from tourpad.core.concerts.models import Concert

    assert work.session.get(Concert, loser.concert_id) is None


def test_whoever_lost_the_date_reads_whose_show_has_it_and_what_becomes_of_theirs(
    work: "Work", clock: "VirtualClock"
) -> None:
    from tourpad.core.bookings import service

    first, second = make_pair(work), make_pair(work)
    second = replace(second, host_id=first.host_id, host_user=first.host_user)
    loser = make_booking(work, second, state="approved", fee=0)
    make_booking(work, first)

    def refused(user_id: UUID) -> TourPadError:
        with pytest.raises(TourPadError) as refusal:
            service.confirm(work, booking_id=loser.id, user_id=user_id)
        assert refusal.value.code == "date_taken"
        return refusal.value

    for _ in range(2):  # while it is agreed, and after it has ended by itself
        assert refused(first.host_user).message == f"You already have a confirmed show on {loser.requested_date}."
        said = refused(second.artist_user)
        assert said.message == f"Mill Lane House already has a confirmed show on {loser.requested_date}."
        assert said.hint is not None
        assert "whatever was paid for it goes back" in said.hint
        clock.advance(timedelta(minutes=1))
        service.expire(work, booking_id=loser.id)
        assert loser.state == "expired"


@pytest.mark.parametrize("state", ["rejected", "cancelled", "pending"])
def test_a_payment_for_what_is_not_agreed_any_more_goes_back(work: "Work", state: str) -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair, state=state)
    payment = pay(work, booking, pair.host_user)
    assert (booking.state, payment.refunded_cents) == (state, payment.amount_cents)


def test_the_same_news_twice_changes_nothing_and_a_second_payment_goes_back(work: "Work") -> None:
    from tourpad.core.payments.events import PaymentCompleted

    pair = make_pair(work)
    booking = make_booking(work, pair, state="approved")
    payment = pay(work, booking, pair.host_user)
    work.emit(
        PaymentCompleted(
            payment_id=payment.id,
            kind=payment.kind,
            reference_type="booking",
            reference_id=booking.id,
            user_id=pair.host_user,
        )
    )
    assert payment.refunded_cents == 0
    again = pay(work, booking, pair.host_user)
    assert (booking.state, payment.refunded_cents, again.refunded_cents) == ("confirmed", 0, 20_000)


def test_a_show_is_complete_once_it_is_over(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work)
    booking = make_booking(work, pair, fee=0)
    ends_at = booking.ends_at
    clock.set(ends_at - timedelta(seconds=1))
    with pytest.raises(TourPadError) as refusal:
        service.complete(work, booking_id=booking.id, user_id=pair.host_user)
    assert refusal.value.code == "too_early"
    clock.set(ends_at)
    for user_id in (pair.host_user, pair.artist_user, None):
        assert service.complete(work, booking_id=booking.id, user_id=user_id).state == "completed"
    assert work.session.get_one(Concert, booking.concert_id).state == "completed"
    with pytest.raises(TourPadError) as refusal:
        service.complete(work, booking_id=booking.id, user_id=new_id())
    assert refusal.value.code == "not_found"


def test_what_the_host_owes(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)

    def refusal(booking: Any, user_id: UUID) -> str:
        with pytest.raises(TourPadError) as refused:
            service.what_is_owed(work, booking_id=booking.id, user_id=user_id)
        return refused.value.code

    booking = make_booking(work, pair, state="pending", fee=25_000)
    assert refusal(booking, pair.host_user) == "nothing_owed"
    booking = make_booking(
        work, replace(pair), state="approved", fee=25_000, day=booking.requested_date + timedelta(days=1)
    )
    due = service.what_is_owed(work, booking_id=booking.id, user_id=pair.host_user)
    assert (due.amount, due.reference_type, due.reference_id, due.concert_id, due.kind) == (
        usd(25_000),
        "booking",
        booking.id,
        booking.concert_id,
        "booking",
    )
    assert refusal(booking, pair.artist_user) == "forbidden"
    assert refusal(booking, new_id()) == "not_found"
    clock.advance(timedelta(hours=72))
    assert refusal(booking, pair.host_user) == "nothing_owed"
    other = make_pair(work)
    assert refusal(make_booking(work, other), other.host_user) == "already_paid"
