"""Tables of concerts and seats. `guests_count` is the whole party, the fan included."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.concerts.states import ConcertState, RsvpState, ScanOutcome
from tourpad.core.database.base import Base, enum_column
from tourpad.core.hosts.states import VenueType
from tourpad.core.outbox.models import WorkItem


class Concert(Base):
    """A show made of a confirmed booking."""

    __tablename__ = "concerts"
    __table_args__ = (
        CheckConstraint("max_capacity > 0", name="capacity"),
        CheckConstraint("seats_taken BETWEEN 0 AND max_capacity", name="seats"),
        CheckConstraint("door_fee_cents = 0 OR door_fee_cents >= 50", name="door_fee"),
        CheckConstraint("door_minimum_cents = 0 OR door_minimum_cents >= 50", name="door_minimum"),
        CheckConstraint("door_turn BETWEEN 1 AND 65535", name="door_turn"),
        CheckConstraint("max_party BETWEEN 1 AND 20", name="max_party"),
        Index("ix_concerts_state_starts", "state", "starts_at"),
        CheckConstraint("(minimum_attendance > 0) = (minimum_by IS NOT NULL)", name="minimum"),
        Index(
            "ix_concerts_minimum_by",
            "minimum_by",
            postgresql_where="state = 'scheduled' AND minimum_reached_at IS NULL",
        ),
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
    moved_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it has got another date, time or length."""
    minimum_attendance: Mapped[int] = mapped_column(default=0, server_default="0")
    """With fewer people there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_by: Mapped[datetime | None]
    """Until when so many must have seats; null without a minimum."""
    minimum_reached_at: Mapped[datetime | None]
    """From then on seats are paid, and the show takes place however many do."""
    max_capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    """Seats held by requests in `HOLDS_SEATS`; changed only under this row's lock."""
    door_fee_cents: Mapped[int]
    """What each guest pays; 0 where they pay what they can."""
    door_mode: Mapped[DoorMode] = mapped_column(
        enum_column(DoorMode, "door_mode"), default=DoorMode.FIXED, server_default="fixed"
    )
    door_minimum_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What each guest pays at least where they pay what they can; else 0."""
    door_suggested_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What is suggested to them; 0 for no suggestion."""
    door_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "door_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """For parties that are approved from now on; each keeps the one that it was approved with."""
    currency: Mapped[str]
    advance_tickets_available: Mapped[bool] = mapped_column(default=True, server_default="true")
    is_private: Mapped[bool] = mapped_column(default=False, server_default="false")
    requires_approval: Mapped[bool] = mapped_column(default=True, server_default="true")
    max_party: Mapped[int] = mapped_column(default=20, server_default="20")
    """Guests of one request at most, the fan included."""
    asks_names: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether fans name everybody whom they bring."""
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    door_turn: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which of the links to its door is good: the newest."""
    refunded_at: Mapped[datetime | None]
    """Of a cancelled show: when the last refund of a door fee had been planned. Its money is divided after that."""
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Rsvp(Base):
    """A party's seats at one concert: a fan's (one open request a fan and concert), or a walk-up's at the door."""

    __tablename__ = "rsvps"
    __table_args__ = (
        CheckConstraint("guests_count BETWEEN 1 AND 20", name="guests"),
        CheckConstraint("(fan_id IS NULL) = (guest_name IS NOT NULL)", name="who"),
        CheckConstraint("cardinality(companions) < guests_count", name="companions"),
        CheckConstraint("arrived_count BETWEEN 0 AND guests_count", name="arrived"),
        CheckConstraint("ticket_issue BETWEEN 1 AND 65535", name="ticket_issue"),
        Index("ix_rsvps_concert_state", "concert_id", "state", "requested_at"),
        Index(
            "uq_rsvps_open",
            "fan_id",
            "concert_id",
            unique=True,
            postgresql_where="state IN ('pending', 'waitlisted', 'offered', 'approved', 'checked_in', 'no_show')",
        ),
        Index("ix_rsvps_expires", "expires_at", postgresql_where="state IN ('offered', 'approved')"),
        Index("ix_rsvps_keep_by", "keep_by", postgresql_where="keep_by IS NOT NULL"),
        Index("ix_rsvps_undecided", "concert_id", postgresql_where="state IN ('pending', 'waitlisted', 'offered')"),
    )

    fan_id: Mapped[UUID | None] = mapped_column(ForeignKey("fans.id"), index=True)
    """Null for a walk-up."""
    guest_name: Mapped[str | None]
    """What a walk-up is called, as the host wrote it down; null for fans."""
    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id"))
    state: Mapped[RsvpState] = mapped_column(enum_column(RsvpState, "state"))
    guests_count: Mapped[int]
    companions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """Names of those whom the fan brings, as the fan wrote them down; not all of them where the host does not ask."""
    special_requests: Mapped[str | None]
    fee_cents: Mapped[int]
    """What the party pays in all, as promised when it was approved; at least, where it pays what it can.

    Once it is paid: what was paid for the seats that it has.
    """
    door_policy: Mapped[Policy] = mapped_column(
        enum_column(Policy, "door_policy"), default=Policy.MODERATE, server_default="moderate"
    )
    """Promised together with the price; what goes back to a fan who gives seats back follows it."""
    paid_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """An offer, or an unpaid approval, lapses then."""
    keep_by: Mapped[datetime | None]
    """The show has moved, and the party is asked whether it comes: until then. Null where nothing is asked."""
    was_waitlisted: Mapped[bool] = mapped_column(default=False, server_default="false")
    ticket_issue: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which of its tickets is good: the newest."""
    arrived_count: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of the party are in."""
    checked_in_at: Mapped[datetime | None]
    """When the first of them came."""
    reminded_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    state_changed_at: Mapped[datetime]


