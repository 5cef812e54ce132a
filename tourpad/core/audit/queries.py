"""Reading the audit log."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.orm import aliased

from tourpad.core.audit.models import AuditEntry, AuditLink
from tourpad.core.audit.rules import ERASURE, FIELDS, GENESIS, WORDS
from tourpad.core.values import Value
from tourpad.core.work import Work


class AuditFilter(Value):
    """What a list of entries is narrowed to."""

    actor_id: UUID | None = None
    about_id: UUID | None = None
    """A person: what they did, and what was done to them."""
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
    if wanted.about_id:
        conditions.append(or_(AuditEntry.actor_id == wanted.about_id, AuditEntry.target_id == wanted.about_id))
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


REACH = 100_000
"""How far behind the newest linked entry the sealer looks for one that was committed late."""

_ENTRY = tuple(getattr(AuditEntry, name) for name in (*FIELDS, *WORDS))


def alone(work: Work) -> None:
    """Wait until nobody else links entries, and keep others waiting until the work ends."""
    work.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('audit-seal'))"))


def head(work: Work) -> tuple[int, str]:
    """The place and the hash of the last link; 0 and the beginning where there is none."""
    row = work.session.execute(
        select(AuditLink.position, AuditLink.hash).order_by(AuditLink.position.desc()).limit(1)
    ).first()
    return (row.position, row.hash) if row else (0, GENESIS)


def link_at(work: Work, position: int) -> str | None:
    """The hash of the link at a place."""
    return work.session.scalar(select(AuditLink.hash).where(AuditLink.position == position))


def database_name(work: Work) -> str:
    """What tells this database from every other one, even one of the same name."""
    found = work.session.execute(
        text(
            "SELECT s.system_identifier, d.oid FROM pg_control_system() s, pg_database d"
            " WHERE d.datname = current_database()"
        )
    ).one()
    return f"{found[0]}-{found[1]}"


def unlinked(work: Work, *, limit: int) -> list[Mapping[str, Any]]:
    """Entries that are not in the chain, in the order of writing."""
    newest = (
        select(AuditEntry.number)
        .join(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .order_by(AuditLink.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = work.session.execute(
        select(*_ENTRY)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .where(AuditLink.id.is_(None), AuditEntry.number > func.coalesce(newest, 0) - REACH)
        .order_by(AuditEntry.number)
        .limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def unlinked_since(work: Work, *, before: datetime, limit: int) -> list[int]:
    """The numbers of entries, written before that instant, that are not in the chain."""
    return list(
        work.session.scalars(
            select(AuditEntry.number)
            .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
            .where(AuditLink.id.is_(None), AuditEntry.at < before)
            .order_by(AuditEntry.number)
            .limit(limit)
        )
    )


def chain(work: Work) -> Iterator[Mapping[str, Any]]:
    """Every link with its entry, from the first; a few thousand at a time, so that memory stays flat."""
    erasure = aliased(AuditEntry)
    rows = work.session.execute(
        select(AuditLink.position, AuditLink.previous, AuditLink.hash, *_ENTRY, erasure.action.label("erased_with"))
        .outerjoin(AuditEntry, AuditLink.entry_id == AuditEntry.id)
        .outerjoin(erasure, erasure.id == AuditEntry.erased_by)
        .order_by(AuditLink.position)
        .execution_options(yield_per=2000)
    )
    for row in rows.mappings():
        yield dict(row)


def erasure_of(work: Work, user_id: UUID) -> UUID:
    """The entry that says that a person was erased."""
    return work.session.scalars(
        select(AuditEntry.id)
        .where(AuditEntry.action == ERASURE, AuditEntry.target_id == user_id)
        .order_by(AuditEntry.number.desc())
        .limit(1)
    ).one()


def blank_words(work: Work, *, entry_ids: Select[UUID], erased_by: UUID) -> None:
    """Take the words off entries. The database lets that happen for an erasure, and nothing else."""
    work.session.execute(
        update(AuditEntry)
        .where(AuditEntry.id.in_(entry_ids), AuditEntry.reason_digest.is_not(None), AuditEntry.reason.is_not(None))
        .values(reason=None, reason_salt=None, erased_by=erased_by)
    )
