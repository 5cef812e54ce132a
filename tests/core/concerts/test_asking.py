"""Who may ask for seats, and how large a party may be."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.concerts.test_seats import code, leave
from tests.factories.bookings import make_pair, told
from tests.factories.concerts import ask, make_concert, make_fan
from tests.factories.profiles import make_person

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("guests", [0, 11, -1])
def test_a_party_must_fit_the_place(work: "Work", guests: int) -> None:
    assert code(ask, work, make_concert(work, capacity=10), guests) == "invalid_input"


def test_one_open_request_a_fan_and_concert(work: "Work") -> None:
    concert = make_concert(work, capacity=2)
    fan, waiter = make_fan(work), make_fan(work)
    rsvp = ask(work, concert, 2, fan=fan)
    ask(work, concert, 1, fan=waiter)
    assert code(ask, work, concert, 1, fan=fan) == "already_requested"
    assert code(ask, work, concert, 1, fan=waiter) == "already_requested"
    leave(work, rsvp)
    again = ask(work, concert, 1, fan=fan)
    assert (again.id != rsvp.id, again.state, rsvp.state) == (True, "approved", "cancelled")


def test_who_may_ask(work: "Work") -> None:
    concert = make_concert(work)
    assert code(ask, work, concert, fan=make_fan(work, state="approved")) == "forbidden"
    assert code(ask, work, concert, fan=make_person(work, "artist").id) == "forbidden"


def test_nobody_asks_once_it_has_begun_or_was_called_off(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert, cancelled = make_concert(work), make_concert(work)
    service.cancel(work, concert_id=cancelled.id, user_id=None)
    assert code(ask, work, cancelled) == "concert_closed"
    clock.set(concert.starts_at)
    assert code(ask, work, concert) == "concert_closed"


def test_a_private_concert_is_for_the_invited(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.identity import queries as people

    pair = make_pair(work)
    concert = make_concert(work, pair, private=True)
    guest, stranger = make_fan(work), make_fan(work)
    address = people.get_user(work, guest).email
    assert code(ask, work, concert, fan=guest) == "not_found"
    for _ in range(2):
        service.invite(
            work, concert_id=concert.id, user_id=pair.artist_user, emails=[address.upper(), "nobody@people.example"]
        )
    assert told(work, guest) == ["concert_invitation"]
    assert ask(work, concert, fan=guest).state == "approved"
    assert code(ask, work, concert, fan=stranger) == "not_found"
    invite = {"concert_id": concert.id, "emails": [address]}
    assert code(service.invite, work, user_id=make_pair(work).host_user, **invite) == "not_found"
    assert code(service.invite, work, user_id=pair.host_user, concert_id=concert.id, emails=[]) == "invalid_input"


def test_nobody_is_invited_to_a_show_that_has_begun(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.identity import queries as people

    pair = make_pair(work)
    concert = make_concert(work, pair, private=True)
    guest = make_fan(work)
    by_side: dict[str, Any] = {"concert_id": concert.id, "user_id": pair.host_user}
    clock.set(concert.starts_at)
    assert code(service.invite, work, emails=[people.get_user(work, guest).email], **by_side) == "concert_closed"
    assert code(service.make_invitation_link, work, **by_side) == "concert_closed"
    assert told(work, guest) == []
