"""The secret addresses by which people's calendars are read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class CalendarLink(Base):
    """A person's one secret address. The id stands in it; the rest is known only to who has it."""

    __tablename__ = "calendar_links"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[str]
    """Of the random half; the address itself is not kept."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When a program last read it, to the hour."""
