"""Days: which are taken, which are blocked, what people say of them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, true

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries.bookings import HELD
from tourpad.core.bookings.states import Side
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


def booked_by(work: Work, user_ids: Iterable[UUID], *, since: date) -> dict[UUID, set[date]]:
    """By account: the days from `since` on that confirmed shows hold. One query."""
    people = list(user_ids)
    held: dict[UUID, set[date]] = {user_id: set() for user_id in people}
    rows = work.session.execute(
        select(Artist.user_id, Host.user_id, Booking.requested_date)
        .select_from(Booking)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .where(
            or_(Artist.user_id.in_(people), Host.user_id.in_(people)),
            Booking.state.in_(HELD),
            Booking.requested_date >= since,
        )
    )
    for artist_user, host_user, day in rows:
        for user_id in (artist_user, host_user):
            if user_id in held:
                held[user_id].add(day)
    return held
