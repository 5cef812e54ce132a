"""What only real transactions show: many fans who want few seats."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.core.bookings.test_races import at_once
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, seat
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

ME = operator("test")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"TOURPAD_DATABASE_POOL": "70"}


def _seats(platform: "Platform", concert_id: UUID) -> tuple[int, int, Counter[str]]:
    """The counter, the truth, and parties by state."""
    from tourpad.core.concerts.models import Concert
    from tourpad.core.concerts.queries import seats

    with platform.work(ME) as work:
        concert = work.session.get_one(Concert, concert_id)
        guests, _ = seats.guests(work, concert, page=1, limit=100)
        return (
            concert.seats_taken,
            seats.seats_truly_taken(work, concert_id),
            Counter(g.rsvp.state.value for g in guests),
        )


def _ask(platform: "Platform", concert_id: UUID, fan: UUID, guests: int = 1) -> str:
    from tourpad.core.concerts import service

    with platform.work(ME) as work:
        rsvp = service.ask(work, concert_id=concert_id, user_id=fan, guests_count=guests)
        work.commit()
        return rsvp.state.value


def test_of_sixty_at_once_ten_get_ten_seats(platform: "Platform") -> None:
    with platform.work(ME) as work:
        concert_id = make_concert(work, capacity=10).id
        fans = [make_fan(work) for _ in range(60)]
        work.commit()
    came = at_once(platform, fans, lambda p, fan: _ask(p, concert_id, fan))
    assert came == {"approved": 10, "waitlisted": 50}
    assert _seats(platform, concert_id) == (10, 10, Counter(came))


def test_one_fan_who_presses_twelve_times_has_one_request(platform: "Platform") -> None:
    with platform.work(ME) as work:
        concert_id, fan = make_concert(work).id, make_fan(work)
        work.commit()
    assert at_once(platform, range(12), lambda p, _: _ask(p, concert_id, fan)) == {
        "approved": 1,
        "already_requested": 11,
    }
    assert _seats(platform, concert_id) == (1, 1, Counter(approved=1))


def test_seats_that_come_free_while_others_ask_are_sold_once(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    with platform.work(ME) as work:
        concert = make_concert(work, capacity=12)
        concert_id = concert.id
        leaving = [fan_of(work, seat(work, concert, 2)) for _ in range(3)]
        lapsing = [ask(work, concert, 2).id for _ in range(3)]
        for n in (3, 1, 2, 2, 1):
            ask(work, concert, n)
        asking = [make_fan(work) for _ in range(10)]
        work.commit()
    clock.advance(timedelta(hours=49))

    def act(platform: "Platform", what: tuple[str, UUID]) -> str:
        kind, who = what
        if kind == "ask":
            return _ask(platform, concert_id, who)
        with platform.work(ME) as work:
            if kind == "leave":
                service.leave(work, concert_id=concert_id, user_id=who)
            else:
                service.lapse(work, rsvp_id=who)
            work.commit()
        return kind

    things = [("leave", f) for f in leaving] + [("lapse", r) for r in lapsing] + [("ask", f) for f in asking]
    came = at_once(platform, things, act)
    assert (came["leave"], came["lapse"]) == (3, 3)
    taken, truth, states = _seats(platform, concert_id)
    assert taken == truth <= 12
    assert states["cancelled"] == states["lapsed"] == 3
    assert states["offered"] >= 4
