"""Whom a fan brings: named where the host wants names, as many as the host wants."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import make_pair
from tests.factories.concerts import fan_of, make_concert, make_fan, seat
from tourpad.core.errors import InvalidInputError

if TYPE_CHECKING:
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work


def picky(work: "Work", **changes: Any) -> "Concert":
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=6)
    changes = {"asks_names": True, "max_party": 3} | changes
    return service.edit(work, concert_id=concert.id, user_id=pair.host_user, changes=changes)


def ask(work: "Work", concert: "Concert", guests: int, *names: str) -> "Rsvp":
    from tourpad.core.concerts import service

    return service.ask(work, concert_id=concert.id, user_id=make_fan(work), guests_count=guests, companions=list(names))


def test_a_host_who_wants_names_gets_all_of_them(work: "Work") -> None:
    concert = picky(work)
    for guests, names in [(2, ()), (3, ("Ada",)), (1, ("Ada",)), (2, (" ",)), (2, ("x" * 101,)), (2, ("a\x00b",))]:
        with pytest.raises(InvalidInputError, match="companions"):
            ask(work, concert, guests, *names)
    assert ask(work, concert, 3, " Ada  Berg ", "Ben").companions == ["Ada Berg", "Ben"]
    assert ask(work, concert, 1).companions == []


def test_a_host_says_how_large_a_party_may_be(work: "Work") -> None:
    with pytest.raises(InvalidInputError, match="between 1 and 3"):
        ask(work, picky(work), 4, "Ada", "Ben", "Cleo")


def test_names_are_welcome_where_nobody_asks_for_them(work: "Work") -> None:
    concert = picky(work, asks_names=False)
    assert [ask(work, concert, 3, *names).companions for names in ((), ("Ada",))] == [[], ["Ada"]]
    with pytest.raises(InvalidInputError, match="companions"):
        ask(work, concert, 2, "Ada", "Ben")


def test_a_smaller_party_says_who_still_comes(work: "Work") -> None:
    from tourpad.core.concerts import service

    concert = picky(work)
    rsvp = ask(work, concert, 3, "Ada", "Ben")
    fan = fan_of(work, rsvp)
    service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=3, companions=["Ada", "Cleo"])
    assert rsvp.companions == ["Ada", "Cleo"]
    service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=2, companions=["Cleo"])
    assert (rsvp.companions, rsvp.guests_count) == (["Cleo"], 2)
    service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=1)
    assert rsvp.companions == []


def test_who_waited_comes_as_it_was_asked_for(work: "Work") -> None:
    from tourpad.core.concerts import service

    concert = picky(work)
    rest = seat(work, picky(work, asks_names=False))
    assert rest.companions == []
    first = ask(work, concert, 3, "Ada", "Ben")
    second = ask(work, concert, 3, "Cleo", "Dan")
    waits = ask(work, concert, 3, "Eve", "Finn")
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, first))
    assert (waits.state, second.state) == ("offered", "approved")
    service.ask(work, concert_id=concert.id, user_id=fan_of(work, waits), guests_count=2)
    assert (waits.state, waits.companions) == ("approved", ["Eve"])
