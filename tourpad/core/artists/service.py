"""Making, changing and listing artists' profiles."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.artists import queries, rules
from tourpad.core.artists.events import ArtistChanged
from tourpad.core.artists.models import Artist
from tourpad.core.errors import NotFoundError
from tourpad.core.identity import queries as people
from tourpad.core.identity.states import UserType
from tourpad.core.ids import new_id
from tourpad.core.notifications import service as notifications
from tourpad.core.ratings import Rating
from tourpad.core.work import Work


def ensure(work: Work, *, user_id: UUID) -> Artist:
    """The profile of an artist's account, locked; an empty one is made where there is none yet.

    Raises:
        NotFoundError: the account is no artist's.
    """
    artist = queries.get_for_update(work, user_id)
    if artist is not None:
        return artist
    user = people.get_user(work, user_id)
    if user.user_type is not UserType.ARTIST:
        raise NotFoundError("You have no artist's profile.")
    work.session.execute(
        insert(Artist)
        .values(
            id=new_id(),
            user_id=user_id,
            stage_name=user.name,
            genres=[],
            equipment_needs=[],
            music_samples=[],
            words=rules.words_of(stage_name=user.name, city=None, state=None, genres=()),
            created_at=work.now,
            updated_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["user_id"])
    )
    made = queries.get_for_update(work, user_id)
    if made is None:
        raise NotFoundError("You have no artist's profile.")
    return made


def edit(work: Work, *, user_id: UUID, changes: Mapping[str, Any]) -> Artist:
    """Change what an artist says of themselves. What is not mentioned stays; null clears what may be empty.

    Raises:
        InvalidInputError: naming every wrong field; nothing is changed.
        NotFoundError: the account is no artist's.
    """
    clean = rules.check_profile(changes)
    artist = ensure(work, user_id=user_id)
    return apply(work, artist, clean)


def apply(work: Work, artist: Artist, clean: Mapping[str, Any]) -> Artist:
    """Write columns that `rules.check_profile` has cleaned. The row must be locked."""
    changed = {name for name, value in clean.items() if getattr(artist, name) != value}
    if not changed:
        return artist
    for name in changed:
        setattr(artist, name, clean[name])
    artist.words = _words(artist)
    artist.updated_at = work.now
    work.audit("artist.edit", target_type="artist", target_id=artist.id, fields=sorted(changed))
    work.emit(ArtistChanged(artist_id=artist.id, fields=frozenset(changed)))
    return artist


def show(work: Work, *, user_id: UUID) -> Artist:
    """List an artist from now on: their application was accepted."""
    artist = ensure(work, user_id=user_id)
    artist.approved_at = artist.approved_at or work.now
    artist.updated_at = work.now
    return artist


def hide(work: Work, *, user_id: UUID) -> None:
    """List an artist no longer: the decision was undone."""
    artist = ensure(work, user_id=user_id)
    artist.approved_at = None
    artist.updated_at = work.now


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank the profile of a person who is erased. The row stays: bookings of others point to it."""
    artist = queries.get_for_update(work, user_id)
    if artist is None:
        return
    notifications.forget_names(work, names=[artist.stage_name])
    artist.stage_name = "erased"
    artist.bio = artist.city = artist.state = None
    artist.latitude = artist.longitude = None
    artist.performance_video_url = artist.music_profile_url = None
    artist.genres, artist.equipment_needs, artist.music_samples = [], [], []
    artist.words = ""
    artist.approved_at = None
    artist.updated_at = work.now


def rate(work: Work, artist: Artist, *, rating: Rating) -> None:
    """Write down what published, public reviews of an artist come to. The row must be locked."""
    if (artist.rating_total, artist.rating_count) == (rating.total, rating.count):
        return
    artist.rating_total, artist.rating_count, artist.standing = rating.total, rating.count, rating.standing
    work.emit(ArtistChanged(artist_id=artist.id, fields=frozenset({"standing"})))


def _words(artist: Artist) -> str:
    return rules.words_of(stage_name=artist.stage_name, city=artist.city, state=artist.state, genres=artist.genres)
