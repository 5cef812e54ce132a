"""Every SELECT on artists."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, join, literal, null, select

from tourpad.core.artists.models import Artist
from tourpad.core.database.facets import Counts, Facet, count, rating_band
from tourpad.core.database.listing import ListFilter, Profiles
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.states import UserState
from tourpad.core.values import Value
from tourpad.core.work import Work


def _listed(artist: type[Artist], user: type[User]) -> ColumnElement[bool]:
    return and_(artist.approved_at.is_not(None), user.state == UserState.ACTIVE)


LISTED = _listed(Artist, User)
"""Let in, a member, and not suspended."""


LIST = Profiles(
    of=Artist,
    owner=User,
    is_listed=_listed,
    place=lambda artist: (artist.latitude, artist.longitude),
    genres=Artist.genres,
)
"""How it is searched: from the town that an artist names."""


class ArtistFilter(ListFilter, kw_only=True):
    """What to look for; nothing given means everybody."""

    guarantee_max_cents: int | None = None
    """Artists who ask for no more, or have not said."""


class ArtistView(Value):
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
    shared, chosen = LIST.conditions(wanted)
    if wanted.guarantee_max_cents is not None:
        shared.append(func.coalesce(Artist.min_guarantee_cents, 0) <= wanted.guarantee_max_cents)
    narrowed = (*shared, *chosen.values())
    rows = LIST.page(work.session, wanted, _views(LIST.miles(wanted)), narrowed, page=page, limit=limit, after=after)
    views = [ArtistView(*row) for row in rows]
    facets = {
        "genres": Facet(Artist.genres, chosen.get("genres"), is_array=True),
        "states": Facet(Artist.state, chosen.get("states")),
        "ratings": Facet(rating_band(Artist.rating_total, Artist.rating_count), chosen.get("ratings")),
    }
    source = join(Artist, User, User.id == Artist.user_id)
    return views, count(work.session, source, where=shared, facets=facets)


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
