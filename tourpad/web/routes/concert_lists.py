"""Finding concerts, and listing one's own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from litestar import Request, get
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.queries import facts, hot, searching, shows
from tourpad.core.concerts.queries.shows import ConcertFilter, ConcertView
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.concerts.states import ConcertSort, ConcertState
from tourpad.core.database.facets import Count, Counts
from tourpad.core.errors import invalid
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.concerts import ConcertOut, concert_out
from tourpad.web.facets import (
    AfterParam,
    FacetOut,
    ListPagination,
    StatesParam,
    TextParam,
    facets_out,
    list_pagination,
    words,
)
from tourpad.web.hot import hot as hot_needs
from tourpad.web.hot import hot_statements
from tourpad.web.needs import needs
from tourpad.web.search import LocationParam, RadiusParam, check_sort, circle, several, us_states
from tourpad.web.shapes import LimitParam, Output, PageParam, Pagination, pagination


class ConcertFilters(Output):
    """How many concerts there are of each kind, each counted with the filters of all other kinds."""

    genres: list[FacetOut]
    venue_types: list[FacetOut]
    states: list[FacetOut]
    prices: list[FacetOut]
    """`free`, `under_15`, `15_to_30`, `30_to_50`, `from_50`: dollars that a guest pays at least."""
    door_modes: list[FacetOut]
    months: list[FacetOut]
    """`YYYY-MM`."""


class ConcertsAnswer(Output):
    """One page of concerts; `filters` where `facets=true` asks for them."""

    concerts: list[ConcertOut]
    pagination: ListPagination
    filters: ConcertFilters | None


class OwnConcertsAnswer(Output):
    """One page of one's own concerts."""

    concerts: list[ConcertOut]
    pagination: Pagination


@get("/api/concerts", **hot_needs(Permission.BROWSE_CONCERTS), tags=["concerts"])
async def list_concerts(
    *,
    request: Request[Any, Any, Any],
    q: TextParam = None,
    location: LocationParam = None,
    radius: RadiusParam = None,
    start: Annotated[date | None, QueryParameter(name="start", description="On this date or later.")] = None,
    end: Annotated[date | None, QueryParameter(name="end", description="On this date or earlier.")] = None,
    genres: Annotated[list[str] | None, QueryParameter(name="genres", description="Any of these.")] = None,
    venue_type: Annotated[list[VenueType] | None, QueryParameter(name="venueType", description="Any of these.")] = None,
    states: StatesParam = None,
    price_max_cents: Annotated[
        int | None,
        QueryParameter(name="priceMaxCents", ge=0, le=10_000_000, description="What a guest pays at least, at most."),
    ] = None,
    door_mode: Annotated[list[DoorMode] | None, QueryParameter(name="doorMode", description="Any of these.")] = None,
    seats: Annotated[int | None, QueryParameter(name="seats", ge=1, le=20, description="So many are free.")] = None,
    sort: Annotated[
        ConcertSort | None, QueryParameter(name="sort", description="Unless given: relevance with `q`, else date.")
    ] = None,
    facets: Annotated[bool, QueryParameter(name="facets", description="Whether to count `filters`.")] = False,
    after: AfterParam = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> ConcertsAnswer:
    """Public concerts that have not begun. Places are compared by the host's public point only."""
    if start is not None and end is not None and end < start:
        raise invalid("end", "lies before the first day")
    centre, miles = circle(location, radius)
    wanted = Search(
        centre=centre,
        radius_miles=miles or 0,
        start=start,
        end=end,
        genres=tuple(genre.lower() for genre in several(genres)),
        text=words(q),
        venue_types=tuple(venue_type or ()),
        states=us_states(states),
        price_max_cents=price_max_cents,
        door_modes=tuple(door_mode or ()),
        seats=seats,
        sort=sort,
    )
    check_sort(sort, centre=centre, text=wanted.text)
    plain = None if facets or after else hot.page_of(wanted, page=page, limit=limit)
    statements = hot_statements(request)
    principal, rows = await statements.read(request, plain or hot.NOTHING_MORE)
    if plain is not None:
        views, total = hot.page_in(rows)
        return _answer(views, total, page=page, limit=limit, counted=None)

    def search() -> ConcertsAnswer:
        with statements.platform.searching(principal.actor) as work:
            views, total = searching.search(work, wanted, page=page, limit=limit, after=after)
            counted = facts.count(work, wanted) if facets else None
        return _answer(views, total, page=page, limit=limit, counted=counted)

    return await sync_to_thread(search)


def _answer(
    views: Sequence[ConcertView], total: int, *, page: int, limit: int, counted: Counts | None
) -> ConcertsAnswer:
    return ConcertsAnswer(
        concerts=[concert_out(view) for view in views],
        pagination=list_pagination(page=page, limit=limit, total=total, ids=[view.concert.id for view in views]),
        filters=None if counted is None else _filters(counted.facets),
    )


@get(
    "/api/concerts/mine",
    **needs(Permission.BROWSE_CONCERTS, Permission.ANSWER_BOOKING, Permission.PAY),
    tags=["concerts"],
)
def list_own_concerts(
    *,
    platform: Platform,
    principal: Principal,
    status: Annotated[list[ConcertState] | None, QueryParameter(name="status", description="Any of these.")] = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> OwnConcertsAnswer:
    """Concerts that one plays, hosts, has asked for seats at, or is invited to; the latest first."""
    wanted = ConcertFilter(user_id=principal.user_id, states=tuple(status or ()))
    with platform.work(principal.actor) as work:
        views, total = shows.list_views(work, wanted, page=page, limit=limit)
    return OwnConcertsAnswer(
        concerts=[concert_out(view) for view in views],
        pagination=pagination(page=page, limit=limit, total=total),
    )


def _filters(facets: Mapping[str, list[Count]]) -> ConcertFilters:
    return ConcertFilters(**{name: facets_out(counts) for name, counts in facets.items()})


ROUTES = (list_concerts, list_own_concerts)
