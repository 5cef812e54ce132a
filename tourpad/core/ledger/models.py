"""Tables of the ledger. The database refuses unbalanced journals, second postings, UPDATE and DELETE."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class Journal(Base):
    """One posting: why, from what, when. Its lines are in `ledger_lines`."""

    __tablename__ = "ledger_journals"
    __table_args__ = (UniqueConstraint("source_type", "source_id", "purpose"),)

    number: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    """Order of writing."""
    source_type: Mapped[str]
    """What caused it: `charge`, `refund`, `transfer`, `settlement`, `dispute`, `balance_transaction`, …"""
    source_id: Mapped[str]
    """That thing's own id, ours or Stripe's."""
    purpose: Mapped[str]
    """Which of the postings that one source can cause: `paid`, `intent`, `done`, `failed`, …"""
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    """When it happened by the platform's clock."""
    description: Mapped[str]
    concert_id: Mapped[UUID | None] = mapped_column(index=True)
    """An opaque reference for filtering; the ledger knows no concerts."""
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    """Likewise."""
    details: Mapped[dict[str, Any]]


class Line(Base):
    """One signed amount on one account: debits above zero, credits below."""

    __tablename__ = "ledger_lines"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_ledger_lines_account", "account", "currency", "number", postgresql_include=["amount_cents"]),
        Index("ix_ledger_lines_number", "number", postgresql_using="brin"),
    )

    number: Mapped[int] = mapped_column(Identity(always=True))
    """Order of writing, which is not the order of commits: a snapshot waits for those under way."""
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_journals.id"), index=True)
    account: Mapped[str]
    """`stripe_balance`, `held:<concert>`, `payable:<person>`, … (ledger/rules.py lists them)."""
    amount_cents: Mapped[int]
    currency: Mapped[str]


class Snapshot(Base):
    """What stood on one account when its lines up to a number were written. Never changed, made anew further on.

    A balance is the last snapshot and the lines after it, so that reading it does not grow with the ledger.
    """

    __tablename__ = "ledger_snapshots"
    __table_args__ = (
        UniqueConstraint("account", "currency", "up_to"),
        Index("ix_ledger_snapshots_up_to", "up_to"),
        CheckConstraint("up_to > 0", name="up_to"),
    )

    account: Mapped[str]
    currency: Mapped[str]
    up_to: Mapped[int]
    """The number of the last line that is in it."""
    cents: Mapped[int]
    made_at: Mapped[datetime]
