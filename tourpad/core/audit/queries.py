"""Reading the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.audit.models import AuditEntry
from tourpad.core.work import Work


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list of entries is narrowed to."""

    actor_id: UUID | None = None
    action: str | None = None
    """`user.suspend`, or a noun with a dot for all of it: `user.`"""
    target_type: str | None = None
    target_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_entries(work: Work, wanted: AuditFilter, *, offset: int, limit: int) -> tuple[list[AuditEntry], int]:
    """Entries, the latest first, and how many there are in all."""
    conditions: list[Any] = []
    if wanted.actor_id:
        conditions.append(AuditEntry.actor_id == wanted.actor_id)
    if wanted.action:
        whole = wanted.action.endswith(".")
        conditions.append(
            AuditEntry.action.startswith(wanted.action, autoescape=True)
            if whole
            else AuditEntry.action == wanted.action
        )
    if wanted.target_type:
        conditions.append(AuditEntry.target_type == wanted.target_type)
    if wanted.target_id:
        conditions.append(AuditEntry.target_id == wanted.target_id)
    if wanted.since:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until:
        conditions.append(AuditEntry.at < wanted.until)
    total = work.session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
    rows = work.session.scalars(
        select(AuditEntry).where(*conditions).order_by(AuditEntry.number.desc()).offset(offset).limit(limit)
    )
    return list(rows), total
