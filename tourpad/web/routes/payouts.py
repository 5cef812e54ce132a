"""Payouts of the person who is signed in, each with its lines."""

from datetime import date, datetime
from uuid import UUID

from litestar import get

from tourpad.core.bookings.states import Side
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.payouts import service
from tourpad.core.payouts.service import PayoutFilter, PayoutRow
from tourpad.core.payouts.states import HoldReason, LineKind, PayoutState
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.shapes import LimitParam, Output, PageParam, Pagination, pagination


class PayoutLineOut(Output):
    """One amount of a payout, and why. Below zero it is taken off."""

    kind: LineKind
    amount_cents: int
    description: str


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
    due_at: datetime
    """It is not sent before."""
    sent_at: datetime | None
    carried_into: UUID | None
    """The payout that took this one along."""
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
    return PayoutsAnswer(
        payouts=[payout_out(row) for row in rows],
        pagination=pagination(page=page, limit=limit, total=total),
    )


def payout_out(row: PayoutRow) -> PayoutOut:
    """Shape one payout for its payee. What an admin wrote on a hold is for admins."""
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
        hold_reason=row.hold_reason,
        hold_note=None if row.hold_reason is HoldReason.MANUAL else row.hold_note,
        due_at=row.due_at,
        sent_at=row.sent_at,
        carried_into=row.carried_into,
        lines=[
            PayoutLineOut(kind=line.kind, amount_cents=line.amount.cents, description=line.description)
            for line in row.lines
        ],
    )


ROUTES = (list_own_payouts,)
