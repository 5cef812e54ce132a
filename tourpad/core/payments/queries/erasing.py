"""What is to be known of a person's payments before they are erased."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Text, cast, func, or_, select

from tourpad.core.payments.models import Dispute, MoneyIntent, Payment, Refund, StripeEvent
from tourpad.core.payments.rules import OPEN_DISPUTE
from tourpad.core.payments.states import IntentState, RefundState
from tourpad.core.work import Work

RETURNING = (RefundState.PLANNED, RefundState.SENDING)


def ids_of_payer(work: Work, user_id: UUID) -> list[UUID]:
    """Every payment of this person."""
    return list(work.session.scalars(select(Payment.id).where(Payment.user_id == user_id)))


def ids_for_concerts(work: Work, concert_ids: Collection[UUID]) -> list[UUID]:
    """Every payment into the pots of these concerts."""
    return list(work.session.scalars(select(Payment.id).where(Payment.concert_id.in_(list(concert_ids)))))


def count_undecided_of(work: Work, user_id: UUID) -> tuple[int, int]:
    """How many of a person's payments are disputed, and how many refunds to them have not left."""
    disputed = (
        select(func.count())
        .select_from(Dispute)
        .join(Payment, Payment.id == Dispute.payment_id)
        .where(Payment.user_id == user_id, Dispute.state.in_(OPEN_DISPUTE))
    )
    returning = (
        select(func.count())
        .select_from(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.user_id == user_id, Refund.state.in_(RETURNING))
    )
    return work.session.scalar(disputed) or 0, work.session.scalar(returning) or 0


def finished_calls(work: Work, payment_ids: Collection[UUID]) -> list[UUID]:
    """Calls for these payments and their refunds that are over."""
    refunds = select(Refund.id).where(Refund.payment_id.in_(list(payment_ids)))
    return list(
        work.session.scalars(
            select(MoneyIntent.id).where(
                MoneyIntent.state.in_((IntentState.DONE, IntentState.FAILED)),
                or_(MoneyIntent.subject_id.in_(list(payment_ids)), MoneyIntent.subject_id.in_(refunds)),
            )
        )
    )


def processed_about(work: Work, customer_id: str) -> list[UUID]:
    """Processed events whose payload names a customer. Reads the whole inbox: an erasure is rare."""
    return list(
        work.session.scalars(
            select(StripeEvent.id).where(
                StripeEvent.processed_at.is_not(None), cast(StripeEvent.payload, Text).contains(customer_id)
            )
        )
    )
