"""Seats, verb by verb."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import last_mail, make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, seat
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def code(do: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        do(*args, **more)
    return refusal.value.code


def answer(work: "Work", rsvp: "Rsvp", user_id: UUID, verdict: str = "approved") -> "Rsvp":
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service.answering import Verdict

    return service.answer(work, rsvp_id=rsvp.id, user_id=user_id, verdict=Verdict(verdict))


def leave(work: "Work", rsvp: "Rsvp") -> int:
    from tourpad.core.concerts import service

    return service.leave(work, concert_id=rsvp.concert_id, user_id=fan_of(work, rsvp)).refund.cents


def shrink(work: "Work", rsvp: "Rsvp", guests: int) -> int:
    from tourpad.core.concerts import service

    return service.shrink(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp), guests_count=guests).refund.cents


def states(*rsvps: "Rsvp") -> list[str]:
    return [rsvp.state.value for rsvp in rsvps]


def test_a_party_that_fits_is_in_and_has_two_days_to_pay(work: "Work") -> None:
    concert = make_concert(work)
    rsvp = ask(work, concert, 3)
    assert (rsvp.state, rsvp.fee_cents, rsvp.expires_at, concert.seats_taken) == (
        "approved",
        4_500,
        work.now + 48 * HOUR,
        3,
    )
    assert told(work, fan_of(work, rsvp)) == ["rsvp_approved"]


def test_where_the_door_is_free_the_seats_are_certain_at_once(work: "Work") -> None:
    rsvp = ask(work, make_concert(work, door=0))
    assert (rsvp.state, rsvp.fee_cents, rsvp.expires_at) == ("approved", 0, None)


def test_where_the_host_approves_the_seats_are_kept_until_then(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, approval=True)
    rsvp = ask(work, concert, 4)
    assert (rsvp.state, rsvp.expires_at, concert.seats_taken) == ("pending", None, 4)
    assert (told(work, pair.host_user)[-1], told(work, fan_of(work, rsvp))) == ("rsvp_requested", [])
    answer(work, rsvp, pair.host_user)
    assert (rsvp.state, rsvp.expires_at, concert.seats_taken) == ("approved", work.now + 48 * HOUR, 4)
    assert answer(work, rsvp, pair.artist_user).state == "approved"
    assert told(work, fan_of(work, rsvp)) == ["rsvp_approved"]


def test_a_party_that_does_not_fit_waits_and_a_smaller_one_gets_in(work: "Work") -> None:
    concert = make_concert(work, capacity=10)
    first, large, small = ask(work, concert, 8), ask(work, concert, 3), ask(work, concert, 2)
    assert states(first, large, small) == ["approved", "waitlisted", "approved"]
    assert (concert.seats_taken, large.was_waitlisted, small.was_waitlisted) == (10, True, False)
    assert told(work, fan_of(work, large)) == ["rsvp_waitlisted"]


def test_freed_seats_are_offered_to_the_earliest_that_fits(work: "Work") -> None:
    concert = make_concert(work, capacity=10)
    leaver, _ = ask(work, concert, 3), ask(work, concert, 7)
    five, two, one, also_one = (ask(work, concert, n) for n in (5, 2, 1, 1))
    leave(work, leaver)
    assert states(leaver, five, two, one, also_one) == ["cancelled", "waitlisted", "offered", "offered", "waitlisted"]
    assert (concert.seats_taken, two.expires_at) == (10, work.now + 24 * HOUR)
    assert told(work, fan_of(work, two)) == ["rsvp_waitlisted", "seat_offered"]


def test_a_mail_names_its_deadline_on_the_clock_of_the_home(work: "Work") -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    concert = make_concert(work, capacity=3)
    leaver = ask(work, concert, 3)
    two, one = ask(work, concert, 2), ask(work, concert, 1)
    leave(work, leaver)
    mails = {m.user_id: m for m in work.session.scalars(select(Mail).where(Mail.template == "seat_offered"))}
    of_two, of_one = mails[fan_of(work, two)], mails[fan_of(work, one)]
    assert "Take them by 2 March 2026, 7:00 am EST." in of_two.text_body  # noon of UTC
    assert of_one.subject.startswith("A seat is free: ")
    assert "it is yours if you want it." in of_one.text_body


def test_an_offer_is_taken_by_asking_again(work: "Work") -> None:
    concert = make_concert(work, capacity=4)
    leaver = ask(work, concert, 4)
    waiter, other = ask(work, concert, 3), ask(work, concert, 2)
    leave(work, leaver)
    assert states(waiter, other) == ["offered", "waitlisted"]
    fan = fan_of(work, waiter)
    with pytest.raises(InvalidInputError):
        ask(work, concert, 4, fan=fan)
    assert ask(work, concert, 2, fan=fan) is waiter
    assert (waiter.state, waiter.guests_count, waiter.fee_cents, waiter.expires_at) == (
        "approved",
        2,
        3_000,
        work.now + 48 * HOUR,
    )
    assert (other.state, concert.seats_taken) == ("offered", 4)


def test_an_offer_that_is_not_taken_goes_to_the_next(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=2, door=0)
    leaver = ask(work, concert, 2)
    first, second = ask(work, concert, 2), ask(work, concert, 1)
    leave(work, leaver)
    assert states(first, second) == ["offered", "waitlisted"]
    clock.advance(24 * HOUR)
    assert code(ask, work, concert, 2, fan=fan_of(work, first)) == "offer_lapsed"
    assert seats.to_lapse(work, limit=9) == [first.id]
    assert service.lapse(work, rsvp_id=first.id)
    assert not service.lapse(work, rsvp_id=first.id)
    assert (states(first, second), concert.seats_taken) == (["lapsed", "offered"], 1)
    assert "You have not taken the 2 seats" in last_mail(work, fan_of(work, first), "rsvp_lapsed").text_body


def test_seats_that_are_not_paid_in_time_go_on(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=3)
    forgets, pays = ask(work, concert, 2), seat(work, concert, 1)
    waits = ask(work, concert, 1)
    clock.advance(48 * HOUR)
    assert seats.to_lapse(work, limit=9) == [forgets.id]
    assert service.lapse(work, rsvp_id=forgets.id)
    assert not service.lapse(work, rsvp_id=pays.id)
    assert (states(forgets, pays, waits), concert.seats_taken) == (["lapsed", "approved", "offered"], 2)
    assert "Your 2 seats were not paid in time" in last_mail(work, fan_of(work, forgets), "rsvp_lapsed").text_body


def test_what_nobody_decided_ends_when_the_show_begins(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=2, approval=True, door=0)
    pending, waiting = ask(work, concert, 2), ask(work, concert, 1)
    clock.set(concert.starts_at)
    assert sorted(seats.to_lapse(work, limit=9)) == sorted([pending.id, waiting.id])
    for rsvp in (pending, waiting):
        assert service.lapse(work, rsvp_id=rsvp.id)
    assert (states(pending, waiting), concert.seats_taken) == (["lapsed", "lapsed"], 0)
    assert "nobody had answered" in last_mail(work, fan_of(work, pending), "rsvp_lapsed").text_body
    assert "no seats came free" in last_mail(work, fan_of(work, waiting), "rsvp_lapsed").text_body


def test_a_party_that_is_declined_is_told_and_its_seats_go_on(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=2, approval=True)
    declined, waiting = ask(work, concert, 2), ask(work, concert, 2)
    answer(work, declined, pair.artist_user, "declined")
    assert (states(declined, waiting), concert.seats_taken) == (["declined", "offered"], 2)
    assert told(work, fan_of(work, declined)) == ["rsvp_declined"]
    assert code(ask, work, concert, 1, fan=fan_of(work, declined)) == "declined"
    answer(work, waiting, pair.host_user, "declined")
    assert (waiting.state, concert.seats_taken) == ("declined", 0)


def test_those_who_wait_can_be_declined_and_those_who_are_in_can_not(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=1)
    inside, waiting = ask(work, concert, 1), ask(work, concert, 1)
    assert answer(work, waiting, pair.host_user, "declined").state == "declined"
    assert code(answer, work, inside, pair.host_user, "declined") == "illegal_move"


def test_only_the_sides_of_the_concert_answer(work: "Work") -> None:
    other = make_pair(work)
    rsvp = ask(work, make_concert(work, approval=True))
    for stranger in (other.host_user, other.artist_user, fan_of(work, rsvp), new_id()):
        assert code(answer, work, rsvp, stranger) == "not_found"


def test_more_room_goes_to_those_who_wait_and_less_room_never_below_the_seats_taken(work: "Work") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=4)
    ask(work, concert, 4)
    waiting, large = ask(work, concert, 2), ask(work, concert, 4)

    def resize(to: int) -> "Concert":
        return service.edit(work, concert_id=concert.id, user_id=pair.artist_user, changes={"max_capacity": to})

    assert code(resize, 3) == "below_seats_taken"
    assert code(resize, 31) == "invalid_input"  # thirty fit at the host's
    resize(6)
    assert (states(waiting, large), concert.seats_taken) == (["offered", "waitlisted"], 6)
