"""A booking begins from either side; after that the same rules hold for both."""

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import make_booking, make_pair, make_request, told
from tests.factories.profiles import make_artist, make_host
from tourpad.core.errors import TourPadError
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _code(work: "Work", pair: Any, **terms: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        make_request(work, pair, by="host", **terms)
    return refusal.value.code


def test_an_invitation_is_the_artist_s_turn_and_told_to_them(work: "Work") -> None:
    pair = make_pair(work)
    booking = make_request(work, pair, by="host", message="Would you play here?")
    assert (booking.state, booking.requested_by, booking.turn, booking.message) == (
        "pending",
        "host",
        "artist",
        "Would you play here?",
    )
    assert (told(work, pair.artist_user), told(work, pair.host_user)) == (["booking_invited"], [])


def test_the_invited_artist_counters_and_the_host_agrees(work: "Work") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    booking = make_request(work, pair, by="host", fee=0)
    with pytest.raises(TourPadError) as refusal:
        service.respond(work, booking_id=booking.id, user_id=pair.host_user, status=Answer.APPROVED, response=None)
    assert refusal.value.code == "not_your_turn"
    service.respond(
        work,
        booking_id=booking.id,
        user_id=pair.artist_user,
        status=None,
        response="Later?",
        counter={"time": time(20)},
    )
    assert (booking.artist_response, booking.turn) == ("Later?", "host")
    service.respond(work, booking_id=booking.id, user_id=pair.host_user, status=Answer.APPROVED, response=None)
    service.confirm(work, booking_id=booking.id, user_id=pair.artist_user)
    assert booking.state == "confirmed"
    assert told(work, pair.host_user)[:2] == ["booking_countered", "booking_approved_confirm"]


def test_an_artist_who_says_no_is_heard_by_the_host(work: "Work") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    booking = make_request(work, pair, by="host")
    service.respond(
        work, booking_id=booking.id, user_id=pair.artist_user, status=Answer.REJECTED, response="We rest that week."
    )
    assert (booking.state, told(work, pair.host_user)) == ("rejected", ["booking_rejected"])


def test_an_invitation_nobody_answers_is_reminded_of_and_ends(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_request(work, pair, by="host")
    clock.advance(timedelta(hours=48))
    assert service.remind(work, booking_id=booking.id)
    clock.advance(timedelta(days=5))
    assert service.expire(work, booking_id=booking.id)
    assert told(work, pair.artist_user) == ["booking_invited", "booking_reminder", "booking_expired"]
    assert told(work, pair.host_user) == ["booking_expired"]


def test_who_can_t_be_invited_is_not_there_and_who_is_not_let_in_invites_nobody(work: "Work") -> None:
    pair = make_pair(work)
    lapsed = make_artist(work, standing="approved")
    waiting = make_host(work, listed=False, standing="pending")
    assert _code(work, replace(pair, artist_id=lapsed.id)) == "not_found"
    assert _code(work, replace(pair, artist_id=pair.host_id)) == "not_found"
    assert _code(work, replace(pair, host_user=pair.artist_user)) == "not_found"
    assert _code(work, replace(pair, host_user=waiting.user_id)) == "not_listed"


def test_one_undecided_request_a_pair_and_date_whoever_begins(work: "Work") -> None:
    pair = make_pair(work)
    make_request(work, pair)
    assert _code(work, pair) == "already_requested"


def test_both_sides_calendars_hold_for_invitations(work: "Work") -> None:
    pair, other = make_pair(work), make_pair(work)
    day = make_booking(work, pair).requested_date
    assert _code(work, replace(other, artist_id=pair.artist_id), day=day) == "date_taken"


def test_an_invitation_may_answer_a_trip_of_that_artist_near_that_host_on_one_of_its_days(work: "Work") -> None:
    from tourpad.core.availability import service as availability

    pair, far = make_pair(work), make_pair(work)
    day = work.now.date() + timedelta(days=60)

    def trip(state: str, user: Any) -> Any:
        values = {"state": state, "starts_on": day, "ends_on": day + timedelta(days=2)}
        return availability.plan(work, user_id=user, values=values).id

    near = trip("Ohio", pair.artist_user)
    for wrong in (trip("Texas", pair.artist_user), trip("Ohio", far.artist_user), pair.host_id):
        assert _code(work, pair, day=day, trip_id=wrong) == "invalid_input"
    assert _code(work, pair, day=day + timedelta(days=3), trip_id=near) == "invalid_input"
    with pytest.raises(TourPadError):
        make_request(work, pair, day=day, trip_id=near)  # an artist names no trip when asking
    assert make_request(work, pair, by="host", day=day, trip_id=near).trip_id == near
