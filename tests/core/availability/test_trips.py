"""Trips: planned by artists, seen and heard of by hosts near them, and by nobody else."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import told
from tests.factories.profiles import make_artist, make_host
from tourpad.core.actors import operator
from tourpad.core.availability import procedures, rules, service
from tourpad.core.availability.errors import TooManyTrips, TripOver
from tourpad.core.availability.queries import trips as queries
from tourpad.core.availability.queries.trips import TripFilter
from tourpad.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.hosts.models import Host
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")
MAY_3, MAY_9 = date(2026, 5, 3), date(2026, 5, 9)


def plan(work: "Work", user_id: UUID, **values: Any) -> UUID:
    values = {"state": "Ohio", "starts_on": MAY_3, "ends_on": MAY_9} | values
    return service.plan(work, user_id=user_id, values=values).id


def seen(work: "Work", host: "Host", **wanted: Any) -> list[UUID]:
    views, total = queries.near(work, host, TripFilter(**wanted), since=service.since(work), page=1, limit=50)
    assert total == len(views)
    return [view.trip.id for view in views]


def test_a_trip_to_a_state_is_seen_in_it_and_one_around_a_town_as_far_as_it_reaches(work: "Work") -> None:
    artist = make_artist(work).user_id
    columbus = make_host(work, address=True)
    cincinnati = make_host(work, city="Cincinnati", state="OH")
    indianapolis = make_host(work, city="Indianapolis", state="IN")
    ohio = plan(work, artist)
    dayton = plan(work, artist, city="Dayton", state="OH", radius_miles=60, starts_on=date(2026, 5, 4))
    wide = plan(work, artist, city="Dayton OH", state=None, radius_miles=110, starts_on=date(2026, 5, 5))
    assert seen(work, columbus) == [ohio, wide]
    assert seen(work, cincinnati) == [ohio, dayton, wide]
    assert seen(work, indianapolis) == [wide]
    for trip, host, found in ((dayton, columbus, False), (wide, columbus, True), (ohio, indianapolis, False)):
        if found:
            assert queries.get_near(work, host, trip, since=service.since(work)).trip.id == trip
        else:
            with pytest.raises(NotFoundError):
                queries.get_near(work, host, trip, since=service.since(work))


def test_near_is_reckoned_from_the_public_point(work: "Work") -> None:
    """A radius that ends between the home and its public point tells nothing of the home."""
    from tests.factories.profiles import SECRET_POINT
    from tourpad.core.places import Point, distance_miles, find_town

    host = make_host(work, address=True)
    town = find_town("Dayton OH")
    assert town is not None
    assert host.public_latitude is not None
    assert host.public_longitude is not None
    public = distance_miles(town, Point(host.public_latitude, host.public_longitude))
    home = distance_miles(town, Point(*SECRET_POINT))
    artist = make_artist(work).user_id
    for radius in range(int(min(public, home)) - 1, int(max(public, home)) + 3):
        trip = plan(work, artist, city="Dayton", state="OH", radius_miles=radius)
        assert (trip in seen(work, host)) == (public <= radius), (public, home, radius)


def test_what_is_called_off_over_or_of_somebody_who_is_not_listed_is_not_seen(
    work: "Work", clock: "VirtualClock"
) -> None:
    host, artist, hidden = make_host(work), make_artist(work), make_artist(work, standing="approved")
    off, on = plan(work, artist.user_id), plan(work, artist.user_id, note="Duo with a cello.")
    plan(work, hidden.user_id)
    service.call_off(work, user_id=artist.user_id, trip_id=off)
    assert seen(work, host) == [on]
    for verb in (lambda: service.call_off(work, user_id=artist.user_id, trip_id=off),
                 lambda: service.change(work, user_id=artist.user_id, trip_id=off, changes={"note": "x"})):  # fmt: skip
        with pytest.raises(TripOver):
            verb()
    clock.advance(timedelta(days=100))
    assert seen(work, host) == []
    with pytest.raises(TripOver):
        service.change(work, user_id=artist.user_id, trip_id=on, changes={"note": "x"})


def test_filters(work: "Work") -> None:
    host = make_host(work)
    folk, jazz = make_artist(work).user_id, make_artist(work, genres=["jazz"]).user_id
    early, late = plan(work, folk), plan(work, jazz, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2))
    assert seen(work, host) == [early, late]
    assert seen(work, host, genres=("jazz", "blues")) == [late]
    assert seen(work, host, from_date=MAY_9) == [early, late]
    assert seen(work, host, from_date=date(2026, 5, 10)) == [late]
    assert seen(work, host, to_date=date(2026, 5, 31)) == [early]


def test_changes_keep_what_is_not_mentioned(work: "Work") -> None:
    artist = make_artist(work).user_id
    trip_id = plan(work, artist, city="Dayton", state="OH", radius_miles=60, note="Duo")

    def change(**changes: Any) -> tuple[Any, ...]:
        trip = service.change(work, user_id=artist, trip_id=trip_id, changes=changes)
        return trip.state, trip.city, trip.radius_miles, trip.ends_on, trip.note

    assert change(ends_on=date(2026, 5, 12)) == ("OH", "Dayton", 60, date(2026, 5, 12), "Duo")
    assert change(note=None, radius_miles=80) == ("OH", "Dayton", 80, date(2026, 5, 12), None)
    assert change(state="Michigan") == ("MI", None, None, date(2026, 5, 12), None)
    with pytest.raises(NotFoundError):
        service.change(work, user_id=make_artist(work).user_id, trip_id=trip_id, changes={"note": "mine"})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"state": None}, "state"),
        ({"state": "Ontario"}, "state"),
        ({"city": "Atlantis", "state": "OH"}, "city"),
        ({"radius_miles": 20}, "radius_miles"),
        ({"city": "Dayton", "radius_miles": 2}, "radius_miles"),
        ({"city": "Dayton", "radius_miles": 2000}, "radius_miles"),
        ({"ends_on": date(2026, 5, 2)}, "ends_on"),
        ({"starts_on": date(2026, 2, 1), "ends_on": date(2026, 2, 2)}, "ends_on"),
        ({"ends_on": date(2026, 9, 9)}, "ends_on"),
        ({"starts_on": date(2029, 5, 2), "ends_on": date(2029, 5, 2)}, "starts_on"),
        ({"note": "x" * 1001}, "note"),
        ({"starts_on": None}, "starts_on"),
        ({"price": 3}, "price"),
    ],
)
def test_what_is_no_trip(work: "Work", values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        plan(work, make_artist(work).user_id, **values)
    assert [error.field for error in refusal.value.errors] == [field]


def test_nobody_plans_without_end(work: "Work") -> None:
    artist = make_artist(work).user_id
    trips = [plan(work, artist) for _ in range(rules.MOST_TRIPS)]
    with pytest.raises(TooManyTrips):
        plan(work, artist)
    service.call_off(work, user_id=artist, trip_id=trips[0])
    assert plan(work, artist)


def test_days_on_which_both_are_free(work: "Work") -> None:
    artist, host = make_artist(work), make_host(work)
    plan(work, artist.user_id)
    views, _ = queries.near(work, host, TripFilter(), since=service.since(work), page=1, limit=1)
    sundays = {"kind": "blocked", "repeats": "weekly", "weekdays": ["su"]}
    service.set_calendar(
        work, user_id=host.user_id, open_dates=[MAY_9], blocked_dates=[date(2026, 5, 4)], patterns=[sundays]
    )
    service.set_calendar(work, user_id=artist.user_id, open_dates=[], blocked_dates=[date(2026, 5, 5)])
    taken = {artist.user_id: {date(2026, 5, 8)}}
    free = service.free_dates(work, views, host_user_id=host.user_id, booked=taken)
    assert [day.day for day in free[views[0].trip.id]] == [6, 7, 9]


def test_hosts_near_are_told_once_in_one_mail_and_only_where_a_day_is_free(
    platform: "Platform", clock: "VirtualClock"
) -> None:
    with platform.work(ACTOR) as work:
        host, far, busy = make_host(work), make_host(work, city="Tulsa", state="OK"), make_host(work)
        hidden = make_host(work, listed=False)
        artist, other = make_artist(work, stage_name="Juniper Vale"), make_artist(work, stage_name="Cleo and the Jar")
        everyone = [h.user_id for h in (host, far, busy, hidden)]
        may = [MAY_3 + timedelta(days=n) for n in range(40)]
        service.set_calendar(work, user_id=busy.user_id, open_dates=[], blocked_dates=may)
        plan(work, artist.user_id)
        plan(work, other.user_id, city="Columbus", state="OH", starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 1))
        work.commit()

    def mails() -> list[list[str]]:
        with platform.work(ACTOR) as work:
            return [told(work, user_id) for user_id in everyone]

    assert procedures.tell_trips(platform, ACTOR) == {"hosts": 1, "trips": 2}
    assert mails() == [["trips_near"], [], [], []]
    with platform.work(ACTOR) as work:
        from sqlalchemy import text

        mail = str(work.session.execute(text("SELECT m::text FROM mails m WHERE template = 'trips_near'")).scalar())
        service.set_calendar(work, user_id=busy.user_id, open_dates=[], blocked_dates=[])
        work.commit()
    for part in (
        "2 artists are coming near you",
        "Juniper Vale (folk): Ohio, Sunday 3 May 2026",
        "within 50 miles of Columbus OH",
    ):
        assert part in mail
    clock.advance(timedelta(days=1))
    assert procedures.tell_trips(platform, ACTOR) == {"hosts": 1, "trips": 2}
    assert mails() == [["trips_near"], [], ["trips_near"], []]
    assert procedures.tell_trips(platform, ACTOR) == {"hosts": 0, "trips": 0}


def test_whoever_wants_no_such_mail_gets_none(work: "Work") -> None:
    from tourpad.core.notifications.service import set_preferences
    from tourpad.core.notifications.states import Category, Channel

    host, artist = make_host(work), make_artist(work)
    set_preferences(work, user_id=host.user_id, wanted={(Category.TRIP, Channel.EMAIL): False})
    assert service.tell_host(work, host_id=host.id, trip_ids=[plan(work, artist.user_id)]) == 1
    assert told(work, host.user_id) == []


def test_an_invitation_fits_a_trip_or_not(work: "Work") -> None:
    host, far, artist, other = (
        make_host(work),
        make_host(work, city="Tulsa", state="OK"),
        make_artist(work),
        make_artist(work),
    )
    trip = plan(work, artist.user_id)

    def fits(host: "Host" = host, artist_id: UUID = artist.id, day: date = MAY_3) -> bool:
        return queries.passes_near(work, trip_id=trip, artist_id=artist_id, host=host, day=day)

    assert fits()
    assert fits(day=MAY_9)
    assert [fits(host=far), fits(artist_id=other.id), fits(day=date(2026, 5, 10))] == [False, False, False]
    service.call_off(work, user_id=artist.user_id, trip_id=trip)
    assert not fits()
