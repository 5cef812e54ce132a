"""Artists: the list that members see, one's own profile, one's application."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from tourpad.core.applications import service as applications
from tourpad.core.artists import queries, service
from tourpad.core.artists.queries import ArtistFilter, ArtistView
from tourpad.core.bookings.states import Side
from tourpad.core.errors import ForbiddenError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.money import Money
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.bookings import ReliabilityOut, reliability_out
from tourpad.web.changes import sent
from tourpad.web.facets import (
    AfterParam,
    FacetOut,
    ListPagination,
    RatingMinParam,
    RatingOut,
    SortParam,
    StatesParam,
    TextParam,
    facets_out,
    list_pagination,
    rating_out,
)
from tourpad.web.media_links import LISTED_PIECES, Galleries, PieceOut
from tourpad.web.needs import needs
from tourpad.web.routes.applications import ApplicationAnswer, check_role, own_application
from tourpad.web.search import (
    FreeOnParam,
    FreeUntilParam,
    LocationParam,
    RadiusParam,
    asked,
    free_span,
)
from tourpad.web.shapes import Input, LimitParam, Output, PageParam


class SampleIn(Input):
    """A piece of music to listen to."""

    title: str
    url: str
    platform: str | None = None


class ArtistIn(Input):
    """Changes to one's profile. What is not mentioned stays; null clears what may be empty."""

    stage_name: str | UnsetType | None = UNSET
    bio: str | UnsetType | None = UNSET
    genres: list[str] | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    typical_set_length: int | UnsetType | None = UNSET
    """Minutes."""
    equipment_needs: list[str] | UnsetType | None = UNSET
    travel_radius: int | UnsetType | None = UNSET
    """Miles."""
    min_guarantee_cents: int | UnsetType | None = UNSET
    preferred_booking_advance: int | UnsetType | None = UNSET
    """Days."""
    performance_video_url: str | UnsetType | None = UNSET
    music_profile_url: str | UnsetType | None = UNSET
    music_samples: list[SampleIn] | UnsetType | None = UNSET


class ArtistApplicationIn(ArtistIn):
    """The application. Needed are `bio, genres, performanceVideoUrl, musicProfileUrl`; the rest fills the profile.

    What is not mentioned is taken from the draft.
    """

    social_links: dict[str, str] | UnsetType | None = UNSET
    press_photo_url: str | UnsetType | None = UNSET
    """A picture that lies elsewhere."""
    press_photo_id: str | UnsetType | None = UNSET
    """An upload of one's own (`POST /api/media/uploads`)."""


class SampleOut(Output):
    """A piece of music to listen to."""

    title: str
    url: str
    platform: str | None


class ArtistOut(Output):
    """An artist as others see them. The place is their town.

    What is private (mail address, telephone) stands nowhere here: `GET /api/users/me` shows it to themselves.
    """

    id: UUID
    user_id: UUID
    stage_name: str
    bio: str | None
    genres: list[str]
    city: str | None
    state: str | None
    distance_miles: int | None
    """From the town that the search names to theirs."""
    typical_set_length: int | None
    equipment_needs: list[str]
    travel_radius: int | None
    min_guarantee_cents: int | None
    currency: str
    preferred_booking_advance: int | None
    performance_video_url: str | None
    music_profile_url: str | None
    music_samples: list[SampleOut]
    website_url: str | None
    social_links: dict[str, Any]
    profile_image_url: str | None
    press_photo_url: str | None
    """The first press photo of the gallery."""
    media: list[PieceOut]
    """The gallery in the artist's order: in lists the first of each category, whole in one profile."""
    rating: RatingOut
    approved_at: datetime | None


class ArtistAnswer(Output):
    """One artist."""

    artist: ArtistOut
    reliability: ReliabilityOut | None
    """For hosts, admins and the artist."""


class ArtistFilters(Output):
    """How many artists there are of each kind, each counted with the filters of all other kinds."""

    genres: list[FacetOut]
    states: list[FacetOut]
    ratings: list[FacetOut]
    """`from_4`, `from_3`, `below_3` stars on average."""


class ArtistsAnswer(Output):
    """One page of artists."""

    artists: list[ArtistOut]
    pagination: ListPagination
    filters: ArtistFilters


