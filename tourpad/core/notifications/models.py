"""Tables of news."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.notifications.states import Category, Channel


class Notification(Base):
    """One piece of news in a person's list."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_user_created", "user_id", "created_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    category: Mapped[Category] = mapped_column(enum_column(Category, "category"))
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    """The same reason never tells the same person twice."""
    title: Mapped[str]
    message: Mapped[str | None]
    related_type: Mapped[str | None]
    related_id: Mapped[UUID | None]
    action_url: Mapped[str | None]
    action_text: Mapped[str | None]
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class NotificationPreference(Base):
    """A person's no to one category by one channel (everything not listed here is yes)."""

    __tablename__ = "notification_preferences"
    __table_args__ = (UniqueConstraint("user_id", "category", "channel"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    category: Mapped[Category] = mapped_column(enum_column(Category, "category"))
    channel: Mapped[Channel] = mapped_column(enum_column(Channel, "channel"))
    enabled: Mapped[bool]
    updated_at: Mapped[datetime]
