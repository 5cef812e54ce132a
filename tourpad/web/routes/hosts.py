"""One host as artists see them (roughly where, never an address), one's own profile, one's application."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, patch, post
from msgspec import UNSET, UnsetType

from tourpad.core.applications import service as applications
from tourpad.core.bookings.states import Side
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts import privacy, queries, rules, service
from tourpad.core.hosts.queries import HostView
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.places import distance_band, find_town
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.bookings import ReliabilityOut, reliability_out
from tourpad.web.changes import sent
from tourpad.web.facets import (
    RatingOut,
    rating_out,
)
from tourpad.web.media_links import Galleries, PieceOut
from tourpad.web.needs import needs
from tourpad.web.routes.applications import ApplicationAnswer, check_role, own_application
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

NEAR_METRES = int(privacy.RING_METRES[1])
APPROXIMATE = "The address has no coordinates, so the middle of its postcode or town stands for it."
"""What a host is told whose address has no coordinates."""


class AddressIn(Input):
    """Where the home is. Private: only people with a confirmed booking or an approved, paid seat ever see it."""

    street: str
    postcode: str
    latitude: float | None = None
    longitude: float | None = None
    arrival_notes: str | None = None


class LodgingIn(Input):
    """What an artist finds who stays the night."""

    beds: int | None = None
    bathroom: str | None = None
    amenities: list[str] | None = None
    rules: str | None = None
    pricing: str | None = None


class HostIn(Input):
    """Changes to one's profile and private address. What is not mentioned stays; null clears what may be empty."""

    venue_name: str | UnsetType | None = UNSET
    venue_type: VenueType | UnsetType | None = UNSET
    bio: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    indoor_capacity: int | UnsetType | None = UNSET
    outdoor_capacity: int | UnsetType | None = UNSET
    preferred_genres: list[str] | UnsetType | None = UNSET
    hosting_experience: int | UnsetType | None = UNSET
    """Years."""
    typical_show_length: int | UnsetType | None = UNSET
    """Minutes."""
    house_rules: str | UnsetType | None = UNSET
    offers_lodging: bool | UnsetType | None = UNSET
    lodging_details: LodgingIn | UnsetType | None = UNSET
    address: AddressIn | UnsetType | None = UNSET


class HostApplicationIn(HostIn):
    """The application. Needed are `venueName, venueType, city, indoorCapacity, hostingExperience, hostingMotivation`.

    The rest fills the profile; an address goes to its own table, and reviewers see it only on record. What is not
    mentioned is taken from the draft.
    """

    hosting_motivation: str | UnsetType | None = UNSET
    venue_photo_urls: list[str] | UnsetType | None = UNSET
    """Pictures that lie elsewhere."""
    venue_photo_ids: list[str] | UnsetType | None = UNSET
    """Uploads of one's own (`POST /api/media/uploads`), in the order in which they are to be looked at."""


class PlaceOut(Output):
    """Roughly where a home is: a point drawn once, 300 to 1000 m away from it."""

    latitude: float
    longitude: float
    within_metres: int


class HostOut(Output):
    """A host as artists see them."""

    id: UUID
    user_id: UUID
    host_name: str
    """The first name alone where the town is small."""
    venue_name: str
    venue_type: VenueType
    bio: str | None
    city: str
    state: str
    country: str
    time_zone: str
    place: PlaceOut | None
    distance: str | None
    """From the town that the search names, in words like `10 to 25 miles`."""
    indoor_capacity: int
    outdoor_capacity: int
    capacity: int
    """Of one show: the larger of the two."""
    preferred_genres: list[str]
    hosting_experience: int | None
    typical_show_length: int | None
    house_rules: str | None
    offers_lodging: bool
    lodging_details: dict[str, Any]
    profile_image_url: str | None
    media: list[PieceOut]
    """The gallery in the host's order (never of where one sleeps): in lists the first of each category."""
    rating: RatingOut
    approved_at: datetime | None


class AddressOut(Output):
    """One's own address. `note` says when the place is only a guess."""

    street: str
    postcode: str
    city: str
    state: str
    country: str
    arrival_notes: str | None
    latitude: float
    longitude: float
    is_approximate: bool
    note: str | None


class HostAnswer(Output):
    """One host."""

    host: HostOut
    reliability: ReliabilityOut


class OwnHostAnswer(Output):
    """One's own profile, with the private address."""

    host: HostOut
    address: AddressOut | None
    reliability: ReliabilityOut
    """As artists see it."""


class LookOut(Output):
    """Somebody was shown one's address."""

    at: datetime
    who: str | None
    reason: str
    concert_id: UUID | None


class LooksAnswer(Output):
    """Who was shown one's address, the last first."""

    looks: list[LookOut]
    pagination: Pagination


