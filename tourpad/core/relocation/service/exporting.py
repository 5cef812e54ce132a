"""What an export says: each record in the words in which an import would read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from tourpad.core.artists.models import Artist
from tourpad.core.artists.rules import FIELDS as ARTIST_FIELDS
from tourpad.core.bookings.models import Booking
from tourpad.core.concerts.models import Concert
from tourpad.core.fans.rules import FIELDS as FAN_FIELDS
from tourpad.core.hosts.models import Host, HostAddress
from tourpad.core.hosts.rules import FIELDS as HOST_FIELDS
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.rules import COMMON_PROFILE
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.media.models import Media
from tourpad.core.media.rules import TYPES
from tourpad.core.memberships.models import Membership
from tourpad.core.memberships.rules import LIVE
from tourpad.core.relocation import queries
from tourpad.core.relocation.shape import MEDIA
from tourpad.core.relocation.states import Entrance, Kind
from tourpad.core.reviews.models import Review
from tourpad.core.work import Work

Record = dict[str, Any]

_ENDINGS = {mime_type: ending for types in TYPES.values() for mime_type, ending in types.items()}
_ENTRANCES = {
    UserState.PENDING: Entrance.PENDING,
    UserState.REJECTED: Entrance.REJECTED,
    UserState.APPROVED: Entrance.APPROVED,
    UserState.ACTIVE: Entrance.APPROVED,
}


class Names:
    """What records are called in an export: by our own ids, or by those of the system that they came from."""

    def __init__(self, work: Work, source: str | None) -> None:
        self._theirs = None if source is None else queries.foreign_ids(work, source)

    def of(self, kind: Kind, our_id: UUID) -> str | None:
        """Its id in the export; None where it does not belong into it."""
        return str(our_id) if self._theirs is None else self._theirs.get((kind, our_id))


def records(work: Work, kind: Kind, names: Names) -> Iterator[Record]:
    """Everything of one kind, without what is empty."""
    for our_id, user_id, said in _of(work, kind, names):
        foreign_id = names.of(kind, our_id)
        owner = None if user_id is None else names.of(Kind.USERS, user_id)
        if foreign_id is None or (user_id is not None and owner is None):
            continue
        made = {"id": foreign_id, "user_id": owner, **dict(sorted(said.items()))}
        yield {key: plain(value) for key, value in made.items() if value not in (None, [], {}, "")}


def originals(work: Work, names: Names) -> Iterator[tuple[Media, str]]:
    """Each file as it was sent, and the name under which it goes along."""
    for one in queries.media(work):
        foreign_id = names.of(Kind.MEDIA, one.id)
        if foreign_id is not None and names.of(Kind.USERS, one.owner_id) is not None:
            yield one, file_of(one)


def file_of(media: Media) -> str:
    """The name of a file in an export."""
    return f"{MEDIA}/{media.id}.{_ENDINGS[media.mime_type]}"


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


Found = Iterator[tuple[UUID, UUID | None, Record]]
"""Ids here, whose they are, and what is said of them."""


def _of(work: Work, kind: Kind, names: Names) -> Found:
    if kind in (Kind.BOOKINGS, Kind.CONCERTS, Kind.REVIEWS):
        return _past(work, kind, names)
    return _people(work, kind, names)


def _people(work: Work, kind: Kind, names: Names) -> Found:
    match kind:
        case Kind.USERS:
            for user, profile, membership in queries.users(work):
                yield user.id, None, _user(user, profile, membership)
        case Kind.ARTISTS:
            for artist in queries.artists(work):
                yield artist.id, artist.user_id, _artist(artist)
        case Kind.HOSTS:
            for host, address in queries.hosts(work):
                yield host.id, host.user_id, _host(host, address)
        case Kind.FANS:
            for fan in queries.fans(work):
                yield fan.id, fan.user_id, {name: getattr(fan, name) for name in FAN_FIELDS}
        case _:
            for one, file in originals(work, names):
                yield one.id, one.owner_id, _media(one, file)


def _past(work: Work, kind: Kind, names: Names) -> Found:
    match kind:
        case Kind.BOOKINGS:
            for booking in queries.bookings(work):
                yield booking.id, None, _booking(booking, names)
        case Kind.CONCERTS:
            for concert in queries.concerts(work):
                yield concert.id, None, _concert(concert, names)
        case _:
            for review in queries.reviews(work):
                yield review.id, None, _review(review, names)


def _user(user: User, profile: UserProfile | None, membership: Membership | None) -> Record:
    suspended = user.state is UserState.SUSPENDED
    underneath = UserState(user.suspended_from or UserState.PENDING) if suspended else user.state
    said: Record = {
        "email": user.email,
        "name": user.name,
        "user_type": user.user_type.value,
        "state": _ENTRANCES[underneath].value,
        "created_at": user.created_at,
        "email_verified_at": user.email_verified_at,
        "referral_source": user.referral_source,
    }
    if profile is not None:
        said |= {name: getattr(profile, name) for name in COMMON_PROFILE}
    if suspended:
        until = user.suspended_until
        said["suspension"] = _filled({"reason": user.suspension_reason, "until": until})
    if membership is not None and membership.state in LIVE and user.user_type is not UserType.HOST:
        said["membership"] = {"until": plain(membership.cancels_at or membership.current_period_end)}
    return said


def _artist(artist: Artist) -> Record:
    return {name: getattr(artist, name) for name in ARTIST_FIELDS} | {"approved_at": artist.approved_at}


def _host(host: Host, address: HostAddress | None) -> Record:
    said = {name: getattr(host, name) for name in HOST_FIELDS - {"address"}}
    said["venue_type"] = host.venue_type.value
    said["offers_lodging"] = host.offers_lodging or None
    for capacity in ("indoor_capacity", "outdoor_capacity"):
        said[capacity] = said[capacity] or None
    said["approved_at"] = host.approved_at
    if address is not None:
        said["address"] = _filled(
            {
                "street": address.street,
                "postcode": address.postcode,
                "arrival_notes": address.arrival_notes,
                # Where none were given, those of the town's middle are ours.
                "latitude": None if address.is_approximate else address.latitude,
                "longitude": None if address.is_approximate else address.longitude,
            }
        )
    return said


def _media(media: Media, file: str) -> Record:
    return {
        "file": file,
        "category": media.category.value,
        "title": media.title,
        "description": media.description,
        "alt_text": media.alt_text,
        "is_private": media.is_private or None,
        "sort_order": media.sort_order,
    }


_OF_BOOKINGS = (
    *("estimated_duration", "expected_attendance", "artist_fee_cents", "door_fee_cents", "message"),
    *("artist_response", "host_response", "requested_at", "responded_at", "confirmed_at", "completed_at"),
    *("cancelled_at", "cancel_reason"),
)


def _booking(booking: Booking, names: Names) -> Record:
    return {name: getattr(booking, name) for name in _OF_BOOKINGS} | {
        "artist_id": names.of(Kind.ARTISTS, booking.artist_id),
        "host_id": names.of(Kind.HOSTS, booking.host_id),
        "state": booking.state.value,
        "requested_date": booking.requested_date.isoformat(),
        "requested_time": booking.requested_time.isoformat("auto" if booking.requested_time.second else "minutes"),
        "lodging_requested": booking.lodging_requested or None,
        "cancelled_by": booking.cancelled_by.value if booking.cancelled_by else None,
    }


def _concert(concert: Concert, names: Names) -> Record:
    return {
        "booking_id": names.of(Kind.BOOKINGS, concert.booking_id),
        "title": concert.title,
        "description": concert.description,
        "max_capacity": concert.max_capacity,
        "seats_taken": concert.seats_taken,
        "is_private": concert.is_private or None,
    }


def _review(review: Review, names: Names) -> Record:
    return {
        "booking_id": names.of(Kind.BOOKINGS, review.booking_id),
        "reviewer_id": names.of(Kind.USERS, review.reviewer_id),
        "rating": review.rating,
        "review_text": review.review_text,
        "is_public": None if review.is_public else False,
        "created_at": review.created_at,
        "response_text": review.response_text,
        "responded_at": review.responded_at,
    }


def _filled(said: Record) -> Record:
    return {key: plain(value) for key, value in said.items() if value is not None}
