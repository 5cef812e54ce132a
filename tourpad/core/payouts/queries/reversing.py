"""What has been taken back of transfers, and what is being."""

from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import aliased

from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work

OPEN = (IntentState.PLANNED, IntentState.SENDING)
LONGEST_CHAIN = 50
"""Payouts that were carried along by one another: no payee has so many small ones in a row."""

_AMOUNT = cast(MoneyIntent.params["amount"].astext, BigInteger)


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
