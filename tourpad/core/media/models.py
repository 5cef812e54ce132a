"""Tables of uploads. Artists' and hosts' media are one table: the owner says whose, `is_private` who may see it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.media.states import MediaCategory, MediaKind, MediaState, TaskPurpose
from tourpad.core.outbox.models import WorkItem


class Media(Base):
    """One uploaded file."""

    __tablename__ = "media"
    __table_args__ = (
        CheckConstraint("size_bytes >= 0", name="size"),
        CheckConstraint("is_private OR category <> 'lodging'", name="lodging_is_private"),
        Index("ix_media_owner_order", "owner_id", "sort_order", "created_at"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[MediaKind] = mapped_column(enum_column(MediaKind, "kind"))
    category: Mapped[MediaCategory] = mapped_column(enum_column(MediaCategory, "category"))
    is_private: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[MediaState] = mapped_column(enum_column(MediaState, "state"), default=MediaState.UPLOADING)
    storage_key: Mapped[str] = mapped_column(unique=True)
    """Where the file as it was sent lies, in the private area. It is never shown to anyone."""
    mime_type: Mapped[str]
    """As it was declared; from publication on what the file itself said."""
    size_bytes: Mapped[int]
    sha256: Mapped[str | None]
    """Of the file as it was sent, in hexadecimal."""
    width: Mapped[int | None]
    """Pixels of a photo, upright."""
    height: Mapped[int | None]
    blur_hash: Mapped[str | None]
    """A few colours to show until the photo is there (blurha.sh)."""
    title: Mapped[str | None]
    description: Mapped[str | None]
    alt_text: Mapped[str | None]
    sort_order: Mapped[int] = mapped_column(default=0, server_default="0")
    refusal: Mapped[str | None]
    """Why it was refused, or what keeps it in quarantine."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MediaVariant(Base):
    """One size and format that was made of an upload, under a name that holds the hash of what is in it."""

    __tablename__ = "media_variants"
    __table_args__ = (UniqueConstraint("media_id", "mime_type", "width"),)

    media_id: Mapped[UUID] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    mime_type: Mapped[str]
    width: Mapped[int]
    """Pixels; 0 for sound and video, which are kept in one form only."""
    height: Mapped[int]
    size_bytes: Mapped[int]
    storage_key: Mapped[str] = mapped_column(index=True)


class MediaTask(WorkItem, Base):
    """Something that a worker has to do with one file outside the database."""

    __tablename__ = "media_tasks"

    media_id: Mapped[UUID] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[TaskPurpose] = mapped_column(enum_column(TaskPurpose, "purpose"))
    created_at: Mapped[datetime]
