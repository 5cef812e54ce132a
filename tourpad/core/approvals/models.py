"""The table of requests. The database refuses a second pair of eyes that is the first, and a request that changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.approvals.states import ApprovalKind, ApprovalState
from tourpad.core.database.base import Base, enum_column


class Approval(Base):
    """One request of one admin, and what another decided."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("state NOT IN ('approved', 'used') OR decided_by_id IS NOT NULL", name="approved_by"),
        CheckConstraint("decided_at <= expires_at AND used_at <= expires_at", name="in_time"),
        CheckConstraint("(state = 'used') = (used_at IS NOT NULL)", name="used"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(
            "uq_approvals_live",
            "kind",
            "params_hash",
            unique=True,
            postgresql_where=text("state IN ('asked', 'approved')"),
        ),
        Index("ix_approvals_asked", "asked_at"),
    )

    kind: Mapped[ApprovalKind] = mapped_column(enum_column(ApprovalKind, "kind"))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    """Whom or what it is about, where that is one thing."""
    params: Mapped[dict[str, Any]]
    """Exactly what is asked for."""
    params_hash: Mapped[str]
    """SHA-256 of kind and parameters, in hex."""
    amount_cents: Mapped[int]
    """How much it is about in all."""
    currency: Mapped[str]
    summary: Mapped[str]
    """For people: `write off $48.00 that a payee owes us`. It holds no name: a request can't forget one."""
    reason: Mapped[str]
    """In the words of who asks."""
    state: Mapped[ApprovalState] = mapped_column(enum_column(ApprovalState, "state"), default=ApprovalState.ASKED)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    asked_by: Mapped[str]
    """Who, in words that outlive the account."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """Neither decided nor used after this instant."""
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
    """In the words of who decided."""
    used_at: Mapped[datetime | None]
