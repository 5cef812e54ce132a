"""The table that search reads: finding concerts in it, and what its rows must be."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, exists, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY

from tourpad.core.artists.models import Artist
from tourpad.core.concerts.cells import cell_of, cells_around
from tourpad.core.concerts.genres import genre_mask, is_exact
from tourpad.core.concerts.models import Concert, ConcertSearchRow
from tourpad.core.concerts.queries.shows import ConcertView, view_of, views
from tourpad.core.concerts.states import ConcertState
from tourpad.core.hosts.models import Host
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from
from tourpad.core.work import Work


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; nothing given means every open concert. Places are compared by the public point only."""

    centre: Point | None = None
    radius_miles: float = 0
    start: date | None = None
    end: date | None = None
    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""


CELLS_UP_TO_MILES = 600
"""Wider circles have so many cells that the distance alone is quicker."""


def search(work: Work, wanted: Search, *, page: int, limit: int) -> tuple[list[ConcertView], int]:
    """One page of open concerts by date, and how many match in all. Two queries."""
    matches = _matches(wanted)
    row = ConcertSearchRow
    total = work.session.scalar(select(func.count()).select_from(row).where(*matches)) or 0
    miles: ColumnElement[Any] = (
        null() if wanted.centre is None else miles_from(wanted.centre, row.latitude, row.longitude)
    )
    found = (
        select(row.id, miles.label("miles"))
        .where(*matches)
        .order_by(row.date, row.start_time, row.id)
        .offset((page - 1) * limit)
        .limit(limit)
        .subquery()
    )
    # Joins only for the rows of the page (PERFORMANCE: the list query).
    rows = work.session.execute(
        views()
        .add_columns(found.c.miles)
        .join(found, found.c.id == Concert.id)
        .order_by(Concert.date, Concert.start_time, Concert.id)
    )
    return [view_of(found_row, found_row[-1]) for found_row in rows], total


def truth_of(work: Work, concert: Concert) -> dict[str, Any] | None:
    """The row that the search table must have of a concert; nothing for one that is not public, open and placed."""
    if concert.is_private or concert.state is not ConcertState.SCHEDULED:
        return None
    place = work.session.execute(
        select(Host.public_latitude, Host.public_longitude, Artist.genres)
        .select_from(Host)
        .join(Artist, Artist.id == concert.artist_id)
        .where(Host.id == concert.host_id)
    ).one()
    if place.public_latitude is None or place.public_longitude is None:
        return None
    point = Point(place.public_latitude, place.public_longitude)
    return {
        "id": concert.id,
        "date": concert.date,
        "start_time": concert.start_time,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "cell": cell_of(point),
        "genre_mask": genre_mask(place.genres),
    }


def table(work: Work) -> dict[UUID, dict[str, Any]]:
    """All of the search table, by concert: for comparing it with the truth."""
    names = ConcertSearchRow.__table__.columns.keys()
    rows = work.session.execute(select(*(getattr(ConcertSearchRow, name) for name in names)))
    return {row.id: {name: getattr(row, name) for name in names} for row in rows}


def every_concert(work: Work) -> list[Concert]:
    """All concerts: for comparing the search table with the truth, and for making it anew."""
    return list(work.session.scalars(select(Concert).order_by(Concert.id)))


def _matches(wanted: Search) -> list[ColumnElement[bool]]:
    row = ConcertSearchRow
    matches: list[ColumnElement[bool]] = []
    if wanted.centre is not None:
        if wanted.radius_miles <= CELLS_UP_TO_MILES:
            cells = cells_around(wanted.centre, miles=wanted.radius_miles)
            matches.append(row.cell == func.any(literal(cells, ARRAY(BigInteger))))
        matches.append(miles_from(wanted.centre, row.latitude, row.longitude) <= wanted.radius_miles)
    if wanted.start is not None:
        matches.append(row.date >= wanted.start)
    if wanted.end is not None:
        matches.append(row.date <= wanted.end)
    if wanted.genres:
        mask = genre_mask(wanted.genres)
        matches.append(row.genre_mask.op("&")(mask) != 0)
        if not is_exact(mask):
            plays = exists().where(
                Concert.id == row.id, Artist.id == Concert.artist_id, Artist.genres.overlap(list(wanted.genres))
            )
            matches.append(plays)
    return matches
