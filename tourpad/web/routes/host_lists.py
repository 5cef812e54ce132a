"""The list of hosts that artists search: roughly where they are, never an address."""

from collections.abc import Mapping
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from tourpad.core.database.facets import Count
from tourpad.core.errors import invalid
from tourpad.core.hosts import queries
from tourpad.core.hosts.queries import HostFilter
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.facets import (
    AfterParam,
    FacetOut,
    ListPagination,
    RatingMinParam,
    SortParam,
    StatesParam,
    TextParam,
    facets_out,
    list_pagination,
)
from tourpad.web.media_links import LISTED_PIECES, Galleries
from tourpad.web.needs import needs
from tourpad.web.routes.hosts import HostOut, host_out
from tourpad.web.search import (
    FreeOnParam,
    FreeUntilParam,
    LocationParam,
    RadiusParam,
    asked,
    free_span,
)
from tourpad.web.shapes import LimitParam, Output, PageParam


class CapacityRange(Output):
    """The smallest and the largest capacity."""

    min: int | None
    max: int | None


class HostFilters(Output):
    """How many hosts there are of each kind, each counted with the filters of all other kinds."""

    venue_types: list[FacetOut]
    states: list[FacetOut]
    genres: list[FacetOut]
    """That hosts like."""
    capacity: CapacityRange
    """With all filters that are set."""
    capacities: list[FacetOut]
    """`up_to_20`, `21_to_40`, `41_to_80`, `over_80` people."""
    lodging: list[FacetOut]
    """`true` and `false`."""
    ratings: list[FacetOut]
    """`from_4`, `from_3`, `below_3` stars on average."""


class HostsAnswer(Output):
    """One page of hosts."""

    hosts: list[HostOut]
    pagination: ListPagination
    filters: HostFilters


@get("/api/hosts", **needs(Permission.BROWSE_HOSTS), tags=["hosts"])
def list_hosts(
    *,
    platform: Platform,
    principal: Principal,
    q: TextParam = None,
    venue_type: Annotated[list[VenueType] | None, QueryParameter(name="venueType", description="Any of these.")] = None,
    genres: Annotated[list[str] | None, QueryParameter(name="genres", description="Likes any of these.")] = None,
    location: LocationParam = None,
    radius: RadiusParam = None,
    states: StatesParam = None,
    capacity_min: Annotated[int | None, QueryParameter(name="capacityMin", ge=0, le=10_000)] = None,
    capacity_max: Annotated[int | None, QueryParameter(name="capacityMax", ge=0, le=10_000)] = None,
    offers_lodging: Annotated[bool | None, QueryParameter(name="offersLodging")] = None,
    rating_min: RatingMinParam = None,
    free_on: FreeOnParam = None,
    free_until: FreeUntilParam = None,
    sort: SortParam = None,
    after: AfterParam = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> HostsAnswer:
    """Hosts who were let in. Places are compared by the public point only."""
    if capacity_min is not None and capacity_max is not None and capacity_max < capacity_min:
        raise invalid("capacityMax", "is less than capacityMin")
    common = asked(
        q=q, location=location, radius=radius, genres=genres, states=states, rating_min=rating_min, sort=sort
    )
    wanted = HostFilter(
        **common,
        venue_types=tuple(venue_type or ()),
        capacity_min=capacity_min,
        capacity_max=capacity_max,
        offers_lodging=offers_lodging,
        free=free_span(free_on, free_until, today=platform.clock.now().date()),
    )
    with platform.searching(principal.actor) as work:
        views, counts = queries.search(work, wanted, page=page, limit=limit, after=after)
    with platform.work(principal.actor) as work:
        galleries = Galleries(work, platform, [v.host.user_id for v in views], most=LISTED_PIECES)
    return HostsAnswer(
        hosts=[host_out(v, galleries) for v in views],
        pagination=list_pagination(page=page, limit=limit, total=counts.total, ids=[v.host.id for v in views]),
        filters=_filters(counts.facets),
    )


def _filters(facets: Mapping[str, list[Count]]) -> HostFilters:
    ends = {c.value: c.count for c in facets["capacity"]}
    kinds = {name: facets_out(counts) for name, counts in facets.items() if name != "capacity"}
    return HostFilters(**kinds, capacity=CapacityRange(min=ends.get("min"), max=ends.get("max")))


ROUTES = (list_hosts,)
