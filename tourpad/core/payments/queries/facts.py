"""What `verify` compares, read in one go each."""

from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.payments.models import Dispute, Payment, Refund
from tourpad.core.payments.rules import OPEN_DISPUTE, PAID
from tourpad.core.payments.states import DisputeState, PaymentState, RefundState
from tourpad.core.values import Value
from tourpad.core.work import Work


class PostedPayment(Value):
    """A payment that counts as posted."""

    payment_id: UUID
    charge_id: str | None


class RefundFact(Value):
    """A refund, as far as clearing goes."""

    refund_id: UUID
    payment_id: UUID
    state: RefundState
    amount_cents: int


class DisputeFact(Value):
    """A dispute, as far as what is held for it goes."""

    stripe_id: str
    state: DisputeState
    withdrawn_cents: int


class ReturnedFact(Value):
    """What a payment counts as gone back, and what its refunds and disputes add up to."""

    payment_id: UUID
    state: PaymentState
    amount_cents: int
    refunded_cents: int
    lost_cents: int
    refunds_cents: int
    disputes_cents: int
    is_disputed: bool


def posted_payments(work: Work) -> list[PostedPayment]:
    """Payments whose balance transaction is known."""
    rows = work.session.execute(
        select(Payment.id, Payment.stripe_charge_id).where(Payment.stripe_balance_transaction_id.is_not(None))
    )
    return [PostedPayment(*row) for row in rows]


def refund_facts(work: Work) -> list[RefundFact]:
    """Every refund."""
    rows = work.session.execute(
        select(Refund.id, Refund.payment_id, Refund.state, Refund.amount_cents).order_by(Refund.id)
    )
    return [RefundFact(*row) for row in rows]


def dispute_facts(work: Work) -> list[DisputeFact]:
    """Every dispute."""
    rows = work.session.execute(
        select(Dispute.stripe_dispute_id, Dispute.state, Dispute.withdrawn_cents).order_by(Dispute.id)
    )
    return [DisputeFact(*row) for row in rows]


def returned_facts(work: Work) -> list[ReturnedFact]:
    """Every payment whose money came in."""
    refunds = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.payment_id == Payment.id, Refund.state != RefundState.FAILED)
        .scalar_subquery()
    )
    disputes = (
        select(func.coalesce(func.sum(Dispute.lost_cents), 0)).where(Dispute.payment_id == Payment.id).scalar_subquery()
    )
    at_bank = (Dispute.payment_id == Payment.id) & Dispute.state.in_(OPEN_DISPUTE) & Dispute.is_inquiry.is_(False)
    is_disputed = select(Dispute.id).where(at_bank).exists()
    rows = work.session.execute(
        select(
            Payment.id,
            Payment.state,
            Payment.amount_cents,
            Payment.refunded_cents,
            Payment.lost_cents,
            refunds,
            disputes,
            is_disputed,
        )
        .where(Payment.state.in_(PAID))
        .order_by(Payment.id)
    )
    return [
        ReturnedFact(row[0], row[1], row[2], row[3], row[4], int(row[5]), int(row[6]), bool(row[7])) for row in rows
    ]
