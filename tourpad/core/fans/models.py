"""What a fan likes, and how far they go for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class Fan(Base):
    """A fan's profile."""

    __tablename__ = "fans"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    favorite_genres: Mapped[list[str]] = mapped_column(ARRAY(Text))
    city: Mapped[str | None]
    state: Mapped[str | None]
    travel_radius: Mapped[int | None]
    """Miles."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
