"""What has been taken back of transfers, and what is being."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import aliased

from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.rules import STRIPE_BALANCE, Source
from tourpad.core.money import Money
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.states import PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work

OPEN = (IntentState.PLANNED, IntentState.SENDING)
LONGEST_CHAIN = 50
"""Payouts that were carried along by one another: no payee has so many small ones in a row."""

_AMOUNT = cast(MoneyIntent.params["amount"].astext, BigInteger)


class TakenBack(Value):
    """A part of a transfer that came back, as the books have it."""

    reversal_id: str
    """Stripe's `trr_…`."""
    amount: Money
    at: datetime
    is_refund: bool
    """Whether we took it, for a guest's refund; else somebody did at Stripe."""

    @property
    def why(self) -> str:
        """For the payee's eyes, too."""
        return "a guest was refunded" if self.is_refund else "taken back at Stripe"


def all_taken_back(work: Work, payouts: Sequence[Payout]) -> dict[UUID, list[TakenBack]]:
    """What came back of each of these payouts' transfers, the oldest first."""
    rows = work.session.execute(
        select(
            Journal.details["payout_id"].astext,
            Journal.source_id,
            Line.amount_cents,
            Line.currency,
            Journal.occurred_at,
            MoneyIntent.id.is_not(None),
        )
        .join(Line, Line.journal_id == Journal.id)
        .outerjoin(MoneyIntent, MoneyIntent.stripe_object_id == Journal.source_id)
        .where(
            Journal.source_type == Source.TRANSFER.value,
            Journal.purpose == "reversed",
            Journal.concert_id.in_({payout.concert_id for payout in payouts}),
            Line.account == STRIPE_BALANCE,
        )
        .order_by(Journal.number)
    )
    wanted = {str(payout.id): payout.id for payout in payouts}
    found: dict[UUID, list[TakenBack]] = {}
    for name, reversal_id, cents, currency, at, is_refund in rows:
        if name in wanted:
            back = TakenBack(reversal_id, Money(cents, currency), at, is_refund)
            found.setdefault(wanted[name], []).append(back)
    return found


def sent_with(work: Work, *, concert_id: UUID, user_id: UUID) -> Payout | None:
    """The payout whose transfer took a payee's earnings from a concert: its own, or the one that carried it along.

    None while the money has not left.
    """
    payout = work.session.scalar(
        select(Payout)
        .where(Payout.concert_id == concert_id, Payout.user_id == user_id)
        .order_by(Payout.seq.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    for _ in range(LONGEST_CHAIN):
        if payout is None or payout.carried_into is None:
            break
        payout = work.session.get(Payout, payout.carried_into, populate_existing=True)
    if payout is None or payout.state not in (PayoutState.SENT, PayoutState.SETTLED):
        return None
    return payout if payout.stripe_transfer_id else None


def taken_back(work: Work, payout_id: UUID) -> int:
    """What has been taken back of a payout's transfer by us, or is being, in cents."""
    total = work.session.scalar(
        select(func.coalesce(func.sum(_AMOUNT), 0)).where(
            MoneyIntent.operation == IntentOperation.TRANSFER_REVERSAL,
            MoneyIntent.subject_id == payout_id,
            MoneyIntent.state != IntentState.FAILED,
        )
    )
    return int(total or 0)


def being_taken_back(work: Work, user_id: UUID) -> int:
    """What is being taken back from a payee and is not in the books yet, in cents."""
    payout = aliased(Payout)
    total = work.session.scalar(
        select(func.coalesce(func.sum(_AMOUNT), 0))
        .join(payout, payout.id == MoneyIntent.subject_id)
        .where(
            MoneyIntent.operation == IntentOperation.TRANSFER_REVERSAL,
            MoneyIntent.state.in_(OPEN),
            payout.user_id == user_id,
        )
    )
    return int(total or 0)
