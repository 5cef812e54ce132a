"""Payouts of the person who is signed in, each with its lines."""

from datetime import date, datetime
from uuid import UUID

from litestar import get

from tourpad.core.bookings.states import Side
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.payouts import service
from tourpad.core.payouts.rules import FOR_PAYEES
from tourpad.core.payouts.service import ExplainedLine, PayoutFilter, PayoutRow
from tourpad.core.payouts.states import HoldReason, LineKind, PayoutState
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.shapes import LimitParam, Output, PageParam, Pagination, pagination


class PayoutLineOut(Output):
    """One amount of a payout, and why. Below zero it is taken off."""

    kind: LineKind
    amount_cents: int
    description: str


class TakenBackOut(Output):
    """A part of a transfer that came back to us."""

    at: datetime
    amount_cents: int
    why: str


class PayoutOut(Output):
    """One payout. Its lines add up to `earnedCents` and `carriedCents` together."""

    id: UUID
    concert_id: UUID
    concert_date: date
    place: str
    side: Side
    state: PayoutState
    earned_cents: int
    """From this concert."""
    carried_cents: int
    """Taken along from earlier ones; below zero: debts."""
    amount_cents: int
    """What the transfer pays or paid."""
    currency: str
    hold_reason: HoldReason | None
    hold_note: str | None
    """Why it waits, in words for its payee."""
    due_at: datetime
    """It is not sent before."""
    sent_at: datetime | None
    taken_back: list[TakenBackOut]
    """What came back of the transfer since, because a guest was refunded."""
    carried_into: UUID | None
    """The payout that took this one along."""
    came_in: list[PayoutLineOut]
    """What the show took in, before it was divided; not part of the sum."""
    lines: list[PayoutLineOut]


class PayoutsAnswer(Output):
    """One page of payouts, the newest first."""

    payouts: list[PayoutOut]
    pagination: Pagination


@get("/api/payouts", **needs(Permission.RECEIVE), tags=["payouts"])
def list_own_payouts(
    platform: Platform, principal: Principal, page: PageParam = 1, limit: LimitParam = 20
) -> PayoutsAnswer:
    """What one was paid, is due, and why any of it waits."""
    with platform.work(principal.actor) as work:
        rows, total = service.list_payouts(work, PayoutFilter(user_id=principal.user_id), page=page, limit=limit)
        now = work.now
    return PayoutsAnswer(
        payouts=[payout_out(row, now) for row in rows],
        pagination=pagination(page=page, limit=limit, total=total),
    )


def payout_out(row: PayoutRow, now: datetime) -> PayoutOut:
    """Shape one payout for its payee. What admins write on a hold, and our balance, are for admins."""
    reason = row.hold_reason
    if row.state is PayoutState.PLANNED and reason is None and now < row.due_at:
        reason = HoldReason.HOLD_PERIOD
    return PayoutOut(
        id=row.payout_id,
        concert_id=row.concert_id,
        concert_date=row.concert_date,
        place=row.place,
        side=row.side,
        state=row.state,
        earned_cents=row.earned.cents,
        carried_cents=row.carried.cents,
        amount_cents=row.amount.cents,
        currency=row.amount.currency,
        hold_reason=reason,
        hold_note=FOR_PAYEES[reason] if reason else None,
        due_at=row.due_at,
        sent_at=row.sent_at,
        taken_back=[TakenBackOut(at=b.at, amount_cents=b.amount.cents, why=b.why) for b in row.taken_back],
        carried_into=row.carried_into,
        came_in=[_line(line) for line in row.came_in],
        lines=[_line(line) for line in row.lines],
    )


def _line(line: ExplainedLine) -> PayoutLineOut:
    return PayoutLineOut(kind=line.kind, amount_cents=line.amount.cents, description=line.description)


ROUTES = (list_own_payouts,)
