"""Tables of bookings. A date can hold one confirmed booking a host and one an artist: partial unique indexes say so."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.bookings.moments import end_of, local_instant
from tourpad.core.bookings.states import (
    BookingState,
    CancelledBy,
    DoorMode,
    OfferState,
    Policy,
    Side,
)
from tourpad.core.database.base import Base, enum_column
from tourpad.core.ids import new_id


class Booking(Base):
    """One artist, one host, one date. The terms in force are those of `offer_number`; accepted ones are frozen."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_artist", "artist_id", "state", "requested_date"),
        Index("ix_bookings_host", "host_id", "state", "requested_date"),
        Index("ix_bookings_due", "respond_by", postgresql_where="respond_by IS NOT NULL"),
        Index(
            "uq_bookings_host_date",
            "host_id",
            "requested_date",
            unique=True,
            postgresql_where="state IN ('confirmed', 'completed')",
        ),
        Index(
            "uq_bookings_artist_date",
            "artist_id",
            "requested_date",
            unique=True,
            postgresql_where="state IN ('confirmed', 'completed')",
        ),
        Index(
            "uq_bookings_open",
            "artist_id",
            "host_id",
            "requested_date",
            unique=True,
            postgresql_where="state IN ('pending', 'countered', 'approved')",
        ),
        CheckConstraint("artist_fee_cents >= 0", name="artist_fee"),
        CheckConstraint("door_fee_cents >= 0", name="door_fee"),
        CheckConstraint("door_minimum_cents >= 0 AND door_suggested_cents >= 0", name="door_amounts"),
        CheckConstraint(
            "minimum_attendance BETWEEN 0 AND expected_attendance AND expected_attendance <= maximum_attendance",
            name="attendance",
        ),
    )

    artist_id: Mapped[UUID] = mapped_column(ForeignKey("artists.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("hosts.id"))
    concert_id: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    """The id that its concert will have: money that is paid before confirmation already waits in that pot."""
    state: Mapped[BookingState] = mapped_column(enum_column(BookingState, "state"), default=BookingState.PENDING)
    requested_by: Mapped[Side] = mapped_column(
        enum_column(Side, "requested_by"), default=Side.ARTIST, server_default="artist"
    )
    """Who began it."""
    trip_id: Mapped[UUID | None] = mapped_column(ForeignKey("trips.id", ondelete="SET NULL"))
    """The artist's trip that the host's invitation answers."""
    turn: Mapped[Side | None] = mapped_column(enum_column(Side, "turn"))
    """Who has to answer; null when nobody. On a confirmed booking somebody has proposed another date."""
    offer_number: Mapped[int] = mapped_column(default=1, server_default="1")
    requested_date: Mapped[date]
    """Local to `time_zone`."""
    requested_time: Mapped[time]
    """Local to `time_zone`."""
    time_zone: Mapped[str]
    """IANA name: the host's when the offer in force was made. A host who moves later does not move the instant."""
    estimated_duration: Mapped[int]
    """Minutes."""
    expected_attendance: Mapped[int]
    minimum_attendance: Mapped[int] = mapped_column(default=0, server_default="0")
    """With fewer people there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_notice_days: Mapped[int] = mapped_column(default=7, server_default="7")
    """So many days before the show the minimum must be reached."""
    maximum_attendance: Mapped[int]
    artist_fee_cents: Mapped[int]
    """The guarantee, paid by the host before confirmation."""
    door_fee_cents: Mapped[int]
    """What each guest pays; 0 where they pay what they can."""
    door_mode: Mapped[DoorMode] = mapped_column(
        enum_column(DoorMode, "door_mode"), default=DoorMode.FIXED, server_default="fixed"
    )
    door_minimum_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What each guest pays at least where they pay what they can; else 0."""
    door_suggested_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What is suggested to them; 0 for no suggestion."""
    fee_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "fee_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """For the host who calls a confirmed show off."""
    door_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "door_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """For guests who give seats back; the concert begins with it."""
    artist_door_bps: Mapped[int]
    """The artist's share of the door after ours, in basis points of the whole door."""
    currency: Mapped[str]
    brought_from: Mapped[str | None]
    """The system in which it was agreed on and paid, where that was not this one: nothing is owed for it here."""
    message: Mapped[str | None]
    """Of whoever began it."""
    artist_response: Mapped[str | None]
    """What the artist answered last."""
    host_response: Mapped[str | None]
    """What the host answered last."""
    lodging_requested: Mapped[bool] = mapped_column(default=False, server_default="false")
    lodging_details: Mapped[dict[str, Any]]
    house_rules: Mapped[str | None]
    respond_by: Mapped[datetime | None]
    """When the present turn, or the time to secure the fee, ends; null when nobody has to do anything."""
    reminded_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    responded_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(enum_column(CancelledBy, "cancelled_by"))
    cancel_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def starts_at(self) -> datetime:
        """The instant at which the show begins by the terms in force."""
        return local_instant(self.requested_date, self.requested_time, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ends."""
        return end_of(self.starts_at, self.estimated_duration)


class Offer(Base):
    """One version of the terms. They are never changed; the next version answers this one.

    On a confirmed booking a version above the booking's `offer_number` is a proposal for another date.
    """

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("booking_id", "number"),
        Index("uq_offers_open", "booking_id", unique=True, postgresql_where="state = 'open'"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_by: Mapped[Side] = mapped_column(enum_column(Side, "made_by"))
    state: Mapped[OfferState] = mapped_column(
        enum_column(OfferState, "state"), default=OfferState.OPEN, server_default="open"
    )
    date: Mapped[date]
    time: Mapped[time]
    duration: Mapped[int]
    """Minutes."""
    artist_fee_cents: Mapped[int]
    door_fee_cents: Mapped[int]
    door_mode: Mapped[DoorMode] = mapped_column(
        enum_column(DoorMode, "door_mode"), default=DoorMode.FIXED, server_default="fixed"
    )
    door_minimum_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What each guest pays at least where they pay what they can; else 0."""
    door_suggested_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What is suggested to them; 0 for no suggestion."""
    fee_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "fee_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """For the host who calls a confirmed show off."""
    door_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "door_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """For guests who give seats back; the concert begins with it."""
    artist_door_bps: Mapped[int]
    expected_attendance: Mapped[int]
    minimum_attendance: Mapped[int] = mapped_column(default=0, server_default="0")
    minimum_notice_days: Mapped[int] = mapped_column(default=7, server_default="7")
    maximum_attendance: Mapped[int]
    lodging_requested: Mapped[bool] = mapped_column(default=False, server_default="false")
    lodging_details: Mapped[dict[str, Any]]
    house_rules: Mapped[str | None]
    message: Mapped[str | None]
    respond_by: Mapped[datetime]
    """When whoever has to answer is reminded."""
    expires_at: Mapped[datetime]
    """When it ends by itself."""
    accepted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """When its state became what it is; null while it is open."""
    created_at: Mapped[datetime]


class BookingSignature(Base):
    """Somebody put their name under one version of the terms: whoever made it, and whoever accepted it."""

    __tablename__ = "booking_signatures"
    __table_args__ = (UniqueConstraint("booking_id", "number", "side"),)

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Of the offer."""
    side: Mapped[Side] = mapped_column(enum_column(Side, "side"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str | None]
    """As it was typed, or the account's; null once the person was erased."""
    is_typed: Mapped[bool]
    """Whether they typed it for this."""
    terms_hash: Mapped[str]
    """SHA-256 of the terms that were signed (`terms.fingerprint`)."""
    address: Mapped[str | None]
    """The network address that the request came from."""
    signed_at: Mapped[datetime]
