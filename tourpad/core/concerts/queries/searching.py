"""The table that search reads: finding concerts in it, and what its rows must be."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, join, null, select
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.concerts.cells import cell_of
from tourpad.core.concerts.genres import genre_mask
from tourpad.core.concerts.models import Concert, ConcertFacts, ConcertSearchRow
from tourpad.core.concerts.queries import facts as narrowing
from tourpad.core.concerts.queries.facts import Facts, Row
from tourpad.core.concerts.queries.shows import ConcertView, view_of, views
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.concerts.states import ConcertSort, ConcertState
from tourpad.core.database.likeness import forgive, likeness
from tourpad.core.database.paging import Key, Order
from tourpad.core.errors import invalid
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from
from tourpad.core.work import Work


def search(
    work: Work, wanted: Search, *, page: int, limit: int, after: UUID | None = None
) -> tuple[list[ConcertView], int]:
    """One page of open concerts, and how many match in all. Two queries (with a text, a setting before them).

    Args:
        work: the unit of work.
        wanted: what to look for.
        page: from 1.
        limit: concerts on a page.
        after: instead of a page, go on after this concert: none is skipped or comes twice, whatever is announced
            meanwhile.

    Raises:
        InvalidInputError: the concert to go on after is not in search any more.
    """
    if wanted.text is not None:
        forgive(work.session)
    row, facts = ConcertSearchRow, ConcertFacts
    source = join(row, facts, facts.id == row.id) if wanted.needs_facts else row
    matches = [*narrowing.unsorted(wanted, row, facts), *narrowing.by_facet(wanted, row, facts).values()]
    total = work.session.scalar(select(func.count()).select_from(source).where(*matches)) or 0
    order = _order(wanted, row, facts)
    miles: ColumnElement[Any] = (
        null() if wanted.centre is None else miles_from(wanted.centre, row.latitude, row.longitude)
    )
    keys = [key.label(f"key_{number}") for number, key in enumerate(order.keys)]
    part = select(row.id, miles.label("miles"), *keys).select_from(source).where(*matches)
    if after is not None:
        part = part.where(order.after(_last(wanted, after)))
    found = part.order_by(*order.by()).offset(0 if after else (page - 1) * limit).limit(limit).subquery()
    # Joins only for the rows of the page (PERFORMANCE: the list query).
    rows = work.session.execute(
        views()
        .add_columns(found.c.miles)
        .join(found, found.c.id == Concert.id)
        .order_by(*(found.c[key.name] for key in keys))
    )
    seen = [view_of(found_row, found_row[-1]) for found_row in rows]
    if after is not None and not seen and not work.session.scalar(select(exists().where(row.id == after))):
        raise invalid("after", "is not in this list any more", hint="Ask for the first page again.")
    return seen, total


def truth_of(work: Work, concert: Concert) -> dict[str, Any] | None:
    """The row that the search table must have of a concert.

    Nothing for one that is not public, open and placed, or whose artist or host is suspended.
    """
    if concert.is_private or concert.state is not ConcertState.SCHEDULED:
        return None
    suspended = exists().where(User.id.in_((Host.user_id, Artist.user_id)), User.state == UserState.SUSPENDED)
    place = work.session.execute(
        select(
            Host.public_latitude, Host.public_longitude, Artist.genres, Artist.standing, suspended.label("suspended")
        )
        .select_from(Host)
        .join(Artist, Artist.id == concert.artist_id)
        .where(Host.id == concert.host_id)
    ).one()
    if place.public_latitude is None or place.public_longitude is None or place.suspended:
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
        "standing": place.standing,
    }


def table(work: Work, model: type[ConcertSearchRow | ConcertFacts]) -> dict[UUID, dict[str, Any]]:
    """All of one of the search tables, by concert: for comparing it with the truth."""
    names = model.__table__.columns.keys()
    rows = work.session.execute(select(*(getattr(model, name) for name in names)))
    return {row.id: {name: getattr(row, name) for name in names} for row in rows}


def every_concert(work: Work) -> list[Concert]:
    """All concerts: for comparing the search table with the truth, and for making it anew."""
    return list(work.session.scalars(select(Concert).order_by(Concert.id)))


def _order(wanted: Search, row: Row, facts: Facts) -> Order:
    """By what it is sorted; equal ones by day, and by id at last. All keys run upwards."""
    day: tuple[Key, ...] = (row.date, row.start_time, row.id)
    match wanted.order:
        case ConcertSort.DISTANCE if wanted.centre is not None:
            return Order((miles_from(wanted.centre, row.latitude, row.longitude), *day))
        case ConcertSort.RATING:
            return Order((-row.standing, *day))
        case ConcertSort.RELEVANCE if wanted.text is not None:
            return Order((-likeness(facts.words, wanted.text), *day))
        case _:
            return Order(day)


def _last(wanted: Search, after: UUID) -> Select[*tuple[Any, ...]]:
    """The keys of the concert that was seen last."""
    row, facts = aliased(ConcertSearchRow), aliased(ConcertFacts)
    keys = select(*_order(wanted, row, facts).keys).select_from(row).where(row.id == after)
    return keys.join(facts, facts.id == row.id) if wanted.needs_facts else keys
