"""A payee's year in the ledger, and the rows behind it. Cents are in the payee's favour above zero."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, select

from tourpad.core.bookings.states import Side
from tourpad.core.identity.models import User
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.rules import PAYABLE, TRANSFER_CLEARING, Source, payable
from tourpad.core.payouts.models import Settlement, SettlementLine
from tourpad.core.payouts.states import LineKind
from tourpad.core.values import Value
from tourpad.core.work import Work

Span = tuple[datetime, datetime]
"""The first instant, and the first after it."""


class PayableSums(Value):
    """One payee's account over a span, in cents."""

    opening: int
    earned: int
    adjusted: int
    taken_back: int
    """By reversals of transfers."""
    closing: int


class ClearingSums(Value):
    """One payee's transfers under way, and those that were made in a span, in cents."""

    opening: int
    made: int
    closing: int


class Posting(Value):
    """One journal on a payee's account."""

    source_type: str
    purpose: str
    occurred_at: datetime
    description: str
    concert_id: UUID | None
    details: dict[str, Any]
    cents: int


class SettledPart(Value):
    """One line of a settlement."""

    concert_id: UUID
    settled_at: datetime
    side: Side
    kind: LineKind
    cents: int


def payable_sums(work: Work, span: Span, *, currency: str, user_id: UUID | None = None) -> dict[UUID, PayableSums]:
    """Sums of one payee's account, or of everybody's who has one."""
    start, end = span
    gain = -Line.amount_cents
    within = Journal.occurred_at >= start
    settled = Journal.source_type == Source.SETTLEMENT
    transfer = Journal.source_type == Source.TRANSFER
    back = and_(transfer, Journal.purpose == "reversed")
    query = (
        select(
            Line.account,
            _sum(gain, Journal.occurred_at < start),
            _sum(gain, and_(within, settled)),
            _sum(gain, and_(within, ~settled, ~transfer)),
            _sum(gain, and_(within, back)),
            func.sum(gain),
        )
        .join(Journal, Journal.id == Line.journal_id)
        .where(Line.currency == currency, Journal.occurred_at < end)
        .group_by(Line.account)
    )
    if user_id is None:
        query = query.where(Line.account.startswith(f"{PAYABLE}:", autoescape=True))
    else:
        query = query.where(Line.account == payable(user_id))
    rows = work.session.execute(query)
    return {UUID(account.partition(":")[2]): PayableSums(*(int(n) for n in sums)) for account, *sums in rows}


def clearing_sums(work: Work, span: Span, *, currency: str, user_id: UUID | None = None) -> dict[UUID, ClearingSums]:
    """Transfers of one payee, or of all: under way at both ends of a span, and made within it."""
    start, end = span
    gain = -Line.amount_cents
    made = and_(Journal.purpose == "done", Journal.occurred_at >= start)
    query = (
        select(
            Journal.person_id,
            _sum(gain, Journal.occurred_at < start),
            -_sum(gain, made),
            func.sum(gain),
        )
        .join(Line, Line.journal_id == Journal.id)
        .where(
            Line.account == TRANSFER_CLEARING,
            Line.currency == currency,
            Journal.source_type == Source.TRANSFER,
            Journal.occurred_at < end,
            Journal.person_id.is_not(None) if user_id is None else Journal.person_id == user_id,
        )
        .group_by(Journal.person_id)
    )
    rows = work.session.execute(query)
    return {person_id: ClearingSums(*(int(n) for n in sums)) for person_id, *sums in rows if person_id}


def settled_sums(
    work: Work, span: Span, *, currency: str, user_id: UUID | None = None
) -> dict[UUID, dict[LineKind, int]]:
    """What settlements of a span brought one payee, or everybody, by kind of line."""
    query = (
        select(SettlementLine.user_id, SettlementLine.kind, func.sum(SettlementLine.amount_cents))
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .join(Journal, _settled_by(span))
        .where(Settlement.currency == currency)
        .group_by(SettlementLine.user_id, SettlementLine.kind)
    )
    if user_id is not None:
        query = query.where(SettlementLine.user_id == user_id)
    found: dict[UUID, dict[LineKind, int]] = {}
    for person_id, kind, cents in work.session.execute(query):
        found.setdefault(person_id, {})[kind] = int(cents)
    return found


def postings(work: Work, span: Span, *, currency: str, user_id: UUID) -> list[Posting]:
    """Every journal on a payee's account in a span, in the order of the instants."""
    rows = work.session.execute(
        _postings(span, currency).where(Line.account == payable(user_id)),
    )
    return [_posting(row) for row in rows]


def transfers_done(work: Work, span: Span, *, currency: str, user_id: UUID) -> list[Posting]:
    """Every transfer to a payee that was made in a span; its cents are what was sent."""
    rows = work.session.execute(
        _postings(span, currency).where(
            Line.account == TRANSFER_CLEARING,
            Journal.source_type == Source.TRANSFER,
            Journal.purpose == "done",
            Journal.person_id == user_id,
        )
    )
    return [_posting(row, sign=-1) for row in rows]


def settled_parts(work: Work, span: Span, *, currency: str, user_id: UUID) -> list[SettledPart]:
    """The lines of one payee in the settlements of a span."""
    rows = work.session.execute(
        select(
            Settlement.concert_id,
            Journal.occurred_at,
            SettlementLine.side,
            SettlementLine.kind,
            SettlementLine.amount_cents,
        )
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .join(Journal, _settled_by(span))
        .where(SettlementLine.user_id == user_id, Settlement.currency == currency)
        .order_by(Settlement.concert_id, SettlementLine.position)
    )
    return [SettledPart(*row) for row in rows]


def people_named(work: Work, user_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Names and mail addresses by person."""
    rows = work.session.execute(select(User.id, User.name, User.email).where(User.id.in_(list(user_ids))))
    return {user_id: (name, email) for user_id, name, email in rows}


def _posting(row: Any, *, sign: int = 1) -> Posting:
    source_type, purpose, at, description, concert_id, details, cents = row
    return Posting(source_type, purpose, at, description, concert_id, details, sign * int(cents))


def _postings(span: Span, currency: str) -> Any:
    start, end = span
    return (
        select(
            Journal.source_type,
            Journal.purpose,
            Journal.occurred_at,
            Journal.description,
            Journal.concert_id,
            Journal.details,
            -func.sum(Line.amount_cents),
        )
        .join(Line, Line.journal_id == Journal.id)
        .where(Line.currency == currency, Journal.occurred_at >= start, Journal.occurred_at < end)
        .group_by(Journal.id)
        .order_by(Journal.occurred_at, Journal.number)
    )


def _settled_by(span: Span) -> ColumnElement[bool]:
    """The journal that settled a concert lies in the span; one that had nothing to divide has no journal."""
    start, end = span
    return and_(
        Journal.source_type == Source.SETTLEMENT,
        Journal.source_id == cast(Settlement.concert_id, Text),
        Journal.purpose == "settled",
        Journal.occurred_at >= start,
        Journal.occurred_at < end,
    )


def _sum(cents: ColumnElement[int], when: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((when, cents), else_=0)), 0)
