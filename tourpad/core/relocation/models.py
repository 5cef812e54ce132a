"""Which record here was which one elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.relocation.states import Kind


class ImportedId(Base):
    """One record of another system, and what became of it here. With it an import can be repeated.

    The row outlives the person: without it the next import of the same file would bring them back.
    """

    __tablename__ = "imported_ids"
    __table_args__ = (
        UniqueConstraint("source", "kind", "our_id"),
        CheckConstraint("foreign_id IS NOT NULL OR line_hash IS NULL", name="erased"),
        Index("ix_imported_ids_user", "user_id"),
    )

    source: Mapped[str]
    """What the other system is called (the manifest's `source`)."""
    kind: Mapped[Kind] = mapped_column(enum_column(Kind, "kind"))
    foreign_id: Mapped[str | None]
    """Its id there; null once its person was erased."""
    foreign_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of source, kind and id there (`rules.foreign_hash`): by it the record is known again."""
    our_id: Mapped[UUID]
    """Its id here, in the table of its kind."""
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """Whose it is; null for what belongs to two."""
    line_hash: Mapped[str | None]
    """SHA-256 of the line that was brought, to see if a later one says the same; null once its person is erased."""
    imported_at: Mapped[datetime]
