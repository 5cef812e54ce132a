"""Every SELECT of the ledger, and the one INSERT (which answers whether it was the first)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.rules import HELD, PAYABLE, PLATFORM_REVENUE
from tourpad.core.money import Money
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


@dataclass(frozen=True, slots=True)
class JournalWithLines:
    """One posting as people read it."""

    journal: Journal
    lines: list[tuple[str, Money]]


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which journals are wanted; what is None does not matter."""

    account: str | None = None
    """A whole name, or a beginning that ends in `:` or `*` (`held:`, `payable:0199*`)."""
    concert_id: UUID | None = None
    person_id: UUID | None = None
    source_type: str | None = None
    source_ids: Sequence[str] = field(default_factory=tuple[str, ...])
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


def balance(work: Work, account: str, currency: str) -> Money:
    """What stands on one account: the only place that adds its lines up."""
    cents = work.session.scalar(
        select(func.coalesce(func.sum(Line.amount_cents), 0)).where(Line.account == account, Line.currency == currency)
    )
    return Money(int(cents or 0), currency)


def balances(
    work: Work, *, at: datetime | None = None, prefix: str | None = None, with_zero: bool = False
) -> list[tuple[str, Money]]:
    """Every account's balance, by name; at an instant where `at` is given."""
    total = func.sum(Line.amount_cents)
    query = select(Line.account, Line.currency, total).group_by(Line.account, Line.currency)
    if at is not None:
        query = query.join(Journal, Journal.id == Line.journal_id).where(Journal.occurred_at <= at)
    if prefix is not None:
        query = query.where(_matches(prefix))
    if not with_zero:
        query = query.having(total != 0)
    rows = work.session.execute(query.order_by(Line.account, Line.currency))
    return [(account, Money(int(cents), currency)) for account, currency, cents in rows]


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


def settled_shares(work: Work, *, held_account: str, currency: str) -> dict[str, int]:
    """Who got how much out of a pot, in cents by account: credits to payees and us in journals that debit it.

    Empty while the pot is not settled.
    """
    settling = select(Line.journal_id).where(
        Line.account == held_account, Line.currency == currency, Line.amount_cents > 0
    )
    rows = work.session.execute(
        select(Line.account, func.sum(-Line.amount_cents))
        .where(Line.journal_id.in_(settling), Line.currency == currency, Line.amount_cents < 0, _earned())
        .group_by(Line.account)
        .order_by(Line.account)
    )
    return {account: int(cents) for account, cents in rows}


def unbalanced(work: Work) -> list[tuple[int, str, int]]:
    """Journals (number, currency, cents) whose lines do not add up to zero."""
    rows = work.session.execute(
        select(Journal.number, Line.currency, func.sum(Line.amount_cents))
        .join(Line, Line.journal_id == Journal.id)
        .group_by(Journal.number, Line.currency)
        .having(func.sum(Line.amount_cents) != 0)
        .order_by(Journal.number)
    )
    return [(number, currency, int(cents)) for number, currency, cents in rows]


def without_lines(work: Work) -> list[int]:
    """Numbers of journals that have no lines."""
    has_lines = select(Line.id).where(Line.journal_id == Journal.id).exists()
    return list(work.session.scalars(select(Journal.number).where(~has_lines).order_by(Journal.number)))


def account_names(work: Work) -> list[str]:
    """Every account that was ever posted to."""
    return list(work.session.scalars(select(Line.account).distinct().order_by(Line.account)))


def settled_with_money_left(work: Work) -> list[tuple[str, Money]]:
    """Pots that were divided among payees and us, and are not empty."""
    debit = (
        select(Line.account, Line.journal_id)
        .where(Line.account.startswith(f"{HELD}:", autoescape=True), Line.amount_cents > 0)
        .subquery()
    )
    divided = select(debit.c.account).where(
        select(Line.id).where(Line.journal_id == debit.c.journal_id, Line.amount_cents < 0, _earned()).exists()
    )
    total = func.sum(Line.amount_cents)
    rows = work.session.execute(
        select(Line.account, Line.currency, total)
        .where(Line.account.in_(divided))
        .group_by(Line.account, Line.currency)
        .having(total != 0)
        .order_by(Line.account)
    )
    return [(account, Money(int(cents), currency)) for account, currency, cents in rows]


def sources(work: Work, source_type: str) -> list[tuple[str, str]]:
    """Every (source id, purpose) that was posted for one type of source."""
    rows = work.session.execute(select(Journal.source_id, Journal.purpose).where(Journal.source_type == source_type))
    return [(source_id, purpose) for source_id, purpose in rows]


def by_source(work: Work, account: str, *, source_type: str) -> dict[str, int]:
    """What each source of one type left on an account, in cents; those that left nothing are not listed."""
    total = func.sum(Line.amount_cents)
    rows = work.session.execute(
        select(Journal.source_id, total)
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.source_type == source_type, Line.account == account)
        .group_by(Journal.source_id)
        .having(total != 0)
    )
    return {source_id: int(cents) for source_id, cents in rows}


def _earned() -> ColumnElement[bool]:
    """Lines on a payee's account or on our own share."""
    return or_(Line.account == PLATFORM_REVENUE, Line.account.startswith(f"{PAYABLE}:", autoescape=True))


def _matches(account: str) -> ColumnElement[bool]:
    if account.endswith((":", "*")):
        return Line.account.startswith(account.removesuffix("*"), autoescape=True)
    return Line.account == account


def _conditions(wanted: JournalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.account is not None:
        conditions.append(select(Line.id).where(Line.journal_id == Journal.id, _matches(wanted.account)).exists())
    if wanted.concert_id is not None:
        conditions.append(Journal.concert_id == wanted.concert_id)
    if wanted.person_id is not None:
        conditions.append(Journal.person_id == wanted.person_id)
    if wanted.source_type is not None:
        conditions.append(Journal.source_type == wanted.source_type)
    if wanted.source_ids:
        conditions.append(Journal.source_id.in_(wanted.source_ids))
    if wanted.since is not None:
        conditions.append(Journal.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Journal.occurred_at < wanted.until)
    return conditions


def lock_account(work: Work, account: str) -> None:
    """Wait for whoever else decides by this account's balance, and let others wait until the work ends."""
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:account, 0))"), {"account": f"ledger {account}"}
    )
