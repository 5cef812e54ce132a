"""Days: which are taken, which are blocked, what people say of them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, true

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import AvailabilityDay, Booking
from tourpad.core.bookings.queries.bookings import HELD
from tourpad.core.bookings.states import AvailabilityKind, Side
from tourpad.core.hosts.models import Host
from tourpad.core.work import Work


def whose_date_is_taken(
    work: Work, *, day: date, artist_id: UUID, host_id: UUID, besides: UUID | None = None
) -> Side | None:
    """The side that has a confirmed show on that date, if one has (the artist where both have)."""
    rows = set(
        work.session.scalars(
            select(Booking.artist_id == artist_id).where(
                Booking.requested_date == day,
                Booking.state.in_(HELD),
                or_(Booking.artist_id == artist_id, Booking.host_id == host_id),
                Booking.id != besides if besides else true(),
            )
        )
    )
    if True in rows:
        return Side.ARTIST
    return Side.HOST if rows else None


def blocked_by(work: Work, *, day: date, user_ids: Iterable[UUID]) -> set[UUID]:
    """Of these people, those who have blocked that date."""
    return set(
        work.session.scalars(
            select(AvailabilityDay.user_id).where(
                AvailabilityDay.user_id.in_(list(user_ids)),
                AvailabilityDay.day == day,
                AvailabilityDay.kind == AvailabilityKind.BLOCKED,
            )
        )
    )


def availability(work: Work, user_id: UUID, *, since: date) -> list[AvailabilityDay]:
    """What a person has said of days from `since` on."""
    return list(
        work.session.scalars(
            select(AvailabilityDay)
            .where(AvailabilityDay.user_id == user_id, AvailabilityDay.day >= since)
            .order_by(AvailabilityDay.day)
        )
    )


def booked_days(work: Work, user_id: UUID, *, since: date) -> list[date]:
    """Days from `since` on that a person's confirmed shows hold."""
    return list(
        work.session.scalars(
            select(Booking.requested_date)
            .join(Artist, Artist.id == Booking.artist_id)
            .join(Host, Host.id == Booking.host_id)
            .where(
                or_(Artist.user_id == user_id, Host.user_id == user_id),
                Booking.state.in_(HELD),
                Booking.requested_date >= since,
            )
            .order_by(Booking.requested_date)
        )
    )
