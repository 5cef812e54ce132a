"""Every SELECT of relocation."""

from collections.abc import Collection, Iterator
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.service import OVER
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts.models import Concert
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host, HostAddress
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaState
from tourpad.core.memberships.models import Membership
from tourpad.core.relocation.models import ImportedId
from tourpad.core.relocation.states import Kind
from tourpad.core.reviews.models import Review
from tourpad.core.values import Value
from tourpad.core.work import Work

T = TypeVar("T")

_MANY = 5_000
"""So many values at once in one statement."""


class Known(Value):
    """A record that was brought before."""

    our_id: UUID
    user_id: UUID | None
    line_hash: str | None
    is_erased: bool


def known(work: Work, source: str) -> dict[str, Known]:
    """All that was brought from a system, by the hash of its id there."""
    rows = work.session.execute(
        select(
            ImportedId.foreign_hash,
            ImportedId.our_id,
            ImportedId.user_id,
            ImportedId.line_hash,
            ImportedId.foreign_id.is_(None),
        ).where(ImportedId.source == source)
    )
    return {row[0]: Known(*row[1:]) for row in rows}


def find(work: Work, foreign_hash: str) -> UUID | None:
    """The id here of what was brought, by the hash of its id there."""
    return work.session.scalar(select(ImportedId.our_id).where(ImportedId.foreign_hash == foreign_hash))


def sources(work: Work) -> list[str]:
    """The systems that anything was brought from, by name."""
    return list(work.session.scalars(select(ImportedId.source).distinct().order_by(ImportedId.source)))


def foreign_ids(work: Work, source: str) -> dict[tuple[Kind, UUID], str]:
    """The ids there of all that was brought from a system, by kind and id here; erased people are not among it."""
    rows = work.session.execute(
        select(ImportedId.kind, ImportedId.our_id, ImportedId.foreign_id).where(
            ImportedId.source == source, ImportedId.foreign_id.is_not(None)
        )
    )
    return {(kind, our_id): foreign_id for kind, our_id, foreign_id in rows if foreign_id is not None}


def accounts(work: Work, emails: Collection[str]) -> dict[str, tuple[UUID, UserType]]:
    """Which of these mail addresses have an account, in lower case; and whose role it is."""
    found: dict[str, tuple[UUID, UserType]] = {}
    wanted = sorted({email.lower() for email in emails})
    for at in range(0, len(wanted), _MANY):
        rows = work.session.execute(
            select(func.lower(User.email), User.id, User.user_type).where(
                func.lower(User.email).in_(wanted[at : at + _MANY])
            )
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


def roles(work: Work, source: str) -> dict[UUID, UserType]:
    """The role of everybody who was brought from a system, by their id here."""
    rows = work.session.execute(
        select(User.id, User.user_type)
        .join(ImportedId, ImportedId.our_id == User.id)
        .where(ImportedId.source == source, ImportedId.kind == Kind.USERS)
    )
    return {row[0]: row[1] for row in rows}


def profile_of(work: Work, kind: Kind, user_id: UUID) -> UUID | None:
    """The id of an account's profile of a role, where there is one."""
    model = {Kind.ARTISTS: Artist, Kind.HOSTS: Host, Kind.FANS: Fan}[kind]
    return work.session.scalar(select(model.id).where(model.user_id == user_id))


def users(work: Work) -> Iterator[tuple[User, UserProfile | None, Membership | None]]:
    """Everybody but admins and the erased, the first to come first."""
    rows = work.session.execute(
        select(User, UserProfile, Membership)
        .outerjoin(UserProfile, UserProfile.user_id == User.id)
        .outerjoin(Membership, Membership.user_id == User.id)
        .where(User.user_type != UserType.ADMIN, User.state != UserState.ERASED)
        .order_by(User.id)
    )
    yield from rows


def artists(work: Work) -> Iterator[Artist]:
    """Profiles of artists who are not erased."""
    yield from work.session.scalars(
        select(Artist).join(User, User.id == Artist.user_id).where(User.state != UserState.ERASED).order_by(Artist.id)
    )


def hosts(work: Work) -> Iterator[tuple[Host, HostAddress | None]]:
    """Profiles of hosts who are not erased, each with where the home is."""
    rows = work.session.execute(
        select(Host, HostAddress)
        .join(User, User.id == Host.user_id)
        .outerjoin(HostAddress, HostAddress.host_id == Host.id)
        .where(User.state != UserState.ERASED)
        .order_by(Host.id)
    )
    yield from rows


def fans(work: Work) -> Iterator[Fan]:
    """Profiles of fans who are not erased."""
    yield from work.session.scalars(
        select(Fan).join(User, User.id == Fan.user_id).where(User.state != UserState.ERASED).order_by(Fan.id)
    )


def bookings(work: Work) -> Iterator[Booking]:
    """Bookings that are over, between people of whom nobody is erased."""
    yield from work.session.scalars(_of_people(select(Booking), Booking).order_by(Booking.id))


def concerts(work: Work) -> Iterator[Concert]:
    """Shows that were played, of such bookings."""
    played = _of_people(select(Concert).join(Booking, Booking.id == Concert.booking_id), Booking)
    yield from work.session.scalars(played.where(Booking.state == BookingState.COMPLETED).order_by(Concert.id))


def reviews(work: Work) -> Iterator[Review]:
    """What was published of such bookings."""
    written = _of_people(select(Review).join(Booking, Booking.id == Review.booking_id), Booking)
    yield from work.session.scalars(written.where(Review.published_at.is_not(None)).order_by(Review.id))


def _of_people(query: Select[T], booking: type[Booking]) -> Select[T]:
    artist, host = aliased(User), aliased(User)
    return (
        query.join(Artist, Artist.id == booking.artist_id)
        .join(artist, artist.id == Artist.user_id)
        .join(Host, Host.id == booking.host_id)
        .join(host, host.id == Host.user_id)
        .where(booking.state.in_(OVER), artist.state != UserState.ERASED, host.state != UserState.ERASED)
    )


def media(work: Work) -> Iterator[Media]:
    """What is shown, of whoever is not an admin."""
    yield from work.session.scalars(
        select(Media)
        .join(User, User.id == Media.owner_id)
        .where(Media.state == MediaState.PUBLISHED, User.user_type != UserType.ADMIN)
        .order_by(Media.owner_id, Media.sort_order, Media.created_at, Media.id)
    )
