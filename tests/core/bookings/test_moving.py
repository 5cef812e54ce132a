"""A confirmed show gets another date if both sides agree; until then nothing changes."""

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import Pair, in_days, last_mail, make_booking, make_pair, told
from tourpad.core.errors import TourPadError
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _propose(work: "Work", booking: "Booking", user_id: UUID, **changes: Any) -> None:
    from tourpad.core.bookings import service

    service.reschedule(
        work, booking_id=booking.id, user_id=user_id, changes=changes, message="The van is in the workshop."
    )


def _answer(work: "Work", booking: "Booking", user_id: UUID, status: str | None = "approved", **counter: Any) -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    service.respond(
        work,
        booking_id=booking.id,
        user_id=user_id,
        status=Answer(status) if status else None,
        response=None,
        counter=counter or None,
    )


def _code(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        call(*args, **more)
    return refusal.value.code


def test_a_proposal_is_told_against_what_is_agreed_whatever_became_of_the_one_before(work: "Work") -> None:
    from tourpad.core.bookings import queries, service
    from tourpad.core.bookings.history import compared, history
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    booking = make_booking(work, pair, at=time(19, 30))
    _propose(work, booking, pair.host_user, date=in_days(work, 50), time=time(20))
    service.withdraw(work, booking_id=booking.id, user_id=pair.host_user)
    _propose(work, booking, pair.artist_user, date=in_days(work, 50))
    # The date is what changes; that the host had thought of eight o'clock is nobody's business any more.
    assert _lines(work, pair.host_user, "booking_move_proposed") == ["date: Fri 10 Apr 2026 → Mon 20 Apr 2026"]
    service.respond(
        work, booking_id=booking.id, user_id=pair.host_user, status=Answer.REJECTED, response="My mother comes."
    )
    assert "They write: My mother comes." in last_mail(work, pair.artist_user, "booking_move_ended").text_body
    _propose(work, booking, pair.artist_user, date=in_days(work, 51))
    _answer(work, booking, pair.host_user)
    # She said nothing this time: her words about her mother were about the other date.
    agreed = history(booking, queries.offers(work, booking.id))[-1]
    assert (agreed.what, agreed.text, booking.host_response) == ("date_agreed", "Tue 21 Apr 2026", None)
    _propose(work, booking, pair.host_user, time=time(18))
    offers = queries.offers(work, booking.id)
    assert [(b.number if b else None, o.number) for b, o in compared(offers)] == [
        (None, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (4, 5),
    ]
    assert [str(said) for said in history(booking, offers)[-1].changes] == ["begins: 7:30 pm → 6:00 pm"]


def _lines(work: "Work", user_id: UUID, template: str) -> list[str]:
    return [line[2:] for line in last_mail(work, user_id, template).text_body.splitlines() if line.startswith("- ")]


def test_a_proposed_date_changes_nothing_until_it_is_accepted_and_then_everything(work: "Work") -> None:
    from tourpad.core.bookings import queries
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work)
    booking = make_booking(work, pair)
    old, new = booking.requested_date, in_days(work, 50)
    _propose(work, booking, pair.artist_user, date=new, time=time(18))
    assert (booking.state, booking.turn, booking.requested_date, booking.offer_number) == ("confirmed", "host", old, 1)
    assert queries.whose_date_is_taken(work, day=new, artist_id=booking.artist_id, host_id=booking.host_id) is None
    _answer(work, booking, pair.host_user)
    assert (booking.state, booking.turn, booking.respond_by) == ("confirmed", None, None)
    assert (booking.requested_date, booking.requested_time, booking.offer_number) == (new, time(18), 2)
    concert = work.session.get_one(Concert, booking.concert_id)
    assert (concert.date, concert.starts_at, concert.ends_at, concert.moved_count) == (
        new,
        booking.starts_at,
        booking.ends_at,
        1,
    )
    taken = [
        queries.whose_date_is_taken(work, day=day, artist_id=booking.artist_id, host_id=booking.host_id)
        for day in (old, new)
    ]
    assert taken == [None, "artist"]
    assert [(s.number, s.side) for s in queries.signatures(work, booking.id)] == [
        (1, "artist"),
        (1, "host"),
        (2, "artist"),
        (2, "host"),
    ]
    assert told(work, pair.host_user)[-2:] == ["booking_move_proposed", "booking_moved"]
    assert told(work, pair.artist_user)[-1] == "booking_moved"


def test_a_no_leaves_the_show_where_it_is(work: "Work") -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair)
    old = booking.requested_date
    _propose(work, booking, pair.host_user, date=in_days(work, 50))
    _answer(work, booking, pair.artist_user, "rejected")
    assert (booking.state, booking.turn, booking.requested_date) == ("confirmed", None, old)
    assert told(work, pair.host_user)[-1] == "booking_move_ended"
    _propose(work, booking, pair.host_user, date=in_days(work, 51))
    assert booking.turn == "artist"


def test_other_dates_go_back_and_forth(work: "Work") -> None:
    from tourpad.core.bookings import queries

    pair = make_pair(work)
    booking = make_booking(work, pair)
    _propose(work, booking, pair.artist_user, date=in_days(work, 50))
    _answer(work, booking, pair.host_user, None, date=in_days(work, 52))
    _answer(work, booking, pair.artist_user)
    assert (booking.requested_date, booking.offer_number) == (in_days(work, 52), 3)
    assert [o.state for o in queries.offers(work, booking.id)] == ["accepted", "countered", "accepted"]


