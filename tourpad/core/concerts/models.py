"""Tables of concerts and seats. `guests_count` is the whole party, the fan included."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.database.base import Base, enum_column


class Concert(Base):
    """A show made of a confirmed booking."""

    __tablename__ = "concerts"
    __table_args__ = (
        CheckConstraint("max_capacity > 0", name="capacity"),
        CheckConstraint("seats_taken BETWEEN 0 AND max_capacity", name="seats"),
        CheckConstraint("door_fee_cents = 0 OR door_fee_cents >= 50", name="door_fee"),
        Index("ix_concerts_state_starts", "state", "starts_at"),
        Index("ix_concerts_to_refund", "id", postgresql_where="state = 'cancelled' AND refunded_at IS NULL"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"), unique=True)
    artist_id: Mapped[UUID] = mapped_column(ForeignKey("artists.id"), index=True)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("hosts.id"), index=True)
    state: Mapped[ConcertState] = mapped_column(enum_column(ConcertState, "state"), default=ConcertState.SCHEDULED)
    title: Mapped[str]
    description: Mapped[str | None]
    date: Mapped[date]
    start_time: Mapped[time]
    end_time: Mapped[time]
    time_zone: Mapped[str]
    starts_at: Mapped[datetime]
    """The instant, derived from date, start_time and time_zone."""
    ends_at: Mapped[datetime]
    max_capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    """Seats held by requests in `HOLDS_SEATS`; changed only under this row's lock."""
    door_fee_cents: Mapped[int]
    currency: Mapped[str]
    advance_tickets_available: Mapped[bool] = mapped_column(default=True, server_default="true")
    is_private: Mapped[bool] = mapped_column(default=False, server_default="false")
    requires_approval: Mapped[bool] = mapped_column(default=True, server_default="true")
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    refunded_at: Mapped[datetime | None]
    """Of a cancelled show: when the last refund of a door fee had been planned. Its money is divided after that."""
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Rsvp(Base):
    """A fan's request for seats at one concert. One open request a fan and concert."""

    __tablename__ = "rsvps"
    __table_args__ = (
        CheckConstraint("guests_count BETWEEN 1 AND 20", name="guests"),
        Index("ix_rsvps_concert_state", "concert_id", "state", "requested_at"),
        Index(
            "uq_rsvps_open",
            "fan_id",
            "concert_id",
            unique=True,
            postgresql_where="state IN ('pending', 'waitlisted', 'offered', 'approved', 'checked_in', 'no_show')",
        ),
        Index("ix_rsvps_expires", "expires_at", postgresql_where="state IN ('offered', 'approved')"),
        Index("ix_rsvps_undecided", "concert_id", postgresql_where="state IN ('pending', 'waitlisted', 'offered')"),
    )

    fan_id: Mapped[UUID] = mapped_column(ForeignKey("fans.id"), index=True)
    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id"))
    state: Mapped[RsvpState] = mapped_column(enum_column(RsvpState, "state"))
    guests_count: Mapped[int]
    special_requests: Mapped[str | None]
    fee_cents: Mapped[int]
    """What the party pays in all, as promised when it was approved."""
    paid_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """An offer, or an unpaid approval, lapses then."""
    was_waitlisted: Mapped[bool] = mapped_column(default=False, server_default="false")
    checked_in_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    state_changed_at: Mapped[datetime]


class ConcertInvitation(Base):
    """Somebody may see a private concert and ask for seats."""

    __tablename__ = "concert_invitations"
    __table_args__ = (UniqueConstraint("concert_id", "user_id"),)

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class ConcertSearchRow(Base):
    """The narrow read table of public, open concerts, written with its truth; `id` is the concert's.

    Its position is the host's public point; `cell` is a square of half a degree.
    """

    __tablename__ = "concert_search"
    __table_args__ = (
        Index(
            "ix_concert_search_cell",
            "cell",
            "date",
            postgresql_include=["start_time", "latitude", "longitude", "genre_mask", "id"],
        ),
        Index("ix_concert_search_date", "date", "start_time", "id"),
    )

    date: Mapped[date]
    start_time: Mapped[time]
    latitude: Mapped[float]
    longitude: Mapped[float]
    cell: Mapped[int]
    genre_mask: Mapped[int]