@get("/api/artists", **needs(Permission.BROWSE_ARTISTS), tags=["artists"])
def list_artists(
    *,
    platform: Platform,
    principal: Principal,
    q: TextParam = None,
    genres: Annotated[list[str] | None, QueryParameter(name="genres", description="Any of these.")] = None,
    location: LocationParam = None,
    radius: RadiusParam = None,
    states: StatesParam = None,
    rating_min: RatingMinParam = None,
    guarantee_max_cents: Annotated[
        int | None,
        QueryParameter(
            name="guaranteeMaxCents", ge=0, le=10_000_000, description="Artists who ask for no more, or did not say."
        ),
    ] = None,
    free_on: FreeOnParam = None,
    free_until: FreeUntilParam = None,
    sort: SortParam = None,
    after: AfterParam = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> ArtistsAnswer:
    """Artists who were let in and are members. `freeOn` is for hosts, who see artists' days."""
    free = free_span(free_on, free_until, today=platform.clock.now().date())
    if free is not None and Permission.BROWSE_TRIPS not in principal.permissions:
        raise ForbiddenError("Only hosts see on which days artists are free.", needs=[Permission.BROWSE_TRIPS])
    common = asked(
        q=q, location=location, radius=radius, genres=genres, states=states, rating_min=rating_min, sort=sort
    )
    wanted = ArtistFilter(**common, guarantee_max_cents=guarantee_max_cents, free=free)
    with platform.searching(principal.actor) as work:
        views, counts = queries.search(work, wanted, page=page, limit=limit, after=after)
    with platform.work(principal.actor) as work:
        galleries = Galleries(work, platform, [v.artist.user_id for v in views], most=LISTED_PIECES)
    ids = [v.artist.id for v in views]
    return ArtistsAnswer(
        artists=[artist_out(v, galleries) for v in views],
        pagination=list_pagination(page=page, limit=limit, total=counts.total, ids=ids),
        filters=ArtistFilters(**{name: facets_out(found) for name, found in counts.facets.items()}),
    )


@get("/api/artists/{artist_id:uuid}", **needs(Permission.BROWSE_ARTISTS), tags=["artists"])
def show_artist(platform: Platform, principal: Principal, artist_id: UUID) -> ArtistAnswer:
    """One listed artist."""
    with platform.work(principal.actor) as work:
        view = queries.get_view(work, artist_id=artist_id)
        return _answer(work, platform, principal, view)


@get("/api/artists/me", **needs(Permission.PROFILE), tags=["artists"])
def show_own_artist(platform: Platform, principal: Principal) -> ArtistAnswer:
    """One's own profile, listed or not."""
    with platform.work(principal.actor) as work:
        view = queries.get_own_view(work, user_id=principal.user_id)
        return _answer(work, platform, principal, view)


@patch("/api/artists/me", **needs(Permission.PROFILE), tags=["artists"])
def edit_own_artist(platform: Platform, principal: Principal, data: ArtistIn) -> ArtistAnswer:
    """Change one's own profile."""
    with platform.work(principal.actor) as work:
        service.edit(work, user_id=principal.user_id, changes=sent(data))
        work.commit()
        view = queries.get_own_view(work, user_id=principal.user_id)
        return _answer(work, platform, principal, view)


@post("/api/artists/application", **needs(Permission.APPLY), tags=["applications"])
def apply_as_artist(platform: Platform, principal: Principal, data: ArtistApplicationIn) -> ApplicationAnswer:
    """Submit one's application. After a rejection again when `reapplyFrom` has come."""
    check_role(principal, UserType.ARTIST)
    with platform.work(principal.actor) as work:
        applications.submit(work, user_id=principal.user_id, answers=sent(data))
        work.commit()
        return own_application(work, principal)


@get("/api/artists/application", **needs(Permission.APPLY), tags=["applications"])
def show_artist_application(platform: Platform, principal: Principal) -> ApplicationAnswer:
    """How one's application stands, and what is asked."""
    check_role(principal, UserType.ARTIST)
    with platform.work(principal.actor) as work:
        return own_application(work, principal)


def _answer(work: Work, platform: Platform, principal: Principal, view: ArtistView) -> ArtistAnswer:
    """One artist, with how reliable they are for whoever may want to host them."""
    concerned = principal.user_type in (UserType.HOST, UserType.ADMIN) or view.artist.user_id == principal.user_id
    seen = reliability_out(work, Side.ARTIST, view.artist.id) if concerned else None
    return ArtistAnswer(artist=artist_out(view, Galleries(work, platform, [view.artist.user_id])), reliability=seen)


def artist_out(view: ArtistView, galleries: Galleries) -> ArtistOut:
    """Shape one artist."""
    artist = view.artist
    return ArtistOut(
        id=artist.id,
        user_id=artist.user_id,
        stage_name=artist.stage_name,
        bio=artist.bio,
        genres=artist.genres,
        city=artist.city,
        state=artist.state,
        distance_miles=None if view.miles is None else round(view.miles),
        typical_set_length=artist.typical_set_length,
        equipment_needs=artist.equipment_needs,
        travel_radius=artist.travel_radius,
        min_guarantee_cents=artist.min_guarantee_cents,
        currency=Money(0).currency,
        preferred_booking_advance=artist.preferred_booking_advance,
        performance_video_url=artist.performance_video_url,
        music_profile_url=artist.music_profile_url,
        music_samples=[
            SampleOut(title=s["title"], url=s["url"], platform=s.get("platform")) for s in artist.music_samples
        ],
        website_url=view.website_url,
        social_links=view.social_links,
        profile_image_url=galleries.picture(artist.user_id),
        press_photo_url=galleries.press_photo(artist.user_id),
        media=galleries.pieces(artist.user_id),
        rating=rating_out(artist.rating_total, artist.rating_count),
        approved_at=artist.approved_at,
    )


ROUTES = (
    list_artists,
    show_own_artist,
    edit_own_artist,
    apply_as_artist,
    show_artist_application,
    show_artist,
)