class RsvpNews(WorkItem, Base):
    """Somebody is to be told how a request was answered that was taken in one statement; `id` is the request's.

    Written with the request, and gone once it is told (job `rsvps-tell`).
    """

    __tablename__ = "rsvp_news"

    id: Mapped[UUID] = mapped_column(ForeignKey("rsvps.id", ondelete="CASCADE"), primary_key=True)


class DoorScan(Base):
    """Somebody came to the door: a ticket was scanned, or a name ticked off, by us or by a device that was offline.

    `id` is the scan's own, made by whoever scanned, so that what is told twice counts once.
    """

    __tablename__ = "door_scans"
    __table_args__ = (
        CheckConstraint("guests >= 1", name="guests"),
        CheckConstraint("let_in >= 0 AND (guests IS NULL OR let_in <= guests)", name="let_in"),
        CheckConstraint("(outcome = 'let_in') = (let_in > 0)", name="outcome_let_in"),
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="outcome_reason"),
        Index("ix_door_scans_concert", "concert_id", "scanned_at"),
        Index("ix_door_scans_rsvp", "rsvp_id"),
    )

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id"))
    rsvp_id: Mapped[UUID | None] = mapped_column(ForeignKey("rsvps.id"))
    """Null where what was scanned is no ticket of this show."""
    guests: Mapped[int | None]
    """How many came with it; null for everybody who was missing."""
    let_in: Mapped[int]
    """How many of them count: those who had not come by an earlier scan."""
    outcome: Mapped[ScanOutcome] = mapped_column(enum_column(ScanOutcome, "outcome"))
    reason: Mapped[str | None]
    """The code of the refusal."""
    device: Mapped[str | None]
    """What the device calls itself; null for a scan that was answered at once."""
    by_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    scanned_at: Mapped[datetime]
    """By the device's clock, but never later than we heard of it."""
    heard_at: Mapped[datetime]


class InvitationLink(Base):
    """A link by which fans get an invitation to a concert: for one, for many, for a time."""

    __tablename__ = "invitation_links"
    __table_args__ = (
        CheckConstraint("max_uses >= 1", name="max_uses"),
        CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="uses"),
    )

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    label: Mapped[str | None]
    """Whom it is for, as whoever made it calls them."""
    max_uses: Mapped[int | None]
    """How many fans it lets in; null for any number."""
    uses: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ConcertInvitation(Base):
    """Somebody may see a private concert and ask for seats."""

    __tablename__ = "concert_invitations"
    __table_args__ = (UniqueConstraint("concert_id", "user_id"),)

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation_links.id", ondelete="SET NULL"), index=True)
    """The link that brought them; null where they were invited by name."""
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
        Index("ix_concert_search_standing", text("(- standing)"), "date", "start_time", "id"),
    )

    date: Mapped[date]
    start_time: Mapped[time]
    latitude: Mapped[float]
    longitude: Mapped[float]
    cell: Mapped[int]
    genre_mask: Mapped[int]
    standing: Mapped[float]
    """The artist's (`core/ratings.py`)."""


class ConcertFacts(Base):
    """What a search of concerts may ask for besides place, day and music; one row for each of `concert_search`.

    Apart from it, so that the table which every list reads stays narrow; written with it, so that both are true.
    """

    __tablename__ = "concert_facts"
    __table_args__ = (
        Index("ix_concert_facts_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("concert_search.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str]
    """Title, artist, venue, town, state and genres in plain words (`core/words.py`)."""
    genres: Mapped[list[str]] = mapped_column(ARRAY(Text))
    venue_type: Mapped[VenueType] = mapped_column(enum_column(VenueType, "venue_type"))
    state: Mapped[str]
    """Of the United States, two letters."""
    price_cents: Mapped[int]
    """What each guest pays at least."""
    door_mode: Mapped[DoorMode] = mapped_column(enum_column(DoorMode, "door_mode"))
