from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import in_days, make_booking, make_pair, make_request, told
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _respond(
    work: "Work",
    booking: "Booking",
    user_id: UUID,
    status: str | None = "approved",
    response: str | None = None,
    **counter: Any,
) -> "Booking":
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    return service.respond(
        work,
        booking_id=booking.id,
        user_id=user_id,
        status=Answer(status) if status else None,
        response=response,
        counter=counter or None,
    )


def _code(work: "Work", *args: Any, **more: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        _respond(work, *args, **more)
    return refusal.value.code


def test_a_yes_freezes_the_offer_and_asks_the_host_to_pay(work: "Work") -> None:
    from tourpad.core.bookings import queries

    pair = make_pair(work)
    booking = _respond(work, make_request(work, pair), pair.host_user, response="Delighted.")
    assert (booking.state, booking.turn, booking.host_response) == ("approved", None, "Delighted.")
    assert booking.respond_by == work.now + timedelta(hours=72)
    assert queries.present_offer(work, booking).accepted_at == work.now
    assert told(work, pair.host_user)[-1] == "booking_approved_pay_fee"
    assert told(work, pair.artist_user) == ["booking_approved"]


def test_a_yes_to_a_show_without_a_fee_asks_to_confirm(work: "Work") -> None:
    pair = make_pair(work)
    _respond(work, make_request(work, pair, fee=0), pair.host_user)
    assert told(work, pair.host_user)[-1] == "booking_approved_confirm"


def test_a_no_is_the_end(work: "Work") -> None:
    pair = make_pair(work)
    booking = _respond(work, make_request(work, pair), pair.host_user, "rejected", "We are away.")
    assert (booking.state, booking.turn, booking.respond_by) == ("rejected", None, None)
    assert told(work, pair.artist_user) == ["booking_rejected"]
    assert _code(work, booking, pair.host_user) == "not_your_turn"


def test_offers_go_back_and_forth_and_each_is_kept(work: "Work") -> None:
    from tourpad.core.bookings import queries

    pair = make_pair(work)
    booking = make_request(work, pair, fee=20_000)
    _respond(work, booking, pair.host_user, "rejected", "Earlier?", time=time(18), artist_fee_cents=15_000)
    assert (booking.state, booking.turn, booking.requested_time, booking.artist_fee_cents) == (
        "countered",
        "artist",
        time(18),
        15_000,
    )
    later = in_days(work, 41)
    _respond(work, booking, pair.artist_user, None, None, date=later)
    assert (booking.turn, booking.requested_date, booking.artist_fee_cents) == ("host", later, 15_000)
    _respond(work, booking, pair.host_user)
    offers = queries.offers(work, booking.id)
    assert [(o.number, o.made_by, o.artist_fee_cents, o.accepted_at is not None) for o in offers] == [
        (1, "artist", 20_000, False),
        (2, "host", 15_000, False),
        (3, "artist", 15_000, True),
    ]
    assert booking.state == "approved"
    assert told(work, pair.artist_user) == ["booking_countered", "booking_approved"]
    assert told(work, pair.host_user) == ["booking_requested", "booking_countered", "booking_approved_pay_fee"]


def test_only_the_side_whose_turn_it_is_answers(work: "Work") -> None:
    pair, others = make_pair(work), make_pair(work)
    booking = make_request(work, pair)
    assert _code(work, booking, pair.artist_user) == "not_your_turn"
    for stranger in (others.artist_user, others.host_user, new_id()):
        assert _code(work, booking, stranger) == "not_found"


@pytest.mark.parametrize(
    ("counter", "field"),
    [
        ({"time": time(19, 30)}, "counter_offer"),
        ({"artist_fee_cents": 10}, "counter_offer.artist_fee_cents"),
        ({"duration": 481}, "counter_offer.duration"),
    ],
)
def test_a_counter_offer_that_can_t_be_is_named(work: "Work", counter: dict[str, Any], field: str) -> None:
    pair = make_pair(work)
    booking = make_request(work, pair)
    with pytest.raises(TourPadError) as refusal:
        _respond(work, booking, pair.host_user, **counter)
    assert [e.field for e in refusal.value.errors] == [field]  # type: ignore[attr-defined]
    work.session.refresh(booking)
    assert (booking.state, booking.offer_number) == ("pending", 1)


def test_a_counter_offer_for_a_date_that_is_taken_or_asked_for_is_refused(work: "Work") -> None:
    pair = make_pair(work)
    taken = make_booking(work, pair, day=in_days(work, 50)).requested_date
    asked = make_request(work, pair, day=in_days(work, 51)).requested_date
    booking = make_request(work, pair)
    assert _code(work, booking, pair.host_user, date=taken) == "date_taken"
    assert _code(work, booking, pair.host_user, date=asked) == "already_requested"


def test_a_yes_comes_too_late_when_another_show_got_the_date(work: "Work") -> None:
    from dataclasses import replace

    pair = make_pair(work)
    late = make_request(work, pair)
    make_booking(work, replace(make_pair(work), host_id=pair.host_id, host_user=pair.host_user))
    assert _code(work, late, pair.host_user) == "date_taken"


def test_neither_yes_nor_no_nor_other_terms_is_no_answer(work: "Work") -> None:
    pair = make_pair(work)
    assert _code(work, make_request(work, pair), pair.host_user, None) == "invalid_input"


def test_a_yes_after_the_date_is_refused(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    booking = make_request(work, pair, day=in_days(work, 2))
    clock.advance(timedelta(days=3))
    assert _code(work, booking, pair.host_user) == "not_your_turn"
