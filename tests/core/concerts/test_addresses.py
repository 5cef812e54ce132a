"""A home stays private: who is told where it is, when, and that it is on record."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, seat
from tests.factories.profiles import SECRET_STREET
from tourpad.core.actors import person
from tourpad.core.concerts.service import calling_off
from tourpad.core.hosts.errors import ShowsAhead
from tourpad.core.ids import new_id
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

HOUR = timedelta(hours=1)


def street(work: "Work", concert_id: UUID, user_id: UUID, role: str = "fan") -> str | None:
    from tourpad.core.concerts import service

    as_them = replace(work, actor=person(user_id, role))
    address = service.address_for(as_them, concert_id=concert_id, user_id=user_id)
    return address.street if address else None


def looks(work: "Work", host_id: UUID) -> list[str]:
    from tourpad.core.hosts import queries

    return [look.reason for look in queries.looks(work, host_id=host_id, page=1, limit=99)[0]]


def test_who_learns_it_and_when(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work, address=True)
    concert = make_concert(work, pair, capacity=3)
    sure, unpaid, waiting = seat(work, concert), ask(work, concert, 2), ask(work, concert, 1)
    people = {
        "host": (pair.host_user, "host"),
        "artist": (pair.artist_user, "artist"),
        "sure": (fan_of(work, sure), "fan"),
        "unpaid": (fan_of(work, unpaid), "fan"),
        "waiting": (fan_of(work, waiting), "fan"),
        "fan": (make_fan(work), "fan"),
        "other artist": (make_pair(work).artist_user, "artist"),
        "nobody": (new_id(), "fan"),
    }

    def who_knows() -> list[str]:
        return [n for n, (user_id, role) in people.items() if street(work, concert.id, user_id, role) == SECRET_STREET]

    assert who_knows() == ["host", "artist"]
    assert looks(work, pair.host_id) == ["artist of a confirmed booking"]
    clock.set(concert.starts_at - 48 * HOUR - timedelta(seconds=1))
    assert who_knows() == ["host", "artist"]
    clock.set(concert.starts_at - 48 * HOUR)
    assert who_knows() == ["host", "artist", "sure"]
    assert looks(work, pair.host_id)[0] == "approved guest"
    clock.set(concert.ends_at + 24 * HOUR)
    assert who_knows() == ["host", "artist"]
    clock.set(concert.ends_at + 7 * 24 * HOUR)
    assert who_knows() == ["host"]


def test_nobody_but_the_host_once_it_is_called_off(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair)
    sure = seat(work, concert)
    clock.set(concert.starts_at - HOUR)
    service.cancel(work, concert_id=concert.id, user_id=None)
    fan = fan_of(work, sure)
    assert [street(work, concert.id, u, r) for u, r in ((pair.artist_user, "artist"), (fan, "fan"))] == [None, None]
    assert looks(work, pair.host_id) == []


def test_a_host_without_an_address_has_none_to_show(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair)
    assert street(work, concert.id, pair.artist_user, "artist") is None


def test_a_home_with_shows_ahead_moves_around_the_corner_but_not_to_another_part_of_the_country(work: "Work") -> None:
    from tourpad.core.hosts import service as hosts

    def move(city: str, state: str, latitude: float, longitude: float, postcode: str) -> None:
        street = {"street": "1 Mesa St", "postcode": postcode, "latitude": latitude, "longitude": longitude}
        hosts.edit(work, user_id=pair.host_user, changes={"city": city, "state": state, "address": street})

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair)
    move("Delaware", "OH", 40.2987, -83.0680, "43015")  # 25 miles
    for far in (
        ("Cleveland", "OH", 41.4993, -81.6944, "44113"),  # on the same clock
        ("El Paso", "TX", 31.7619, -106.4850, "79901"),
    ):
        with pytest.raises(ShowsAhead) as refused, work.session.begin_nested():
            move(*far)
        where = f"{far[0]} {far[1]}"
        assert refused.value.message == f"{concert.title} is agreed for {concert.date}, and can't move to {where}."
        work.session.expire_all()
    calling_off.cancel(work, concert_id=concert.id, user_id=pair.host_user, reason="We move.")
    move("Chattanooga", "TN", 35.0456, -85.3097, "37402")
    make_concert(work, pair)
    with pytest.raises(ShowsAhead), work.session.begin_nested():
        move("Chattanooga", "TN", 35.0156, -85.7, "37402")  # 22 miles over the hills, where clocks show another hour


@pytest.mark.parametrize(
    ("state", "said", "way_out"),
    [
        ("pending", "What {artist} and you talk of for {day} is about this place", "respond"),
        ("countered", "What {artist} and you talk of for {day} is about this place", "respond"),
        ("approved", "The evening with {artist} on {day} is agreed", "cancel"),
    ],
)
def test_a_home_does_not_move_away_from_what_is_not_confirmed_yet(
    work: "Work", state: str, said: str, way_out: str
) -> None:
    """An artist signs for a place by asking for it: whoever accepts in Texas would hold them to it."""
    from tourpad.core.bookings import queries
    from tourpad.core.bookings import service as bookings
    from tourpad.core.hosts import service as hosts

    def move(city: str, state: str, postcode: str) -> None:
        address = {"street": "1 Mesa St", "postcode": postcode}
        hosts.edit(work, user_id=pair.host_user, changes={"city": city, "state": state, "address": address})

    pair = make_pair(work, address=True)
    booking = make_booking(work, pair, state=state)
    artist = queries.get_view(work, booking.id).sides.stage_name
    with pytest.raises(ShowsAhead) as refused, work.session.begin_nested():
        move("El Paso", "TX", "79901")
    wanted = said.format(artist=artist, day=booking.requested_date)
    assert refused.value.message == f"{wanted}, and can't move to El Paso TX."
    assert (way_out in str(refused.value.hint), refused.value.details) == (True, {"booking_id": str(booking.id)})
    work.session.expire_all()
    move("Delaware", "OH", "43015")
    bookings.cancel(work, booking_id=booking.id, user_id=pair.artist_user)
    move("El Paso", "TX", "79901")


def test_whoever_has_looked_hears_that_the_address_is_another_one_and_nobody_else(
    work: "Work", clock: "VirtualClock"
) -> None:
    from tests.factories.bookings import last_mail, told
    from tourpad.core.hosts import service as hosts

    def settle(street_name: str, **more: str) -> None:
        given = {"street": street_name, "postcode": "43215", "latitude": 39.9612, "longitude": -82.9988, **more}
        hosts.edit(work, user_id=pair.host_user, changes={"address": given})

    def heard() -> list[int]:
        return [told(work, someone).count("show_address_changed") for someone in (pair.artist_user, *fans)]

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair)
    fans = [fan_of(work, seat(work, concert)) for _ in range(3)]
    looked, gone, not_yet = fans
    clock.set(concert.starts_at - 47 * HOUR)
    assert street(work, concert.id, looked) == street(work, concert.id, gone) == SECRET_STREET
    leaves(work, concert.id, gone)
    settle("1 Mesa St")
    assert heard() == [0, 1, 0, 0]
    mail = last_mail(work, looked, "show_address_changed")
    assert "has changed the address" in mail.text_body
    assert "Mesa" not in mail.text_body + mail.html_body + mail.subject
    settle("2 Mesa St")
    assert heard() == [0, 1, 0, 0]  # they know already that they have to look again
    assert street(work, concert.id, looked) == street(work, concert.id, not_yet) == "2 Mesa St"
    settle("2 Mesa St")
    assert heard() == [0, 1, 0, 0]  # nothing reads differently
    settle("2 Mesa St", arrival_notes="By the side door.")
    assert heard() == [0, 2, 0, 1]


def leaves(work: "Work", concert_id: UUID, fan: UUID) -> None:
    from tourpad.core.concerts import service

    service.leave(work, concert_id=concert_id, user_id=fan)
