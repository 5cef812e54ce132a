"""Tables of counting: numbers that stand for people, and what waits to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base
from tourpad.core.outbox.models import WorkItem


class UsagePseudonym(Base):
    """A number by chance that stands for a person where usage is counted. Without this row nobody knows for whom."""

    __tablename__ = "usage_pseudonyms"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    pseudonym: Mapped[UUID]


class UsageEvent(WorkItem, Base):
    """Something that happened and waits to be told; gone once it is. `id` is that of the telling."""

    __tablename__ = "usage_events"

    name: Mapped[str]
    whose: Mapped[UUID | None]
    """A pseudonym; null where nobody did it, or they have been erased."""
    role: Mapped[str | None]
    happened_at: Mapped[datetime]
    """To the hour."""
