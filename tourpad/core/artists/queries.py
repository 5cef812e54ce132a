"""Every SELECT on artists."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, literal, null, select

from tourpad.core.artists.models import Artist
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.states import UserState
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from, within
from tourpad.core.work import Work

LISTED = and_(Artist.approved_at.is_not(None), User.state == UserState.ACTIVE)
"""Let in, a member, and not suspended."""


@dataclass(frozen=True, slots=True)
class ArtistFilter:
    """What to look for; nothing given means everybody."""

    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""
    centre: Point | None = None
    radius_miles: float | None = None


@dataclass(frozen=True, slots=True)
class ArtistView:
    """An artist as others see them."""

    artist: Artist
    website_url: str | None
    social_links: dict[str, Any]
    image_url: str | None
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


def search(work: Work, wanted: ArtistFilter, *, page: int, limit: int) -> tuple[list[ArtistView], int, list[str]]:
    """One page of listed artists, how many match in all, and the genres of all listed artists. Two queries.

    With a centre the nearest come first, else those let in last.
    """
    miles: ColumnElement[Any] = null()
    where: list[ColumnElement[bool]] = [LISTED]
    order: list[SQLColumnExpression[Any]] = [Artist.approved_at.desc(), Artist.id]
    if wanted.genres:
        where.append(Artist.genres.overlap(list(wanted.genres)))
    if wanted.centre is not None:
        miles = miles_from(wanted.centre, Artist.latitude, Artist.longitude)
        order = [miles.asc().nulls_last(), Artist.id]
        if wanted.radius_miles is not None:
            where.append(within(wanted.centre, wanted.radius_miles, Artist.latitude, Artist.longitude))
    rows = work.session.execute(_views(miles).where(*where).order_by(*order).offset((page - 1) * limit).limit(limit))
    views = [ArtistView(*row) for row in rows]
    return views, *_total_and_genres(work, where)


def _views(miles: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Artist,
            UserProfile.website_url,
            func.coalesce(UserProfile.social_links, literal({}, UserProfile.social_links.type)),
            User.profile_image_url,
            miles,
        )
        .join(User, User.id == Artist.user_id)
        .outerjoin(UserProfile, UserProfile.user_id == Artist.user_id)
    )


def _total_and_genres(work: Work, where: list[ColumnElement[bool]]) -> tuple[int, list[str]]:
    matching = select(func.count()).select_from(Artist).join(User, User.id == Artist.user_id).where(*where)
    genre = func.unnest(Artist.genres).label("genre")
    each = select(genre).join(User, User.id == Artist.user_id).where(LISTED).distinct().subquery()
    genres = select(func.array_agg(each.c.genre)).scalar_subquery()
    row = work.session.execute(select(matching.scalar_subquery(), genres)).one()
    return row[0], sorted(row[1] or [])


def _unknown() -> NotFoundError:
    return NotFoundError("No artist has this id.")
