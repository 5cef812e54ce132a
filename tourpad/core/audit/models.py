"""The audit log. The database refuses to change or delete a row (migrations `0012_guards` and `audit_chain`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class AuditEntry(Base):
    """One thing that one actor did to one target."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_target", "target_type", "target_id"),)

    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    """Order of writing."""
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    actor_label: Mapped[str]
    """Who, in words that outlive the account: `admin 4f1c09ab`, `job payouts-run`."""
    action: Mapped[str]
    """A verb of the domain with its noun first: `application.approve`."""
    target_type: Mapped[str]
    target_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]


class AuditLink(Base):
    """One entry's place in the chain of hashes: `hash` is over `previous` and the entry (`rules.link`)."""

    __tablename__ = "audit_links"
    __table_args__ = (CheckConstraint("length(hash) = 64 AND length(previous) = 64", name="hashes"),)

    position: Mapped[int] = mapped_column(unique=True)
    """1, 2, 3, … without a gap, in the order of linking."""
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_log.id"), unique=True)
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
