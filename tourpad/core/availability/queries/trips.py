"""Artists' trips: their own, those that pass near a host, and whom to tell."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from tourpad.core.artists import queries as artists
from tourpad.core.artists.models import Artist
from tourpad.core.availability.models import Trip, TripNotice
from tourpad.core.availability.rules import RADIUS_MILES
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts import queries as hosts
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from, within
from tourpad.core.values import Value
from tourpad.core.work import Work


class TripView(Value):
    """A trip and whose it is."""

    trip: Trip
    artist_user_id: UUID
    stage_name: str
    genres: list[str]
    min_guarantee_cents: int | None


class TripFilter(Value):
    """What a host looks for; nothing given means all trips that pass near."""

    from_date: date | None = None
    to_date: date | None = None
    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""


def get(work: Work, trip_id: UUID) -> Trip:
    """One trip, whatever became of it.

    Raises:
        NotFoundError: none by that id.
    """
    trip = work.session.get(Trip, trip_id)
    if trip is None:
        raise unknown()
    return trip


def get_own(work: Work, *, trip_id: UUID, user_id: UUID) -> Trip:
    """One of an artist's own trips, locked: two edits at once lose nothing.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    trip = work.session.scalar(
        select(Trip)
        .join(Artist, Artist.id == Trip.artist_id)
        .where(Trip.id == trip_id, Artist.user_id == user_id)
        .with_for_update(of=Trip)
        .execution_options(populate_existing=True)
    )
    if trip is None:
        raise unknown()
    return trip


def of_artist(work: Work, user_id: UUID, *, since: date) -> list[TripView]:
    """An artist's own trips that are not over and not called off, the next one first."""
    return _many(
        work,
        _views()
        .where(Artist.user_id == user_id, Trip.ends_on >= since, Trip.cancelled_at.is_(None))
        .order_by(Trip.starts_on, Trip.id),
    )


def near(
    work: Work, host: Host, wanted: TripFilter, *, since: date, page: int, limit: int
) -> tuple[list[TripView], int]:
    """One page of the trips of listed artists that pass near a host, the next first, and how many in all. Two queries.

    Near is reckoned from the host's public point.
    """
    matches = [*_open(since), artists.LISTED, _passes(host)]
    if wanted.from_date is not None:
        matches.append(Trip.ends_on >= wanted.from_date)
    if wanted.to_date is not None:
        matches.append(Trip.starts_on <= wanted.to_date)
    if wanted.genres:
        matches.append(Artist.genres.overlap(list(wanted.genres)))
    counted = (
        select(func.count())
        .select_from(Trip)
        .join(Artist, Artist.id == Trip.artist_id)
        .join(User, User.id == Artist.user_id)
    )
    total = work.session.scalar(counted.where(*matches)) or 0
    views = _many(
        work,
        _views().where(*matches).order_by(Trip.starts_on, Trip.id).offset((page - 1) * limit).limit(limit),
    )
    return views, total


def get_near(work: Work, host: Host, trip_id: UUID, *, since: date) -> TripView:
    """One trip that passes near a host.

    Raises:
        NotFoundError: none by that id, one that is over, or one that passes elsewhere.
    """
    found = _many(work, _views().where(Trip.id == trip_id, *_open(since), artists.LISTED, _passes(host)))
    if not found:
        raise unknown()
    return found[0]


def passes_near(work: Work, *, trip_id: UUID, artist_id: UUID, host: Host, day: date) -> bool:
    """Whether an invitation by this host for that day fits the trip: its artist's, on, near, and on one of its days."""
    return bool(
        work.session.scalar(
            select(Trip.id).where(
                Trip.id == trip_id,
                Trip.artist_id == artist_id,
                Trip.cancelled_at.is_(None),
                Trip.starts_on <= day,
                Trip.ends_on >= day,
                _passes(host),
            )
        )
    )


def ahead(work: Work, *, since: date, limit: int) -> list[tuple[TripView, int]]:
    """Trips that are not over, the next first, and how many hosts were told of each."""
    told = select(func.count()).where(TripNotice.trip_id == Trip.id).correlate(Trip).scalar_subquery()
    rows = work.session.execute(
        _views().add_columns(told).where(*_open(since)).order_by(Trip.starts_on, Trip.id).limit(limit)
    )
    return [(TripView(*row[:-1]), row[-1]) for row in rows]


def to_tell_of(work: Work, *, since: date, limit: int) -> list[UUID]:
    """Trips of listed artists that are not over, the next first."""
    return list(
        work.session.scalars(
            select(Trip.id)
            .join(Artist, Artist.id == Trip.artist_id)
            .join(User, User.id == Artist.user_id)
            .where(*_open(since), artists.LISTED)
            .order_by(Trip.starts_on, Trip.id)
            .limit(limit)
        )
    )


def hosts_to_tell(work: Work, trip: Trip) -> list[UUID]:
    """Listed hosts near a trip who have not been told of it."""
    if trip.city is None or trip.latitude is None or trip.longitude is None or trip.radius_miles is None:
        place: ColumnElement[bool] = Host.state == trip.state
    else:
        centre = Point(trip.latitude, trip.longitude)
        place = within(centre, trip.radius_miles, Host.public_latitude, Host.public_longitude)
    told = exists().where(TripNotice.trip_id == trip.id, TripNotice.host_id == Host.id)
    return list(
        work.session.scalars(
            select(Host.id).join(User, User.id == Host.user_id).where(hosts.LISTED, place, ~told).order_by(Host.id)
        )
    )


def views_of(work: Work, trip_ids: list[UUID]) -> list[TripView]:
    """These trips, the next first."""
    return _many(work, _views().where(Trip.id.in_(trip_ids)).order_by(Trip.starts_on, Trip.id))


def count_open(work: Work, artist_id: UUID, *, since: date) -> int:
    """How many trips of an artist are not over."""
    return (
        work.session.scalar(select(func.count()).select_from(Trip).where(Trip.artist_id == artist_id, *_open(since)))
        or 0
    )


def unknown() -> NotFoundError:
    """What whoever may not see it is told, too."""
    return NotFoundError("No trip has this id.", hint="GET /api/trips lists those that pass near you.")


def _open(since: date) -> tuple[ColumnElement[bool], ...]:
    return Trip.cancelled_at.is_(None), Trip.ends_on >= since


def _passes(host: Host) -> ColumnElement[bool]:
    """Whether a trip passes near: it is to the host's state, or its circle holds the host's public point."""
    to_state = and_(Trip.city.is_(None), Trip.state == host.state)
    if host.public_latitude is None or host.public_longitude is None:
        return to_state
    point = Point(host.public_latitude, host.public_longitude)
    circle = and_(
        within(point, RADIUS_MILES[1], Trip.latitude, Trip.longitude),
        miles_from(point, Trip.latitude, Trip.longitude) <= Trip.radius_miles,
    )
    return or_(to_state, circle)


def _views() -> Select[*tuple[Any, ...]]:
    return (
        select(Trip, Artist.user_id, Artist.stage_name, Artist.genres, Artist.min_guarantee_cents)
        .join(Artist, Artist.id == Trip.artist_id)
        .join(User, User.id == Artist.user_id)
    )


def _many(work: Work, wanted: Select[*tuple[Any, ...]]) -> list[TripView]:
    return [TripView(*row) for row in work.session.execute(wanted)]
