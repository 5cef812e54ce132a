"""Faults of seats that other platforms had; each is a test that it is not ours."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.bookings import make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door, seat
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def test_a_guest_and_then_the_whole_show_are_cancelled_and_no_seat_is_counted_twice(work: "Work") -> None:
    """Elsewhere: cancelling a guest and then the order gave −1 of 1."""
    from tourpad.core.concerts import service

    concert = make_concert(work, capacity=2)
    gone, stays = seat(work, concert), seat(work, concert)
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, gone))
    service.cancel(work, concert_id=concert.id, user_id=None)
    for rsvp in (gone, stays, gone, stays):
        service.call_off(work, rsvp_id=rsvp.id)
    assert (concert.seats_taken, gone.state, stays.state) == (0, "cancelled", "cancelled")


def test_requests_that_wait_for_an_answer_count(work: "Work") -> None:
    """Elsewhere: pending requests were ignored by limits, and all of them approved."""
    concert = make_concert(work, capacity=2, approval=True)
    states = [ask(work, concert).state for _ in range(4)]
    assert states == ["pending", "pending", "waitlisted", "waitlisted"]


def test_who_has_left_comes_back_at_the_end_of_the_line(work: "Work", clock: "VirtualClock") -> None:
    """Elsewhere: a cancelled guest's place was revived and blocked the queue."""
    from tourpad.core.concerts import service

    concert = make_concert(work, capacity=2)
    first, second = seat(work, concert), seat(work, concert)
    left = fan_of(work, first)
    waits = ask(work, concert)
    service.leave(work, concert_id=concert.id, user_id=left)
    assert waits.state == "offered"
    clock.advance(timedelta(minutes=1))
    again = ask(work, concert, fan=left)
    assert (again.id != first.id, again.state, first.state) == (True, "waitlisted", "cancelled")
    pay_door(work, first)  # late news of the old seats
    assert (first.state, concert.seats_taken) == ("cancelled", 2)
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, waits))
    assert again.state == "offered"
    assert second.state == "approved"


def test_a_large_party_at_the_head_of_the_line_blocks_nobody(work: "Work") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work, capacity=4)
    leaving, _ = seat(work, concert), seat(work, concert, 3)
    large, small = ask(work, concert, 4), ask(work, concert)
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, leaving))
    assert (large.state, small.state) == ("waitlisted", "offered")


def test_the_line_is_told_as_it_is(work: "Work") -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    concert = make_concert(work, capacity=1)
    seat(work, concert)
    texts: list[str] = []
    for _ in range(3):
        fan = make_fan(work)
        ask(work, concert, fan=fan)
        assert told(work, fan) == ["rsvp_waitlisted"]
        texts.append(work.session.scalars(select(Mail.text_body).where(Mail.user_id == fan)).one())
    for text, said in zip(texts, ("first in line", "1 party waits before", "2 parties wait before"), strict=True):
        assert said in text


def test_a_ticket_dies_with_its_seats_and_new_seats_have_a_new_one(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair)
    old = seat(work, concert)
    fan = fan_of(work, old)
    ticket = service.ticket(work, rsvp_id=old.id, user_id=fan)
    service.leave(work, concert_id=concert.id, user_id=fan)
    new = seat(work, concert, fan=fan)
    clock.set(concert.starts_at - timedelta(hours=1))
    with pytest.raises(TourPadError, match="no certain seats"):
        service.check_in(work, concert_id=concert.id, user_id=pair.host_user, token=ticket.token)
    fresh = service.ticket(work, rsvp_id=new.id, user_id=fan).token
    came = service.check_in(work, concert_id=concert.id, user_id=pair.host_user, token=fresh)
    assert (came.guests, old.arrived_count) == (1, 0)
