"""Tables of days, patterns, calendars kept elsewhere, and trips. Days are local dates; nothing here is an instant."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.availability.states import AvailabilityKind, FeedBlocks, FeedState, Repeats
from tourpad.core.database.base import Base, enum_column


class AvailabilityDay(Base):
    """A day that a host or artist has marked open or blocked. It counts more than any pattern or feed."""

    __tablename__ = "availability_days"
    __table_args__ = (UniqueConstraint("user_id", "day"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    day: Mapped[date]
    kind: Mapped[AvailabilityKind] = mapped_column(enum_column(AvailabilityKind, "kind"))
    note: Mapped[str | None]
    created_at: Mapped[datetime]


class AvailabilityPattern(Base):
    """Days that come again. Single days are its exceptions."""

    __tablename__ = "availability_patterns"
    __table_args__ = (
        UniqueConstraint("user_id", "position"),
        CheckConstraint("every BETWEEN 1 AND 12", name="every"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="span"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    position: Mapped[int]
    """In the order given. Where several fall on a day, a blocked one counts."""
    kind: Mapped[AvailabilityKind] = mapped_column(enum_column(AvailabilityKind, "kind"))
    repeats: Mapped[Repeats] = mapped_column(enum_column(Repeats, "repeats"))
    weekdays: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """`mo` to `su`; empty for days of the month."""
    month_days: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """1 to 31, and -1 for the last; a month without the day is passed over."""
    weeks: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Which of the month's Fridays: 1 to 5, and -1 for the last."""
    every: Mapped[int] = mapped_column(default=1, server_default="1")
    """Weeks or months between two rounds, counted from that of `starts_on`."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day on which it may fall."""
    note: Mapped[str | None]
    created_at: Mapped[datetime]


class CalendarFeed(Base):
    """A calendar that a person keeps elsewhere. Of its events only the busy days are kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        UniqueConstraint("user_id", "url_hash"),
        Index("ix_calendar_feeds_due", "next_fetch_at", postgresql_where="state <> 'stopped'"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    sealed_url: Mapped[str]
    """Encrypted: whoever has such an address can read the whole calendar."""
    url_hash: Mapped[str]
    """Keyed; tells the same address from another."""
    host: Mapped[str]
    """Of the address: what its owner is shown of it."""
    blocks: Mapped[FeedBlocks] = mapped_column(enum_column(FeedBlocks, "blocks"))
    state: Mapped[FeedState] = mapped_column(enum_column(FeedState, "state"), default=FeedState.NEW)
    error: Mapped[str | None]
    """Why the last try failed, in words for its owner."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """In a row."""
    told_at: Mapped[datetime | None]
    """When its owner was told that it fails."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    time_zone: Mapped[str | None]
    """In which its days were counted."""
    read_until: Mapped[date | None]
    """The last day for which events were looked at."""
    left_out: Mapped[int] = mapped_column(default=0, server_default="0")
    """Events that could not be read, or that repeat within a day."""
    fetched_at: Mapped[datetime | None]
    """When it was last read, or found unchanged."""
    next_fetch_at: Mapped[datetime]
    created_at: Mapped[datetime]


class FeedBusyDay(Base):
    """A day on which a calendar kept elsewhere has something. What it is nobody here knows."""

    __tablename__ = "feed_busy_days"
    __table_args__ = (UniqueConstraint("feed_id", "day"),)

    feed_id: Mapped[UUID] = mapped_column(ForeignKey("calendar_feeds.id", ondelete="CASCADE"))
    day: Mapped[date]


class Trip(Base):
    """Where an artist will be, and when: hosts nearby may invite. Other tables point here with ON DELETE SET NULL."""

    __tablename__ = "trips"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="span"),
        CheckConstraint("(city IS NULL) = (latitude IS NULL)", name="place"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point"),
        CheckConstraint("(city IS NULL) = (radius_miles IS NULL)", name="radius"),
        Index("ix_trips_artist", "artist_id", "starts_on"),
        Index("ix_trips_ends", "ends_on", postgresql_where="cancelled_at IS NULL"),
    )

    artist_id: Mapped[UUID] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"))
    state: Mapped[str]
    """Two letters. Without a town the trip is to all of it."""
    city: Mapped[str | None]
    latitude: Mapped[float | None]
    """Of the town's middle."""
    longitude: Mapped[float | None]
    radius_miles: Mapped[int | None]
    """How far from the town."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day of it."""
    note: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TripNotice(Base):
    """A host was told of a trip. Nobody is told twice."""

    __tablename__ = "trip_notices"
    __table_args__ = (UniqueConstraint("trip_id", "host_id"),)

    trip_id: Mapped[UUID] = mapped_column(ForeignKey("trips.id", ondelete="CASCADE"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), index=True)
    told_at: Mapped[datetime]
