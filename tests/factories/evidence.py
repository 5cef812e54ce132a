"""Disputes as rows, where Stripe does not matter."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.payments.models import Dispute, Payment
    from tourpad.core.work import Work


def make_dispute(work: "Work", payment: "Payment", *, reason: str = "fraudulent") -> "Dispute":
    """A dispute of a whole payment that waits nine days for an answer; nothing is posted for it."""
    from tourpad.core.payments.models import Dispute
    from tourpad.core.payments.states import DisputeState

    dispute = Dispute(
        id=new_id(),
        payment_id=payment.id,
        stripe_dispute_id=f"du_{new_id().hex}",
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        reason=reason,
        state=DisputeState.NEEDS_RESPONSE,
        evidence_due_at=work.now + timedelta(days=9),
        opened_at=work.now,
        updated_at=work.now,
    )
    work.add(dispute)
    return dispute
