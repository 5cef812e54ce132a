"""What a payer can show: what was paid, what went back, and by which number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.errors import NotFoundError
from tourpad.core.identity.queries import get_user
from tourpad.core.money import Money, total
from tourpad.core.payments import queries, rules
from tourpad.core.payments.errors import NothingOwedError
from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import PaymentKind, RefundState
from tourpad.core.work import Work


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One amount, below zero where it went back."""

    description: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payment on paper. Its lines add up to `total`."""

    number: str
    payment_id: UUID
    kind: PaymentKind
    issued_at: datetime
    payer_name: str
    payer_email: str
    lines: list[ReceiptLine]
    total: Money


def own_payment(work: Work, *, payment_id: UUID, user_id: UUID) -> Payment:
    """A payment of this person.

    Raises:
        NotFoundError: there is none by that id, or it is somebody else's.
    """
    payment = queries.get_payment(work, payment_id)
    if payment.user_id != user_id:
        msg = "There is no payment with this id."
        raise NotFoundError(msg)
    return payment


def receipt_of(work: Work, payment: Payment) -> Receipt:
    """The receipt of a payment, as of now.

    Raises:
        NothingOwedError: nothing was paid yet, so there is nothing to give a receipt for.
    """
    if payment.state in rules.UNPAID or payment.receipt_number is None or payment.completed_at is None:
        msg = f"The payment is {payment.state}: there is a receipt once it is paid."
        raise NothingOwedError(msg, state=payment.state.value)
    payer = get_user(work, payment.user_id)
    lines = [ReceiptLine(payment.description, Money(payment.amount_cents, payment.currency), payment.completed_at)]
    lines += [
        ReceiptLine("Refund", Money(-refund.amount_cents, refund.currency), refund.created_at)
        for refund in queries.refunds_of(work, payment.id)
        if refund.state is not RefundState.FAILED
    ]
    lines += [
        ReceiptLine("Taken back by your bank", Money(-dispute.lost_cents, dispute.currency), dispute.updated_at)
        for dispute in queries.disputes_of(work, payment.id)
        if dispute.lost_cents
    ]
    return Receipt(
        number=payment.receipt_number,
        payment_id=payment.id,
        kind=payment.kind,
        issued_at=payment.completed_at,
        payer_name=payer.name,
        payer_email=payer.email,
        lines=lines,
        total=total([line.amount for line in lines], payment.currency),
    )
