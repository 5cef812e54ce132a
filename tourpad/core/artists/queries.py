"""Every SELECT on artists."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, join, literal, null, select
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.database.facets import Counts, Facet, count, rated, rating_band
from tourpad.core.database.free import Span, is_free
from tourpad.core.database.likeness import forgive, likeness, matches
from tourpad.core.database.paging import FAR_MILES, ListSort, Order, meant
from tourpad.core.errors import NotFoundError, invalid
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.states import UserState
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from, within
from tourpad.core.work import Work


def _listed(artist: type[Artist], user: type[User]) -> ColumnElement[bool]:
    return and_(artist.approved_at.is_not(None), user.state == UserState.ACTIVE)


LISTED = _listed(Artist, User)
"""Let in, a member, and not suspended."""


@dataclass(frozen=True, slots=True)
class ArtistFilter:
    """What to look for; nothing given means everybody."""

    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""
    centre: Point | None = None
    radius_miles: float | None = None
    text: str | None = None
    """Every word must stand in name, town, state or genres, or be like one there."""
    states: tuple[str, ...] = ()
    """Two letters; any of these."""
    rating_min: float | None = None
    """Stars on average, at least; whoever has no review has none."""
    guarantee_max_cents: int | None = None
    """Artists who ask for no more, or have not said."""
    free: Span | None = None
    """Artists who can be asked for one of these days at least."""
    sort: ListSort | None = None

    @property
    def order(self) -> ListSort:
        """The order that is meant."""
        return meant(self.sort, has_text=self.text is not None, has_centre=self.centre is not None)


@dataclass(frozen=True, slots=True)
class ArtistView:
    """An artist as others see them."""

    artist: Artist
    website_url: str | None
    social_links: dict[str, Any]
    miles: float | None
    """From the centre of the search to the artist's town."""


def get(work: Work, artist_id: UUID) -> Artist:
    """One artist's profile, listed or not.

    Raises:
        NotFoundError: none by that id.
    """
    artist = work.session.get(Artist, artist_id)
    if artist is None:
        raise _unknown()
    return artist


def get_by_user(work: Work, user_id: UUID) -> Artist | None:
    """The profile of an account."""
    return work.session.scalar(select(Artist).where(Artist.user_id == user_id))


def get_for_update(work: Work, user_id: UUID) -> Artist | None:
    """The profile of an account, locked: two edits at once do not lose one another's fields."""
    return work.session.scalar(
        select(Artist).where(Artist.user_id == user_id).with_for_update().execution_options(populate_existing=True)
    )


def get_view(work: Work, *, artist_id: UUID) -> ArtistView:
    """One listed artist.

    Raises:
        NotFoundError: none by that id, or not listed (any more).
    """
    row = work.session.execute(_views(null()).where(Artist.id == artist_id, LISTED)).one_or_none()
    if row is None:
        raise _unknown()
    return ArtistView(*row)


def get_own_view(work: Work, *, user_id: UUID) -> ArtistView:
    """A person's own profile, listed or not.

    Raises:
        NotFoundError: this person is no artist.
    """
    row = work.session.execute(_views(null()).where(Artist.user_id == user_id)).one_or_none()
    if row is None:
        raise NotFoundError("You have no artist's profile.")
    return ArtistView(*row)


def search(
    work: Work, wanted: ArtistFilter, *, page: int, limit: int, after: UUID | None = None
) -> tuple[list[ArtistView], Counts]:
    """One page of listed artists, and how many there are of each kind. Two queries (with a text, a setting before).

    Args:
        work: the unit of work.
        wanted: what to look for.
        page: from 1.
        limit: artists on a page.
        after: instead of a page, go on after this artist.

    Raises:
        InvalidInputError: the artist to go on after is not listed any more.
    """
    if wanted.text is not None:
        forgive(work.session)
    shared, chosen = _conditions(wanted)
    order = _order(wanted, Artist)
    part = _views(_miles(wanted, Artist) if wanted.centre else null()).where(*shared, *chosen.values())
    if after is not None:
        other, user = aliased(Artist), aliased(User)
        last = select(*_order(wanted, other).keys).join(user, user.id == other.user_id)
        part = part.where(order.after(last.where(other.id == after, _listed(other, user))))
    rows = work.session.execute(part.order_by(*order.by()).offset(0 if after else (page - 1) * limit).limit(limit))
    views = [ArtistView(*row) for row in rows]
    if after is not None and not views:
        get_listed(work, after)
    facets = {
        "genres": Facet(Artist.genres, chosen.get("genres"), is_array=True),
        "states": Facet(Artist.state, chosen.get("states")),
        "ratings": Facet(rating_band(Artist.rating_total, Artist.rating_count), chosen.get("ratings")),
    }
    source = join(Artist, User, User.id == Artist.user_id)
    return views, count(work.session, source, where=shared, facets=facets)


def get_listed(work: Work, artist_id: UUID) -> None:
    """Make sure that an artist is listed.

    Raises:
        InvalidInputError: there is none to go on after.
    """
    listed = select(Artist.id).join(User, User.id == Artist.user_id).where(Artist.id == artist_id, LISTED)
    if work.session.scalar(listed) is None:
        raise invalid("after", "is not in this list any more", hint="Ask for the first page again.")


def _conditions(wanted: ArtistFilter) -> tuple[list[ColumnElement[bool]], dict[str, ColumnElement[bool]]]:
    """What belongs to no facet, and what narrows each."""
    shared: list[ColumnElement[bool]] = [LISTED]
    if wanted.text is not None:
        shared.append(matches(Artist.words, wanted.text))
    if wanted.centre is not None and wanted.radius_miles is not None:
        shared.append(within(wanted.centre, wanted.radius_miles, Artist.latitude, Artist.longitude))
    if wanted.guarantee_max_cents is not None:
        shared.append(func.coalesce(Artist.min_guarantee_cents, 0) <= wanted.guarantee_max_cents)
    if wanted.free is not None:
        shared.append(is_free(Artist.user_id, wanted.free))
    chosen: dict[str, ColumnElement[bool]] = {}
    if wanted.genres:
        chosen["genres"] = Artist.genres.overlap(list(wanted.genres))
    if wanted.states:
        chosen["states"] = Artist.state.in_(wanted.states)
    if wanted.rating_min is not None:
        chosen["ratings"] = rated(wanted.rating_min, Artist.rating_total, Artist.rating_count)
    return shared, chosen


def _miles(wanted: ArtistFilter, artist: type[Artist]) -> ColumnElement[Any]:
    """From the middle of the search to the artist's town."""
    return null() if wanted.centre is None else miles_from(wanted.centre, artist.latitude, artist.longitude)


def _order(wanted: ArtistFilter, artist: type[Artist]) -> Order:
    match wanted.order:
        case ListSort.DISTANCE if wanted.centre is not None:
            return Order((func.coalesce(_miles(wanted, artist), FAR_MILES), artist.id))
        case ListSort.RATING:
            return Order((artist.standing, artist.rating_count, artist.id), descending=True)
        case ListSort.RELEVANCE if wanted.text is not None:
            return Order((likeness(artist.words, wanted.text), artist.standing, artist.id), descending=True)
        case _:
            return Order((artist.approved_at, artist.id), descending=True)


def _views(miles: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Artist,
            UserProfile.website_url,
            func.coalesce(UserProfile.social_links, literal({}, UserProfile.social_links.type)),
            miles,
        )
        .join(User, User.id == Artist.user_id)
        .outerjoin(UserProfile, UserProfile.user_id == Artist.user_id)
    )


def _unknown() -> NotFoundError:
    return NotFoundError("No artist has this id.")
