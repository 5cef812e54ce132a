"""Every SELECT on hosts. The exact address is read by `get_address`, and compared by `same_place`; nothing else."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, join, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from tourpad.core.database.facets import Counts, Facet, count, rating_band
from tourpad.core.database.listing import Conditions, ListFilter, Profiles
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import AddressLook, Host, HostAddress
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.places import Point
from tourpad.core.places.geometry import METRES_PER_MILE
from tourpad.core.places.sql import miles_from, within
from tourpad.core.values import Value
from tourpad.core.work import Work


def _listed(host: type[Host], user: type[User]) -> ColumnElement[bool]:
    return and_(host.approved_at.is_not(None), user.state == UserState.ACTIVE)


LISTED = _listed(Host, User)
"""Let in, and not suspended."""

CAPACITY_BANDS: Final[tuple[tuple[int, str], ...]] = ((20, "up_to_20"), (40, "21_to_40"), (80, "41_to_80"))
"""People at most, and what the band is called; the last one is `over_80`."""

_CAPACITY = func.greatest(Host.indoor_capacity, Host.outdoor_capacity)


LIST = Profiles(
    of=Host,
    owner=User,
    is_listed=_listed,
    place=lambda host: (host.public_latitude, host.public_longitude),
    genres=Host.preferred_genres,
)
"""How it is searched: by the public point only."""


class HostFilter(ListFilter, kw_only=True):
    """What to look for; nothing given means everybody. Genres are those that hosts like."""

    venue_types: tuple[VenueType, ...] = ()
    capacity_min: int | None = None
    capacity_max: int | None = None
    offers_lodging: bool | None = None


class HostView(Value):
    """A host as others see them."""

    host: Host
    owner_name: str
    miles: float | None
    """From the centre of the search to the public point. Shown in bands only."""


class NearHost(Value):
    """A listed host near another one."""

    venue_name: str
    city: str
    state: str
    miles: float
    """Between the public points. Shown in bands only."""


class Look(Value):
    """Somebody was shown the address, as the host reads it."""

    at: datetime
    who: str | None
    reason: str
    concert_id: UUID | None


def get(work: Work, host_id: UUID) -> Host:
    """One host's profile, listed or not.

    Raises:
        NotFoundError: none by that id.
    """
    host = work.session.get(Host, host_id)
    if host is None:
        raise _unknown()
    return host


def get_by_user(work: Work, user_id: UUID) -> Host | None:
    """The profile of an account; nothing while the host has named no town yet."""
    return work.session.scalar(select(Host).where(Host.user_id == user_id))


def get_for_update(work: Work, user_id: UUID) -> Host | None:
    """The profile of an account, locked: two edits at once lose nothing, and draw one point."""
    return work.session.scalar(
        select(Host).where(Host.user_id == user_id).with_for_update().execution_options(populate_existing=True)
    )


def get_view(work: Work, *, host_id: UUID) -> HostView:
    """One listed host.

    Raises:
        NotFoundError: none by that id, or not listed (any more).
    """
    row = work.session.execute(_views(null()).where(Host.id == host_id, LISTED)).one_or_none()
    if row is None:
        raise _unknown()
    return HostView(*row)


def get_own_view(work: Work, *, user_id: UUID) -> HostView:
    """A person's own profile, listed or not.

    Raises:
        NotFoundError: this person is no host, or has named no town yet.
    """
    row = work.session.execute(_views(null()).where(Host.user_id == user_id)).one_or_none()
    if row is None:
        raise NotFoundError("You have no host's profile yet.", hint="PATCH /api/hosts/me with your city makes it.")
    return HostView(*row)


def search(
    work: Work, wanted: HostFilter, *, page: int, limit: int, after: UUID | None = None
) -> tuple[list[HostView], Counts]:
    """One page of listed hosts, and how many there are of each kind. Two queries (with a text, a setting before).

    Args:
        work: the unit of work.
        wanted: what to look for.
        page: from 1.
        limit: hosts on a page.
        after: instead of a page, go on after this host.

    Raises:
        InvalidInputError: the host to go on after is not listed any more.
    """
    shared, chosen = LIST.conditions(wanted)
    chosen |= _chosen(wanted)
    narrowed = (*shared, *chosen.values())
    rows = LIST.page(work.session, wanted, _views(LIST.miles(wanted)), narrowed, page=page, limit=limit, after=after)
    views = [HostView(*row) for row in rows]
    band = case(*((most >= _CAPACITY, name) for most, name in CAPACITY_BANDS), else_="over_80")
    facets = {
        "venue_types": Facet(Host.venue_type, chosen.get("venue_types")),
        "states": Facet(Host.state, chosen.get("states")),
        "genres": Facet(Host.preferred_genres, chosen.get("genres"), is_array=True),
        "capacities": Facet(band, chosen.get("capacities")),
        "capacity": Facet(_CAPACITY, is_range=True),
        "lodging": Facet(Host.offers_lodging, chosen.get("lodging")),
        "ratings": Facet(rating_band(Host.rating_total, Host.rating_count), chosen.get("ratings")),
    }
    source = join(Host, User, User.id == Host.user_id)
    return views, count(work.session, source, where=shared, facets=facets)


def _chosen(wanted: HostFilter) -> Conditions:
    """What narrows the facets that hosts alone have."""
    chosen: Conditions = {}
    if wanted.venue_types:
        chosen["venue_types"] = Host.venue_type.in_(wanted.venue_types)
    sizes = [wanted.capacity_min <= _CAPACITY] if wanted.capacity_min is not None else []
    sizes += [wanted.capacity_max >= _CAPACITY] if wanted.capacity_max is not None else []
    if sizes:
        chosen["capacities"] = and_(*sizes)
    if wanted.offers_lodging is not None:
        chosen["lodging"] = Host.offers_lodging.is_(wanted.offers_lodging)
    return chosen


def get_address(work: Work, *, host_id: UUID) -> HostAddress | None:
    """The exact address. Only `hosts/service` calls this: for the host, or with a look on record."""
    return work.session.scalar(select(HostAddress).where(HostAddress.host_id == host_id))


def looks(work: Work, *, host_id: UUID, page: int, limit: int) -> tuple[list[Look], int]:
    """Who was shown a host's address, the last first, and how often in all."""
    mine = AddressLook.host_id == host_id
    total = work.session.scalar(select(func.count()).select_from(AddressLook).where(mine)) or 0
    rows = work.session.execute(
        select(AddressLook.at, User.name, AddressLook.reason, AddressLook.concert_id)
        .outerjoin(User, User.id == AddressLook.user_id)
        .where(mine)
        .order_by(AddressLook.at.desc(), AddressLook.id.desc())
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return [Look(*row) for row in rows], total


def last_looks(work: Work, *, host_id: UUID, concert_id: UUID) -> dict[UUID, UUID]:
    """Each person who was shown the address for a show, with their last look."""
    rows = work.session.execute(
        select(AddressLook.user_id, AddressLook.id)
        .ext(distinct_on(AddressLook.user_id))
        .where(AddressLook.host_id == host_id, AddressLook.concert_id == concert_id, AddressLook.user_id.is_not(None))
        .order_by(AddressLook.user_id, AddressLook.at.desc(), AddressLook.id.desc())
    )
    return {user_id: look_id for user_id, look_id in rows if user_id is not None}


def hosts_to_tell(work: Work) -> list[UUID]:
    """Hosts who were not told yet of everybody who looked at their address."""
    untold = select(AddressLook.host_id).where(AddressLook.told_at.is_(None))
    return list(work.session.scalars(untold.distinct().order_by(AddressLook.host_id)))


def untold_looks(work: Work, host_id: UUID) -> list[tuple[AddressLook, str | None, bool]]:
    """Looks of which a host was not told, the first first and locked; who it was, and whether they are known already.

    Known is whoever the host was told of, for the same show.
    """
    before = aliased(AddressLook)
    is_known = exists().where(
        before.host_id == AddressLook.host_id,
        before.user_id.is_not_distinct_from(AddressLook.user_id),
        before.concert_id.is_not_distinct_from(AddressLook.concert_id),
        before.told_at.is_not(None),
    )
    rows = work.session.execute(
        select(AddressLook, User.name, is_known)
        .outerjoin(User, User.id == AddressLook.user_id)
        .where(AddressLook.host_id == host_id, AddressLook.told_at.is_(None))
        .order_by(AddressLook.at, AddressLook.id)
        .with_for_update(of=AddressLook, skip_locked=True)
    )
    return [(look, name, known) for look, name, known in rows]


def nearest(work: Work, *, user_id: UUID, limit: int) -> list[NearHost]:
    """The listed hosts nearest to one who need not be listed, by public points only."""
    own = get_by_user(work, user_id)
    if own is None or own.public_latitude is None or own.public_longitude is None:
        return []
    miles = miles_from(Point(own.public_latitude, own.public_longitude), Host.public_latitude, Host.public_longitude)
    rows = work.session.execute(
        select(Host.venue_name, Host.city, Host.state, miles)
        .join(User, User.id == Host.user_id)
        .where(LISTED, Host.id != own.id, Host.public_latitude.is_not(None))
        .order_by(miles, Host.id)
        .limit(limit)
    )
    return [NearHost(*row) for row in rows]


def same_place(work: Work, *, user_id: UUID, within_metres: float) -> list[tuple[UUID, bool]]:
    """People whose home is likely the one of this host's, and whether the address is the same. No place is answered.

    Two homes whose exact points are that near to each other count, and those with one street and postcode.
    """
    own = work.session.scalar(
        select(HostAddress).join(Host, Host.id == HostAddress.host_id).where(Host.user_id == user_id)
    )
    if own is None:
        return []
    here = Point(own.latitude, own.longitude)
    same = and_(
        func.lower(HostAddress.street) == own.street.lower(), func.left(HostAddress.postcode, 5) == own.postcode[:5]
    )
    near = and_(
        HostAddress.is_approximate.is_(False),
        within(here, within_metres / METRES_PER_MILE, HostAddress.latitude, HostAddress.longitude),
    )
    alike = same if own.is_approximate else or_(same, near)
    rows = work.session.execute(
        select(Host.user_id, same)
        .join(HostAddress, HostAddress.host_id == Host.id)
        .where(Host.user_id != user_id, alike)
        .order_by(Host.created_at, Host.id)
    )
    return [(row[0], bool(row[1])) for row in rows]


def _views(miles: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return select(Host, User.name, miles).join(User, User.id == Host.user_id)


def _unknown() -> NotFoundError:
    return NotFoundError("No host has this id.")
