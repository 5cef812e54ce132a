"""What an artist says of their music and their travels."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base
from tourpad.core.ratings import NO_RATING


class Artist(Base):
    """An artist's profile. The id is a profile's; `user_id` is the account."""

    __tablename__ = "artists"
    __table_args__ = (
        CheckConstraint("typical_set_length BETWEEN 10 AND 480", name="set_length"),
        CheckConstraint("min_guarantee_cents >= 0", name="guarantee"),
        Index("ix_artists_listed", "approved_at", "id", postgresql_where="approved_at IS NOT NULL"),
        Index("ix_artists_genres", "genres", postgresql_using="gin"),
        Index("ix_artists_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    stage_name: Mapped[str]
    bio: Mapped[str | None]
    genres: Mapped[list[str]] = mapped_column(ARRAY(Text))
    city: Mapped[str | None]
    state: Mapped[str | None]
    latitude: Mapped[float | None]
    """Of the town's centre, never of a home."""
    longitude: Mapped[float | None]
    typical_set_length: Mapped[int | None]
    """Minutes."""
    equipment_needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    travel_radius: Mapped[int | None]
    """Miles."""
    min_guarantee_cents: Mapped[int | None]
    preferred_booking_advance: Mapped[int | None]
    """Days."""
    performance_video_url: Mapped[str | None]
    music_profile_url: Mapped[str | None]
    music_samples: Mapped[list[Any]]
    """`[{title, url, platform}]`."""
    words: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    """What search reads, in plain words (`rules.words_of`)."""
    rating_total: Mapped[int] = mapped_column(default=0, server_default="0")
    """Stars of published, public reviews together."""
    rating_count: Mapped[int] = mapped_column(default=0, server_default="0")
    standing: Mapped[float] = mapped_column(default=NO_RATING.standing, server_default="4")
    """By what lists are put in order (`core/ratings.py`)."""
    approved_at: Mapped[datetime | None]
    """Listed from then on; null while not (or no longer) let in."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
