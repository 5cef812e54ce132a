"""What concerts are narrowed by besides place, day and music, and how many there are of each kind."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, exists, func, join, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.cells import cells_around
from tourpad.core.concerts.genres import genre_mask, is_exact
from tourpad.core.concerts.models import Concert, ConcertFacts, ConcertSearchRow
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.database.facets import Counts, Facet
from tourpad.core.database.facets import count as counting
from tourpad.core.database.likeness import forgive
from tourpad.core.database.likeness import matches as like
from tourpad.core.hosts.models import Host
from tourpad.core.places.sql import miles_from
from tourpad.core.places.towns import STATES
from tourpad.core.words import joined
from tourpad.core.work import Work

Row = type[ConcertSearchRow]
Facts = type[ConcertFacts]
"""The tables, or aliases of them."""

CELLS_UP_TO_MILES: Final = 600
"""Wider circles have so many cells that the distance alone is quicker."""

PRICE_BANDS: Final[tuple[tuple[int, str], ...]] = (
    (1, "free"),
    (1_500, "under_15"),
    (3_000, "15_to_30"),
    (5_000, "30_to_50"),
)
"""Cents that the least price of a guest is below, and what the band is called; the last one is `from_50`."""


def truth_of(work: Work, concert: Concert) -> dict[str, Any]:
    """The row that the table of facts must have of a concert that search finds."""
    about = work.session.execute(
        select(
            Host.venue_name,
            Host.venue_type,
            Host.city,
            Host.state,
            Artist.stage_name,
            Artist.genres,
        )
        .select_from(Host)
        .join(Artist, Artist.id == concert.artist_id)
        .where(Host.id == concert.host_id)
    ).one()
    state = STATES.get(about.state)
    fixed = concert.door_mode is DoorMode.FIXED
    return {
        "id": concert.id,
        "words": joined(
            [concert.title, about.stage_name, about.venue_name, about.city, about.state, state, *about.genres]
        ),
        "genres": about.genres,
        "venue_type": about.venue_type,
        "state": about.state,
        "price_cents": concert.door_fee_cents if fixed else concert.door_minimum_cents,
        "door_mode": concert.door_mode,
    }


def unsorted(wanted: Search, row: Row, facts: Facts) -> list[ColumnElement[bool]]:
    """Conditions of a search that belong to no facet: the circle, the words, the free seats."""
    conditions = circle(wanted, row)
    if wanted.text is not None:
        conditions.append(like(facts.words, wanted.text))
    if wanted.seats is not None:
        free = Concert.max_capacity - Concert.seats_taken >= wanted.seats
        conditions.append(exists().where(Concert.id == row.id, free))
    return conditions


def by_facet(wanted: Search, row: Row, facts: Facts) -> dict[str, ColumnElement[bool]]:
    """Conditions of a search by the facet that they narrow."""
    conditions: dict[str, ColumnElement[bool]] = {}
    days = [row.date >= wanted.start] if wanted.start else []
    days += [row.date <= wanted.end] if wanted.end else []
    if days:
        conditions["months"] = and_(*days)
    if wanted.genres:
        conditions["genres"] = plays(wanted.genres, row)
    if wanted.venue_types:
        conditions["venue_types"] = facts.venue_type.in_(wanted.venue_types)
    if wanted.states:
        conditions["states"] = facts.state.in_(wanted.states)
    if wanted.price_max_cents is not None:
        conditions["prices"] = facts.price_cents <= wanted.price_max_cents
    if wanted.door_modes:
        conditions["door_modes"] = facts.door_mode.in_(wanted.door_modes)
    return conditions


def count(work: Work, wanted: Search) -> Counts:
    """How many concerts match, and each facet's values with the filters of all others. One query."""
    if wanted.text is not None:
        forgive(work.session)
    row, facts = ConcertSearchRow, ConcertFacts
    chosen = by_facet(wanted, row, facts)
    price = case(*((facts.price_cents < below, band) for below, band in PRICE_BANDS), else_="from_50")
    values: dict[str, Facet] = {
        "genres": Facet(facts.genres, chosen.get("genres"), is_array=True),
        "venue_types": Facet(facts.venue_type, chosen.get("venue_types")),
        "states": Facet(facts.state, chosen.get("states")),
        "prices": Facet(price, chosen.get("prices")),
        "door_modes": Facet(facts.door_mode, chosen.get("door_modes")),
        "months": Facet(func.to_char(row.date, "YYYY-MM"), chosen.get("months")),
    }
    source = join(row, facts, facts.id == row.id)
    return counting(work.session, source, where=unsorted(wanted, row, facts), facets=values)


def circle(wanted: Search, row: Row) -> list[ColumnElement[bool]]:
    """The circle of a search, drawn around the middle that it names."""
    if wanted.centre is None:
        return []
    near = [miles_from(wanted.centre, row.latitude, row.longitude) <= wanted.radius_miles]
    if wanted.radius_miles > CELLS_UP_TO_MILES:
        return near
    cells = cells_around(wanted.centre, miles=wanted.radius_miles)
    return [row.cell == func.any(literal(cells, ARRAY(BigInteger))), *near]


def plays(genres: Sequence[str], row: Row) -> ColumnElement[bool]:
    """Whether the artist plays any of these: by bits, and by the words where a genre has no bit."""
    mask = genre_mask(genres)
    bits = row.genre_mask.op("&")(mask) != 0
    if is_exact(mask):
        return bits
    named = exists().where(Concert.id == row.id, Artist.id == Concert.artist_id, Artist.genres.overlap(list(genres)))
    return and_(bits, named)