def test_whoever_proposed_may_take_it_back_and_nobody_else(work: "Work") -> None:
    from tourpad.core.bookings import service

    pair, stranger = make_pair(work), make_pair(work)
    booking = make_booking(work, pair)
    _propose(work, booking, pair.artist_user, date=in_days(work, 50))
    assert _code(_propose, work, booking, pair.artist_user, date=in_days(work, 51)) == "not_your_turn"
    assert _code(_propose, work, booking, pair.host_user, date=in_days(work, 51)) == "not_your_turn"
    assert _code(service.withdraw, work, booking_id=booking.id, user_id=pair.host_user) == "not_your_turn"
    assert _code(service.withdraw, work, booking_id=booking.id, user_id=stranger.host_user) == "not_found"
    service.withdraw(work, booking_id=booking.id, user_id=pair.artist_user)
    service.withdraw(work, booking_id=booking.id, user_id=pair.artist_user)
    assert booking.turn is None
    assert told(work, pair.host_user)[-1] == "booking_move_ended"


def test_a_proposal_nobody_answers_is_reminded_of_and_ends_and_the_show_stays(
    work: "Work", clock: "VirtualClock"
) -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    booking = make_booking(work, pair)
    old = booking.requested_date
    _propose(work, booking, pair.artist_user, date=in_days(work, 60))
    clock.advance(timedelta(hours=48))
    assert queries.to_remind_of(work, limit=9) == [booking.id]
    assert service.remind(work, booking_id=booking.id)
    assert told(work, pair.host_user)[-1] == "booking_reminder"
    clock.advance(timedelta(days=5))
    assert queries.to_expire(work, limit=9) == [booking.id]
    assert service.expire(work, booking_id=booking.id)
    assert (booking.state, booking.turn, booking.requested_date) == ("confirmed", None, old)
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "booking_move_ended"


def test_a_show_that_has_begun_is_not_moved(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair)
    later = in_days(work, 50)
    clock.set(booking.starts_at)
    assert _code(_propose, work, booking, pair.artist_user, date=later) == "too_late"
    assert booking.turn is None


def test_a_proposal_does_not_outlive_the_show(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_booking(work, pair, day=in_days(work, 3))
    _propose(work, booking, pair.artist_user, date=in_days(work, 30))
    clock.set(booking.starts_at)
    assert _code(_answer, work, booking, pair.host_user) == "not_your_turn"
    assert service.expire(work, booking_id=booking.id)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"artist_fee_cents": 1_000}, "invalid_input", "artist_fee_cents"),
        ({"door_fee_cents": 1_000}, "invalid_input", "door_fee_cents"),
        ({"maximum_attendance": 12}, "invalid_input", "maximum_attendance"),
        ({"date": "same"}, "invalid_input", "date"),
        ({"date": 2}, "invalid_input", "date"),
    ],
)
def test_what_can_t_be_moved_is_named(work: "Work", changes: dict[str, Any], code: str, field: str) -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair)
    day = changes.get("date")
    if day == "same":
        changes = {"date": booking.requested_date}
    elif day is not None:
        changes = {"date": in_days(work, day)}
    with pytest.raises(TourPadError) as refusal:
        _propose(work, booking, pair.artist_user, **changes)
    assert refusal.value.code == code
    assert [e.field for e in refusal.value.errors] == [field]  # type: ignore[attr-defined]


def test_a_date_that_somebody_can_t_have_is_refused_when_it_is_proposed_and_when_it_is_accepted(work: "Work") -> None:
    from tourpad.core.availability import service as availability

    pair = make_pair(work)
    booking = make_booking(work, pair)
    taken, blocked, later = (in_days(work, days) for days in (50, 51, 52))
    others: Pair = replace(make_pair(work), host_id=pair.host_id, host_user=pair.host_user)
    make_booking(work, others, day=taken)
    availability.set_calendar(work, user_id=pair.artist_user, open_dates=[], blocked_dates=[blocked])
    assert _code(_propose, work, booking, pair.artist_user, date=taken) == "date_taken"
    assert _code(_propose, work, booking, pair.artist_user, date=blocked) == "date_blocked"
    _propose(work, booking, pair.artist_user, date=later)
    make_booking(work, replace(make_pair(work), host_id=pair.host_id, host_user=pair.host_user), day=later)
    assert _code(_answer, work, booking, pair.host_user) == "date_taken"
    work.session.refresh(booking)
    assert (booking.turn, booking.offer_number) == ("host", 1)


@pytest.mark.parametrize("state", ["pending", "approved", "rejected"])
def test_only_a_confirmed_show_moves(work: "Work", state: str) -> None:
    pair = make_pair(work)
    booking = make_booking(work, pair, state=state)
    assert _code(_propose, work, booking, pair.host_user, date=in_days(work, 50)) == "illegal_move"


def test_a_show_that_is_called_off_takes_its_proposal_along(work: "Work") -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    booking = make_booking(work, pair)
    _propose(work, booking, pair.artist_user, date=in_days(work, 50))
    service.cancel(work, booking_id=booking.id, user_id=pair.host_user)
    assert (booking.state, booking.turn) == ("cancelled", None)
    assert [o.state for o in queries.offers(work, booking.id)] == ["accepted", "withdrawn"]
