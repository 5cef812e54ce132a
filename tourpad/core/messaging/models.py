"""Tables of conversations. Participants and reading are rows, so that the database can hold them to people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.messaging.states import MessageKind


class Conversation(Base):
    """A thread, usually about one booking."""

    __tablename__ = "conversations"

    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id"), unique=True)
    subject: Mapped[str | None]
    last_message_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Participant(Base):
    """Who may read and write in a thread, and how far they have read."""

    __tablename__ = "conversation_participants"
    __table_args__ = (UniqueConstraint("conversation_id", "user_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    read_until: Mapped[datetime | None]
    """When the last message was written that they have read."""
    read_at: Mapped[datetime | None]
    """When they read it."""


class Message(Base):
    """One message."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_conversation", "conversation_id", "created_at", "id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind, "kind"), default=MessageKind.TEXT)
    content: Mapped[str]
    created_at: Mapped[datetime]
