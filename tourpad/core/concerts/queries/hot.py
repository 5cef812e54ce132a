"""The two hottest reads as one statement each, sign-in included: a page of open concerts by date, and one concert.

They answer what `searching.search` and `shows.get_view` answer, for the plain cases that most requests are; a test
holds each against the other. Written out, because a statement that is put together anew for each request costs more
than it does in the database (decision 39).
"""

from collections import namedtuple
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.queries import Sides
from tourpad.core.concerts.cells import cells_around
from tourpad.core.concerts.genres import genre_mask, is_exact
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries.facts import CELLS_UP_TO_MILES
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.concerts.states import OPEN, ConcertSort, RsvpState
from tourpad.core.hosts.models import Host
from tourpad.core.identity.queries import SIGN_IN, SIGN_IN_COLUMNS
from tourpad.core.places.geometry import EARTH_METRES, METRES_PER_MILE

_COLUMNS: Final = tuple(column.name for column in Concert.__table__.columns)
_SIDES: Final = 11
_Row: Any = namedtuple("_Row", _COLUMNS)  # noqa: PYI024  # pyright: ignore[reportUntypedNamedTuple] - the table's columns
"""A concert as it was read: the columns of its table by name, to be looked at only."""

_VIEW: Final = ", ".join(
    (
        *(f"c.{name}" for name in _COLUMNS),
        *("a.id AS a1, a.user_id AS a2, a.stage_name AS a3, h.id AS h1, h.user_id AS h2, h.venue_name AS h3",),
        *("h.city AS h4, h.state AS h5, h.time_zone AS h6, h.indoor_capacity AS h7, h.outdoor_capacity AS h8",),
        "a.genres AS a4",
    )
)
_JOINS: Final = f"JOIN {Artist.__tablename__} a ON a.id = c.artist_id JOIN {Host.__tablename__} h ON h.id = c.host_id"
OPEN_ROWS: Final = ", ".join(f"'{state}'" for state in RsvpState if state in OPEN)
"""Written into statements: as a parameter a list costs as much as four others."""
_MILES: Final = f"""{2 * EARTH_METRES / METRES_PER_MILE!r} * asin(sqrt(least(1.0,
    power(sin(radians(r.latitude - %s) / 2), 2)
    + cos(radians(%s::float8)) * cos(radians(r.latitude)) * power(sin(radians(r.longitude - %s) / 2), 2))))"""


class Statement(NamedTuple):
    """What is asked for once somebody's sign-in is: it goes behind the four parameters of `SIGN_IN`."""

    text: LiteralString
    parameters: tuple[Any, ...]


NOTHING_MORE: Final = Statement(SIGN_IN, ())
"""Only whoever asks."""


class Page(NamedTuple):
    """What a list answers."""

    views: list[ConcertView]
    total: int


class Seen(NamedTuple):
    """One concert, and whether whoever asks has more to do with it than to look at it."""

    view: ConcertView
    is_concerned: bool
    """A side of it, a guest, or invited; anybody, once it was called off: who was a guest then is looked up apart."""


def page_of(wanted: Search, *, page: int, limit: int) -> Statement | None:
    """A page of open concerts by date; nothing where the search is no plain one."""
    if wanted.needs_facts or wanted.seats is not None or wanted.order is not ConcertSort.DATE:
        return None
    mask = genre_mask(wanted.genres) if wanted.genres else None
    if mask is not None and not is_exact(mask):
        return None
    wheres: list[Any] = []
    circle: tuple[float, ...] = ()
    if wanted.centre is not None:
        circle = (wanted.centre.latitude, wanted.centre.latitude, wanted.centre.longitude)
        if wanted.radius_miles <= CELLS_UP_TO_MILES:
            wheres.append(cells_around(wanted.centre, miles=wanted.radius_miles))
        wheres += [*circle, wanted.radius_miles]
    wheres += [value for value in (wanted.start, wanted.end, mask) if value is not None]
    text = _page_text(
        is_near=bool(circle),
        has_cells=bool(circle) and wanted.radius_miles <= CELLS_UP_TO_MILES,
        has_start=wanted.start is not None,
        has_end=wanted.end is not None,
        has_mask=mask is not None,
    )
    return Statement(text, (*circle, *wheres, (page - 1) * limit, limit, *wheres))


def page_in(rows: Sequence[tuple[Any, ...]]) -> Page:
    """What the rows of `page_of` hold."""
    first = SIGN_IN_COLUMNS + 1
    views = [_view(row, first, row[-1]) for row in rows if row[first] is not None]
    return Page(views, rows[0][SIGN_IN_COLUMNS])


def one_of(concert_id: UUID, user_id: UUID) -> Statement:
    """One concert."""
    return Statement(_one_text(), (user_id, user_id, concert_id))


def one_in(rows: Sequence[tuple[Any, ...]], user_id: UUID) -> Seen | None:
    """What the row of `one_of` holds; nothing where there is no such concert."""
    row = rows[0]
    if row[SIGN_IN_COLUMNS + 1] is None:
        return None
    view = _view(row, SIGN_IN_COLUMNS + 1, None)
    is_off = view.concert.cancelled_at is not None
    return Seen(view, is_concerned=row[SIGN_IN_COLUMNS] or is_off or view.sides.side_of(user_id) is not None)


def _view(row: tuple[Any, ...], first: int, miles: float | None) -> ConcertView:
    sides = first + len(_COLUMNS)
    return ConcertView(
        concert=cast("Concert", _Row._make(row[first:sides])),
        sides=Sides(*row[sides : sides + _SIDES]),
        genres=row[sides + _SIDES],
        miles=miles,
    )


@cache
def _page_text(*, is_near: bool, has_cells: bool, has_start: bool, has_end: bool, has_mask: bool) -> LiteralString:
    wheres = [
        *(["r.cell = ANY(%s)"] if has_cells else []),
        *([f"{_MILES} <= %s"] if is_near else []),
        *(["r.date >= %s"] if has_start else []),
        *(["r.date <= %s"] if has_end else []),
        *(["r.genre_mask & %s <> 0"] if has_mask else []),
    ]
    where = " AND ".join(wheres) or "true"
    return cast(
        "LiteralString",
        f"""
        WITH me AS MATERIALIZED ({SIGN_IN}), page AS (
            SELECT {_VIEW}, found.miles
            FROM (
                SELECT r.id, {_MILES if is_near else "NULL"} AS miles FROM concert_search r WHERE {where}
                ORDER BY r.date, r.start_time, r.id OFFSET %s LIMIT %s
            ) found JOIN concerts c ON c.id = found.id {_JOINS}
        )
        SELECT me.*, (SELECT count(*) FROM concert_search r WHERE {where}), page.* FROM me LEFT JOIN page ON true
        ORDER BY page.date, page.start_time, page.id
        """,  # noqa: S608 - of names written here
    )


@cache
def _one_text() -> LiteralString:
    return cast(
        "LiteralString",
        f"""
        WITH me AS MATERIALIZED ({SIGN_IN})
        SELECT me.*,
            EXISTS (SELECT FROM rsvps s JOIN fans f ON f.id = s.fan_id
                    WHERE f.user_id = %s AND s.concert_id = c.id
                    AND s.state IN ({OPEN_ROWS}))
            OR EXISTS (SELECT FROM concert_invitations i WHERE i.user_id = %s AND i.concert_id = c.id),
            {_VIEW}
        FROM me LEFT JOIN (concerts c {_JOINS}) ON c.id = %s
        """,  # noqa: S608 - of names written here
    )
