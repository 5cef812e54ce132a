from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import DAYS_AHEAD, make_booking, make_pair, told
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _cancel(work: "Work", booking: "Booking", user_id: UUID | None, reason: str | None = None) -> int:
    from tourpad.core.bookings import service

    return service.cancel(work, booking_id=booking.id, user_id=user_id, reason=reason).refund.cents


def _paid(work: "Work", booking: "Booking") -> tuple[int, int]:
    from tourpad.core.bookings import queries

    payment = queries.arrived_payment(work, booking.id)
    return (payment.amount_cents, payment.refunded_cents) if payment else (0, 0)


@pytest.mark.parametrize("state", ["pending", "countered", "approved"])
@pytest.mark.parametrize("side", ["artist", "host"])
def test_either_side_withdraws_what_is_not_confirmed(work: "Work", state: str, side: str) -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair, state=state)
    user_id, other = (pair.artist_user, pair.host_user) if side == "artist" else (pair.host_user, pair.artist_user)
    assert _cancel(work, booking, user_id, "We are ill.") == 0
    assert (booking.state, booking.cancelled_by, booking.cancel_reason, booking.turn, booking.respond_by) == (
        "cancelled",
        side,
        "We are ill.",
        None,
        None,
    )
    assert told(work, other)[-1] == "booking_cancelled"
    assert "booking_cancelled" not in told(work, user_id)


@pytest.mark.parametrize(
    ("by", "days_before", "cents"),
    [("host", 35, 20_000), ("host", 20, 10_000), ("host", 3, 0), ("artist", 3, 20_000), ("admin", 3, 20_000)],
)
def test_the_policy_is_applied_to_what_was_paid(
    work: "Work", clock: "VirtualClock", by: str, days_before: int, cents: int
) -> None:
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work)
    booking = make_booking(work, pair)
    clock.advance(timedelta(days=DAYS_AHEAD - days_before))
    user_id = {"host": pair.host_user, "artist": pair.artist_user}.get(by)
    assert _cancel(work, booking, user_id) == cents
    assert (booking.cancelled_by, _paid(work, booking) if cents < 20_000 else (20_000, cents)) == (by, (20_000, cents))
    assert work.session.get_one(Concert, booking.concert_id).state == "cancelled"


def test_the_host_is_told_what_comes_back_even_of_an_own_cancellation(work: "Work") -> None:
    pair = make_pair(work)
    _cancel(work, make_booking(work, pair), pair.host_user)
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "booking_cancelled"


def test_a_preview_says_the_same_and_changes_nothing(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_booking(work, pair)
    clock.advance(timedelta(days=20))
    seen = service.preview_cancellation(work, booking_id=booking.id, user_id=pair.host_user)
    assert (seen.by, seen.paid.cents, seen.refund.cents, booking.state) == ("host", 20_000, 10_000, "confirmed")
    assert _cancel(work, booking, pair.host_user) == 10_000


def test_strangers_can_t_cancel(work: "Work") -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair)
    with pytest.raises(TourPadError) as refusal:
        _cancel(work, booking, new_id())
    assert (refusal.value.code, booking.state) == ("not_found", "confirmed")


def test_once_it_has_begun_only_an_admin_calls_it_off(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair)
    clock.advance(timedelta(days=DAYS_AHEAD, hours=12))
    for user_id in (pair.artist_user, pair.host_user):
        with pytest.raises(TourPadError) as refusal:
            _cancel(work, booking, user_id)
        assert refusal.value.code == "too_late"
    assert _cancel(work, booking, None) == 20_000


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_what_is_over_can_t_be_cancelled(work: "Work", state: str) -> None:
    pair = make_pair(work)
    with pytest.raises(TourPadError) as refusal:
        _cancel(work, make_booking(work, pair, state=state), pair.artist_user)
    assert refusal.value.code == "illegal_move"


def test_a_cancelled_date_can_be_had_by_others(work: "Work") -> None:
    pair = make_pair(work)
    _cancel(work, make_booking(work, pair), pair.artist_user)
    assert make_booking(work, pair).state == "confirmed"
