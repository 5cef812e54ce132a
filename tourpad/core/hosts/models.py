"""A host's public half, and the private half in a table of its own (DESIGN: privacy of a place)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.hosts.states import VenueType
from tourpad.core.ratings import NO_RATING


class Host(Base):
    """What everybody entitled to search may see. Its coordinates are the public point, never the home."""

    __tablename__ = "hosts"
    __table_args__ = (
        CheckConstraint("indoor_capacity >= 0 AND outdoor_capacity >= 0", name="capacity"),
        CheckConstraint("(public_latitude IS NULL) = (public_longitude IS NULL)", name="public_point"),
        Index("ix_hosts_place", "public_latitude", "public_longitude"),
        Index("ix_hosts_listed", "approved_at", "id", postgresql_where="approved_at IS NOT NULL"),
        Index("ix_hosts_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    venue_name: Mapped[str]
    venue_type: Mapped[VenueType] = mapped_column(enum_column(VenueType, "venue_type"))
    bio: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str]
    country: Mapped[str] = mapped_column(default="US", server_default="US")
    time_zone: Mapped[str]
    """IANA name; a concert's local time is in it."""
    public_latitude: Mapped[float | None]
    public_longitude: Mapped[float | None]
    indoor_capacity: Mapped[int] = mapped_column(default=0, server_default="0")
    outdoor_capacity: Mapped[int] = mapped_column(default=0, server_default="0")
    preferred_genres: Mapped[list[str]] = mapped_column(ARRAY(Text))
    hosting_experience: Mapped[int | None]
    """Years."""
    typical_show_length: Mapped[int | None]
    """Minutes."""
    house_rules: Mapped[str | None]
    offers_lodging: Mapped[bool] = mapped_column(default=False, server_default="false")
    lodging_details: Mapped[dict[str, Any]]
    words: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    """What search reads, in plain words (`rules.words_of`)."""
    rating_total: Mapped[int] = mapped_column(default=0, server_default="0")
    """Stars of published, public reviews together."""
    rating_count: Mapped[int] = mapped_column(default=0, server_default="0")
    standing: Mapped[float] = mapped_column(default=NO_RATING.standing, server_default="4")
    """By what lists are put in order (`core/ratings.py`)."""
    approved_at: Mapped[datetime | None]
    """Listed from then on."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class HostAddress(Base):
    """Where a home really is. Read only by `hosts/queries.py` for those whom `hosts/rules.py` entitles."""

    __tablename__ = "host_addresses"

    host_id: Mapped[UUID] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), unique=True)
    street: Mapped[str]
    postcode: Mapped[str]
    arrival_notes: Mapped[str | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    is_approximate: Mapped[bool]
    """No coordinates were given: they are those of the town's middle."""
    anchor_latitude: Mapped[float]
    anchor_longitude: Mapped[float]
    """Where the home was when the public point was drawn: small corrections are measured from here, many of
    them do not add up to a move that keeps the point."""
    point_key: Mapped[str]
    """What the public point was drawn from (`hosts/rules.py`)."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AddressLook(Base):
    """Somebody was shown the exact address. The host can read this list."""

    __tablename__ = "address_looks"
    __table_args__ = (
        Index("ix_address_looks_host", "host_id", "at"),
        Index("ix_address_looks_untold", "host_id", postgresql_where="told_at IS NULL"),
    )

    host_id: Mapped[UUID] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str]
    """`artist of a confirmed booking`, `approved guest`, `admin`."""
    concert_id: Mapped[UUID | None]
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When the host was told of it; once of each person and show, later looks of theirs are only listed."""
