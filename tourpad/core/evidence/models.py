"""Drafts of what a bank is told about a disputed charge. Every save is a new version; none is changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class DisputeEvidence(Base):
    """One version of the evidence for one dispute."""

    __tablename__ = "dispute_evidence"
    __table_args__ = (UniqueConstraint("dispute_id", "version"), CheckConstraint("version > 0", name="version"))

    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("disputes.id"))
    version: Mapped[int]
    fields: Mapped[dict[str, Any]]
    """Text by the name of Stripe's evidence field."""
    made_by: Mapped[str]
    """Who saved it, in words that outlive the account."""
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """When Stripe took this version."""