@get("/api/hosts/{host_id:uuid}", **needs(Permission.BROWSE_HOSTS), tags=["hosts"])
def show_host(platform: Platform, principal: Principal, host_id: UUID) -> HostAnswer:
    """One listed host."""
    with platform.work(principal.actor) as work:
        view = queries.get_view(work, host_id=host_id)
        seen = reliability_out(work, Side.HOST, view.host.id)
        galleries = Galleries(work, platform, [view.host.user_id])
    return HostAnswer(host=host_out(view, galleries), reliability=seen)


@get("/api/hosts/me", **needs(Permission.PROFILE), tags=["hosts"])
def show_own_host(platform: Platform, principal: Principal) -> OwnHostAnswer:
    """One's own profile, listed or not, with one's own address."""
    with platform.work(principal.actor) as work:
        return _own(work, platform, principal)


@patch("/api/hosts/me", **needs(Permission.PROFILE), tags=["hosts"])
def edit_own_host(platform: Platform, principal: Principal, data: HostIn) -> OwnHostAnswer:
    """Change one's own profile and private address."""
    with platform.work(principal.actor) as work:
        service.edit(work, user_id=principal.user_id, changes=sent(data))
        work.commit()
        return _own(work, platform, principal)


@get("/api/hosts/me/address-looks", **needs(Permission.PROFILE), tags=["hosts"])
def list_looks(platform: Platform, principal: Principal, page: PageParam = 1, limit: LimitParam = 20) -> LooksAnswer:
    """Who was shown one's address, and why."""
    with platform.work(principal.actor) as work:
        host = queries.get_by_user(work, principal.user_id)
        if host is None:
            raise NotFoundError("You have no host's profile yet.")
        looks, total = queries.looks(work, host_id=host.id, page=page, limit=limit)
    return LooksAnswer(
        looks=[LookOut(at=k.at, who=k.who, reason=k.reason, concert_id=k.concert_id) for k in looks],
        pagination=pagination(page=page, limit=limit, total=total),
    )


@post("/api/hosts/application", **needs(Permission.APPLY), tags=["applications"])
def apply_as_host(platform: Platform, principal: Principal, data: HostApplicationIn) -> ApplicationAnswer:
    """Submit one's application. After a rejection again when `reapplyFrom` has come."""
    check_role(principal, UserType.HOST)
    with platform.work(principal.actor) as work:
        applications.submit(work, user_id=principal.user_id, answers=sent(data))
        work.commit()
        return own_application(work, principal)


@get("/api/hosts/application", **needs(Permission.APPLY), tags=["applications"])
def show_host_application(platform: Platform, principal: Principal) -> ApplicationAnswer:
    """How one's application stands, and what is asked."""
    check_role(principal, UserType.HOST)
    with platform.work(principal.actor) as work:
        return own_application(work, principal)


def host_out(view: HostView, galleries: Galleries) -> HostOut:
    """Shape one host for others."""
    host = view.host
    town = find_town(host.city, host.state)
    place = None
    if host.public_latitude is not None and host.public_longitude is not None:
        place = PlaceOut(
            latitude=round(host.public_latitude, 4),
            longitude=round(host.public_longitude, 4),
            within_metres=NEAR_METRES,
        )
    return HostOut(
        id=host.id,
        user_id=host.user_id,
        host_name=privacy.public_name(view.owner_name, town_population=town.population if town else 0),
        venue_name=host.venue_name,
        venue_type=host.venue_type,
        bio=host.bio,
        city=host.city,
        state=host.state,
        country=host.country,
        time_zone=host.time_zone,
        place=place,
        distance=None if view.miles is None else distance_band(view.miles),
        indoor_capacity=host.indoor_capacity,
        outdoor_capacity=host.outdoor_capacity,
        capacity=rules.capacity(host.indoor_capacity, host.outdoor_capacity),
        preferred_genres=host.preferred_genres,
        hosting_experience=host.hosting_experience,
        typical_show_length=host.typical_show_length,
        house_rules=host.house_rules,
        offers_lodging=host.offers_lodging,
        lodging_details=host.lodging_details,
        profile_image_url=galleries.picture(host.user_id),
        media=galleries.pieces(host.user_id),
        rating=rating_out(host.rating_total, host.rating_count),
        approved_at=host.approved_at,
    )


def _own(work: Work, platform: Platform, principal: Principal) -> OwnHostAnswer:
    view = queries.get_own_view(work, user_id=principal.user_id)
    address = service.own_address(work, user_id=principal.user_id)
    shown = None
    if address is not None:
        shown = AddressOut(
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            state=address.state,
            country=address.country,
            arrival_notes=address.arrival_notes,
            latitude=address.latitude,
            longitude=address.longitude,
            is_approximate=address.is_approximate,
            note=APPROXIMATE if address.is_approximate else None,
        )
    seen = reliability_out(work, Side.HOST, view.host.id)
    galleries = Galleries(work, platform, [view.host.user_id])
    return OwnHostAnswer(host=host_out(view, galleries), address=shown, reliability=seen)


ROUTES = (
    show_own_host,
    edit_own_host,
    list_looks,
    apply_as_host,
    show_host_application,
    show_host,
)
