"""The audit log. The database refuses to change or delete a row (migrations `0012_guards` and `audit_chain`).

But for one thing: the words of an entry (`reason`) go with the person whom they may name (`0041_words_go`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class AuditEntry(Base):
    """One thing that one actor did to one target."""

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint("reason_digest IS NULL OR (reason IS NULL) = (reason_salt IS NULL)", name="sealed"),
        CheckConstraint("(erased_by IS NOT NULL) = (reason_digest IS NOT NULL AND reason IS NULL)", name="erased"),
        Index("ix_audit_log_target", "target_type", "target_id"),
    )

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
    """In somebody's own words, which may name a person: blanked with them."""
    reason_salt: Mapped[str | None]
    """Without it nobody finds out by guessing what the words were once they are gone."""
    reason_digest: Mapped[str | None]
    """What the chain holds in place of the words (`rules.digest`). Entries of before `0041_words_go` have none."""
    erased_by: Mapped[UUID | None] = mapped_column(ForeignKey("audit_log.id"))
    """The entry of the erasure that the words went with."""
    details: Mapped[dict[str, Any]]
    """Ids, amounts, words of ours: no name, no mail address, no free words."""


class AuditLink(Base):
    """One entry's place in the chain of hashes: `hash` is over `previous` and the entry (`rules.link`)."""

    __tablename__ = "audit_links"
    __table_args__ = (CheckConstraint("length(hash) = 64 AND length(previous) = 64", name="hashes"),)

    position: Mapped[int] = mapped_column(unique=True)
    """1, 2, 3, … without a gap, in the order of linking."""
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_log.id"), unique=True)
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
