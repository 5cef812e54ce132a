"""Lists of payouts, each with its lines."""

from datetime import date, datetime
from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.money import Money
from tourpad.core.payouts import queries
from tourpad.core.payouts.queries import OpenPayout, PayoutFilter
from tourpad.core.payouts.queries.reversing import TakenBack, all_taken_back
from tourpad.core.payouts.service.explaining import ExplainedLine, adjustment_line, carried_line, took_in
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work


class PayoutRow(Value, kw_only=True):
    """One payout of a list. `lines` add up to `earned + carried`."""

    payout_id: UUID
    concert_id: UUID
    user_id: UUID
    payee: str
    email: str
    side: Side
    concert_date: date
    place: str
    earned: Money
    carried: Money
    amount: Money
    """What the transfer pays or paid."""
    state: PayoutState
    hold_reason: HoldReason | None
    hold_note: str | None
    due_at: datetime
    sent_at: datetime | None
    stripe_transfer_id: str | None
    failure_message: str | None
    taken_back: tuple[TakenBack, ...]
    """What came back of the transfer since, the oldest first."""
    carried_into: UUID | None
    created_at: datetime
    lines: tuple[ExplainedLine, ...]
    came_in: tuple[ExplainedLine, ...]
    """What the show took in, and what of it had to go back: not part of the sum."""


def list_payouts(work: Work, wanted: PayoutFilter, *, page: int = 1, limit: int = 20) -> tuple[list[PayoutRow], int]:
    """One page of payouts with their lines, the newest first, and how many there are in all."""
    rows, total = queries.list_payouts(work, wanted, offset=(page - 1) * limit, limit=limit)
    payouts = [row.payout for row in rows]
    ids = [payout.id for payout in payouts]
    earned = queries.settlement_lines(work, payouts)
    carried = queries.taken_along(work, ids)
    adjusted = queries.adjustments_of(work, ids)
    back = all_taken_back(work, [payout for payout in payouts if payout.stripe_transfer_id])
    settlements = queries.settlements_of(work, {payout.concert_id for payout in payouts if payout.seq == 1})
    answer: list[PayoutRow] = []
    for row in rows:
        currency = row.payout.currency
        lines = [
            *(
                ExplainedLine(line.kind, Money(line.amount_cents, currency), line.description)
                for line in earned.get(row.payout.id, ())
            ),
            *(carried_line(work, other) for other in carried.get(row.payout.id, ())),
            *(adjustment_line(a.amount_cents, a.description, currency) for a in adjusted.get(row.payout.id, ())),
        ]
        settlement = settlements.get(row.payout.concert_id) if row.payout.seq == 1 else None
        came_in = tuple(took_in(settlement)) if settlement else ()
        answer.append(_row(row, tuple(lines), came_in, tuple(back.get(row.payout.id, ()))))
    return answer, total


def _row(
    row: OpenPayout,
    lines: tuple[ExplainedLine, ...],
    came_in: tuple[ExplainedLine, ...],
    taken_back: tuple[TakenBack, ...],
) -> PayoutRow:
    payout = row.payout
    return PayoutRow(
        payout_id=payout.id,
        concert_id=payout.concert_id,
        user_id=payout.user_id,
        payee=row.name,
        email=row.email,
        side=payout.side,
        concert_date=row.concert_date,
        place=f"{row.city} {row.region}",
        earned=Money(payout.earned_cents, payout.currency),
        carried=Money(payout.carried_cents, payout.currency),
        amount=Money(payout.amount_cents, payout.currency),
        state=payout.state,
        hold_reason=payout.hold_reason,
        hold_note=payout.hold_note,
        due_at=payout.due_at,
        sent_at=payout.sent_at,
        stripe_transfer_id=payout.stripe_transfer_id,
        failure_message=payout.failure_message,
        taken_back=taken_back,
        carried_into=payout.carried_into,
        created_at=payout.created_at,
        lines=lines,
        came_in=came_in,
    )
