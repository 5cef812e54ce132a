"""The one INSERT (which answers whether it was the first), and journals as people look for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.queries.balances import matches
from tourpad.core.ledger.rules import held, payable
from tourpad.core.money import Money
from tourpad.core.values import Value
from tourpad.core.work import Work

WRITE = text("""
    WITH journal AS (
        INSERT INTO ledger_journals
            (id, source_type, source_id, purpose, occurred_at, description, concert_id, person_id, details)
        VALUES
            (:id, :source_type, :source_id, :purpose, :occurred_at, :description,
             :concert_id, :person_id, :details)
        ON CONFLICT (source_type, source_id, purpose) DO NOTHING
        RETURNING id, number
    ), lines AS (
        INSERT INTO ledger_lines (id, journal_id, account, amount_cents, currency)
        SELECT line.id, journal.id, line.account, line.cents, line.currency
        FROM journal, unnest(
            CAST(:ids AS uuid[]), CAST(:accounts AS text[]),
            CAST(:cents AS bigint[]), CAST(:currencies AS text[])
        ) AS line (id, account, cents, currency)
    )
    SELECT number FROM journal
""").bindparams(bindparam("details", type_=JSONB()))
"""Journal and lines in one round trip; no row where the same posting exists. A second writer waits."""


class JournalWithLines(Value):
    """One posting as people read it."""

    journal: Journal
    lines: list[tuple[str, Money]]


class JournalFilter(Value):
    """Which journals are wanted; what is None does not matter."""

    account: str | None = None
    """A whole name, or a beginning that ends in `:` or `*` (`held:`, `payable:0199*`)."""
    concert_id: UUID | None = None
    """About this concert, or touching its pot."""
    person_id: UUID | None = None
    """About this person, or touching what they are owed."""
    journal_ids: Sequence[UUID] | None = None
    numbers: Sequence[int] = msgspec.field(default_factory=tuple[int, ...])
    source_type: str | None = None
    source_ids: Sequence[str] = msgspec.field(default_factory=tuple[str, ...])
    since: datetime | None = None
    until: datetime | None = None
    """Before this instant."""


def write(work: Work, values: dict[str, Any]) -> int | None:
    """The new journal's number, or None where the same source and purpose were posted before."""
    return work.session.execute(WRITE, values).scalar()


def lines_of_source(work: Work, *, source_type: str, source_id: str, purpose: str) -> list[tuple[str, Money]]:
    """The lines of one posting, in the order of their accounts; none where it was not made."""
    rows = work.session.execute(
        select(Line.account, Line.amount_cents, Line.currency)
        .join(Journal, Journal.id == Line.journal_id)
        .where(Journal.source_type == source_type, Journal.source_id == source_id, Journal.purpose == purpose)
        .order_by(Line.account, Line.currency)
    )
    return [(account, Money(cents, currency)) for account, cents, currency in rows]


def journal_of_source(work: Work, *, source_type: str, source_id: str, purpose: str) -> Journal | None:
    """One posting's journal."""
    return work.session.scalar(
        select(Journal).where(
            Journal.source_type == source_type, Journal.source_id == source_id, Journal.purpose == purpose
        )
    )


def journals(
    work: Work, wanted: JournalFilter, *, page: int = 1, limit: int = 50, oldest_first: bool = False
) -> tuple[list[JournalWithLines], int]:
    """One page of journals with their lines, newest first, and how many there are in all."""
    conditions = _conditions(wanted)
    total = work.session.scalar(select(func.count()).select_from(Journal).where(*conditions)) or 0
    order = Journal.number.asc() if oldest_first else Journal.number.desc()
    found = work.session.scalars(
        select(Journal).where(*conditions).order_by(order).limit(limit).offset((page - 1) * limit)
    ).all()
    lines: dict[UUID, list[tuple[str, Money]]] = {journal.id: [] for journal in found}
    rows = work.session.execute(
        select(Line.journal_id, Line.account, Line.amount_cents, Line.currency)
        .where(Line.journal_id.in_(lines))
        .order_by(Line.amount_cents.desc(), Line.account)
    )
    for journal_id, account, cents, currency in rows:
        lines[journal_id].append((account, Money(cents, currency)))
    return [JournalWithLines(journal, lines[journal.id]) for journal in found], total


def _touches(account: str) -> ColumnElement[bool]:
    """Journals with a line on an account: few, and found by its index."""
    return Journal.id.in_(select(Line.journal_id).where(Line.account == account))


def _conditions(wanted: JournalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.account is not None:
        conditions.append(select(Line.id).where(Line.journal_id == Journal.id, matches(wanted.account)).exists())
    if wanted.concert_id is not None:
        conditions.append(or_(Journal.concert_id == wanted.concert_id, _touches(held(wanted.concert_id))))
    if wanted.person_id is not None:
        conditions.append(or_(Journal.person_id == wanted.person_id, _touches(payable(wanted.person_id))))
    if wanted.journal_ids is not None:
        conditions.append(Journal.id.in_(wanted.journal_ids))
    if wanted.numbers:
        conditions.append(Journal.number.in_(wanted.numbers))
    if wanted.source_type is not None:
        conditions.append(Journal.source_type == wanted.source_type)
    if wanted.source_ids:
        conditions.append(Journal.source_id.in_(wanted.source_ids))
    if wanted.since is not None:
        conditions.append(Journal.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Journal.occurred_at < wanted.until)
    return conditions
