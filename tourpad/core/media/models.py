"""Tables of uploads. Artists' and hosts' media are one table: the owner says whose, `is_private` who may see it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.media.states import MediaKind, MediaState


class Media(Base):
    """One uploaded file."""

    __tablename__ = "media"
    __table_args__ = (CheckConstraint("size_bytes >= 0", name="size"),)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MediaKind] = mapped_column(enum_column(MediaKind, "kind"))
    category: Mapped[str]
    """Artists: performance, promo, band, press. Hosts: exterior, performance_space, amenities, lodging."""
    is_private: Mapped[bool] = mapped_column(default=False, server_default="false")
    state: Mapped[MediaState] = mapped_column(enum_column(MediaState, "state"), default=MediaState.UPLOADING)
    storage_key: Mapped[str] = mapped_column(unique=True)
    mime_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str | None]
    title: Mapped[str | None]
    description: Mapped[str | None]
    alt_text: Mapped[str | None]
    sort_order: Mapped[int] = mapped_column(default=0, server_default="0")
    refusal: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MediaVariant(Base):
    """One size and format that was drawn from an upload."""

    __tablename__ = "media_variants"
    __table_args__ = (UniqueConstraint("media_id", "mime_type", "width"),)

    media_id: Mapped[UUID] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    mime_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    storage_key: Mapped[str]
