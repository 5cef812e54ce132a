"""Every SELECT on hosts. The exact address is read by `get_address`, and compared by `same_place`; nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, null, or_, select

from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import AddressLook, Host, HostAddress
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.places import Point
from tourpad.core.places.geometry import METRES_PER_MILE
from tourpad.core.places.sql import miles_from, within
from tourpad.core.work import Work

LISTED = and_(Host.approved_at.is_not(None), User.state == UserState.ACTIVE)
"""Let in, and not suspended."""

_CAPACITY = func.greatest(Host.indoor_capacity, Host.outdoor_capacity)


@dataclass(frozen=True, slots=True)
class HostFilter:
    """What to look for; nothing given means everybody. Places are compared by the public point only."""

    venue_types: tuple[VenueType, ...] = ()
    centre: Point | None = None
    radius_miles: float | None = None
    capacity_min: int | None = None
    capacity_max: int | None = None
    offers_lodging: bool | None = None


@dataclass(frozen=True, slots=True)
class HostView:
    """A host as others see them."""

    host: Host
    owner_name: str
    image_url: str | None
    miles: float | None
    """From the centre of the search to the public point. Shown in bands only."""


@dataclass(frozen=True, slots=True)
class HostPage:
    """One page of a search."""

    views: list[HostView]
    total: int
    smallest: int | None
    """Least capacity of all listed hosts."""
    largest: int | None


@dataclass(frozen=True, slots=True)
class NearHost:
    """A listed host near another one."""

    venue_name: str
    city: str
    state: str
    miles: float
    """Between the public points. Shown in bands only."""


@dataclass(frozen=True, slots=True)
class Look:
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


def search(work: Work, wanted: HostFilter, *, page: int, limit: int) -> HostPage:
    """One page of listed hosts. Two queries.

    With a centre the nearest public points come first, else those let in last.
    """
    miles: ColumnElement[Any] = null()
    matches: list[ColumnElement[bool]] = [LISTED]
    order: list[SQLColumnExpression[Any]] = [Host.approved_at.desc(), Host.id]
    if wanted.venue_types:
        matches.append(Host.venue_type.in_(wanted.venue_types))
    if wanted.capacity_min is not None:
        matches.append(wanted.capacity_min <= _CAPACITY)
    if wanted.capacity_max is not None:
        matches.append(wanted.capacity_max >= _CAPACITY)
    if wanted.offers_lodging is not None:
        matches.append(Host.offers_lodging.is_(wanted.offers_lodging))
    if wanted.centre is not None:
        miles = miles_from(wanted.centre, Host.public_latitude, Host.public_longitude)
        order = [miles.asc().nulls_last(), Host.id]
        if wanted.radius_miles is not None:
            matches.append(within(wanted.centre, wanted.radius_miles, Host.public_latitude, Host.public_longitude))
    rows = work.session.execute(_views(miles).where(*matches).order_by(*order).offset((page - 1) * limit).limit(limit))
    views = [HostView(*row) for row in rows]
    counted = select(func.count().filter(and_(*matches)), func.min(_CAPACITY), func.max(_CAPACITY))
    total, smallest, largest = work.session.execute(
        counted.select_from(Host).join(User, User.id == Host.user_id).where(LISTED)
    ).one()
    return HostPage(views=views, total=total, smallest=smallest, largest=largest)


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
    return select(Host, User.name, User.profile_image_url, miles).join(User, User.id == Host.user_id)


def _unknown() -> NotFoundError:
    return NotFoundError("No host has this id.")
