"""What a payer can show: what was paid, what went back, and by which number."""

from uuid import UUID

from tourpad.core.identity.queries import get_user
from tourpad.core.money import Money, total
from tourpad.core.papers import queries
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.sheets import ReceiptLine, ReceiptSheet, ShowRef
from tourpad.core.payments import queries as payments
from tourpad.core.payments import rules
from tourpad.core.payments.errors import NothingOwedError
from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import RefundState
from tourpad.core.work import Work

ON_ITS_WAY = (RefundState.PLANNED, RefundState.SENDING)


def receipt(work: Work, *, payment_id: UUID, viewer: UUID | None) -> ReceiptSheet:
    """The receipt of a payment, as of now.

    Args:
        work: the unit of work.
        payment_id: which payment.
        viewer: who asks; None for whoever may see all of them.

    Raises:
        NotFoundError: there is none by that id, or it is somebody else's.
        NothingOwedError: nothing was paid yet, so there is nothing to give a receipt for.
    """
    payment = payments.get_payment(work, payment_id)
    if viewer is not None and payment.user_id != viewer:
        raise payments.no_payment()
    if payment.state in rules.UNPAID or payment.receipt_number is None or payment.completed_at is None:
        msg = f"The payment is {payment.state}: there is a receipt once it is paid."
        raise NothingOwedError(msg, state=payment.state.value)
    payer = get_user(work, payment.user_id)
    lines = (
        ReceiptLine(payment.description, Money(payment.amount_cents, payment.currency), payment.completed_at),
        *_returned(work, payment),
    )
    return ReceiptSheet(
        merchant=merchant(work.settings),
        receipt_number=payment.receipt_number,
        payment_id=payment.id,
        payment_type=payment.kind,
        issued_at=payment.completed_at,
        as_of=work.now,
        payer_name=payment.payer_name or payer.name,
        payer_email="" if payment.payer_name else payer.email,
        description=payment.description,
        show=_show(work, payment.concert_id),
        card_brand=payment.card_brand,
        card_last4=payment.card_last4,
        lines=lines,
        total=total([line.amount for line in lines], payment.currency),
    )


def _returned(work: Work, payment: Payment) -> list[ReceiptLine]:
    """Everything that went back, or is about to, in the order of time."""
    lines = [
        ReceiptLine(
            "Refund, on its way" if refund.state in ON_ITS_WAY else "Refund",
            Money(-refund.amount_cents, refund.currency),
            refund.created_at,
        )
        for refund in payments.refunds_of(work, payment.id)
        if refund.state is not RefundState.FAILED
    ]
    lines += [
        ReceiptLine(
            "Taken back by your bank",
            Money(-dispute.lost_cents, dispute.currency),
            dispute.closed_at or dispute.updated_at,
        )
        for dispute in payments.disputes_of(work, payment.id)
        if dispute.lost_cents
    ]
    return sorted(lines, key=lambda line: line.at)


def _show(work: Work, concert_id: UUID | None) -> ShowRef | None:
    if concert_id is None:
        return None
    found = queries.shows(work, [concert_id]).get(concert_id)
    return found.show if found else None
