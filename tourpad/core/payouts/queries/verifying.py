"""What `verify` compares, read in one go each."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, Text, and_, case, cast, func, select, tuple_

from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.states import ConcertState
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.payouts.models import Payout, PayoutAdjustment, Settlement
from tourpad.core.payouts.queries.deciding import OWN_POSTINGS
from tourpad.core.payouts.states import PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work

LEFT = (PayoutState.SENDING, PayoutState.SENT, PayoutState.SETTLED, PayoutState.REVERSED)
"""Payouts whose amount was taken off the payee's account."""


PATIENCE = timedelta(hours=1)
"""For so long after a concert was called off its refunds may still be planned, and what stays be divided, by jobs."""


class PayeeSum(Value):
    """What one payee's account holds, and what payouts say that it holds, in cents in the payee's favour."""

    user_id: UUID
    ledger_cents: int
    payouts_cents: int


class CarriedSum(Value):
    """A payout whose parts do not add up."""

    payout_id: UUID
    state: PayoutState
    earned_cents: int
    carried_cents: int
    amount_cents: int
    parts_cents: int
    """What it has taken along, added up anew."""


def payee_sums(work: Work) -> list[PayeeSum]:
    """Every payee whose account in the ledger differs from what its payouts and adjustments say."""
    person = func.replace(Line.account, "payable:", "")
    own = tuple_(Journal.source_type, Journal.purpose).in_(OWN_POSTINGS)
    booked = (
        select(
            person.label("person"),
            (-func.sum(Line.amount_cents)).label("ledger"),
            func.sum(case((own, 0), else_=-Line.amount_cents)).label("adjusted"),
        )
        .join(Journal, Journal.id == Line.journal_id)
        .where(Line.account.startswith("payable:"))
        .group_by(person)
        .subquery()
    )
    taken = case((Payout.state.in_(LEFT), Payout.amount_cents), else_=0)
    said = (
        select(
            cast(Payout.user_id, Text).label("person"),
            func.sum(Payout.earned_cents - taken).label("earned"),
        )
        .group_by(Payout.user_id)
        .subquery()
    )
    name = func.coalesce(booked.c.person, said.c.person)
    ledger = func.coalesce(booked.c.ledger, 0)
    payouts = func.coalesce(said.c.earned, 0) + func.coalesce(booked.c.adjusted, 0)
    rows = work.session.execute(
        select(name, ledger, payouts)
        .select_from(booked.join(said, booked.c.person == said.c.person, full=True))
        .where(ledger != payouts)
        .order_by(name)
    )
    return [PayeeSum(UUID(person), int(a), int(b)) for person, a, b in rows]


def carried_sums(work: Work) -> list[CarriedSum]:
    """Payouts that have taken along something else than they say, or pay another amount than they add up to."""
    from_others = _summed(
        select(
            Payout.carried_into.label("payout_id"),
            func.sum(Payout.earned_cents + Payout.carried_cents).label("cents"),
        )
        .where(Payout.carried_into.is_not(None))
        .group_by(Payout.carried_into)
        .subquery()
    )
    from_books = _summed(
        select(
            PayoutAdjustment.payout_id.label("payout_id"),
            func.sum(PayoutAdjustment.amount_cents).label("cents"),
        )
        .group_by(PayoutAdjustment.payout_id)
        .subquery()
    )
    parts = from_others + from_books
    amount_is_off = and_(Payout.state.in_(LEFT), Payout.amount_cents != Payout.earned_cents + Payout.carried_cents)
    rows = work.session.execute(
        select(
            Payout.id,
            Payout.state,
            Payout.earned_cents,
            Payout.carried_cents,
            Payout.amount_cents,
            parts,
        )
        .where((Payout.carried_cents != parts) | amount_is_off)
        .order_by(Payout.id)
    )
    return [CarriedSum(*row[:5], int(row[5])) for row in rows]


def _summed(table: Subquery) -> ColumnElement[int]:
    """The cents of a payout in one of the tables above; zero where it has none."""
    columns = table.c
    return func.coalesce(select(columns.cents).where(columns.payout_id == Payout.id).scalar_subquery(), 0)


def stuck_pots(work: Work) -> list[tuple[UUID, int]]:
    """Cancelled concerts without a settlement whose pot is not empty, with its cents; an hour after it is a finding."""
    total = -func.sum(Line.amount_cents)
    rows = work.session.execute(
        select(Concert.id, total)
        .join(Line, Line.account == func.concat("held:", Concert.id))
        .where(
            Concert.state == ConcertState.CANCELLED,
            Concert.cancelled_at < work.now - PATIENCE,
            ~select(Settlement.id).where(Settlement.concert_id == Concert.id).exists(),
        )
        .group_by(Concert.id)
        .having(total != 0)
        .order_by(Concert.id)
    )
    return [(concert_id, int(cents)) for concert_id, cents in rows]
