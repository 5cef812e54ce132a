"""Telling the admins in time that a dispute waits for an answer."""

from datetime import timedelta
from uuid import UUID

from tourpad.core.money import Money
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments.states import DisputeState
from tourpad.core.work import Work

BEFORE = (timedelta(days=5), timedelta(days=1))
"""So long before its day somebody is reminded of an unanswered dispute, the first time and the last."""


def remind(work: Work, *, dispute_id: UUID) -> bool:
    """Tell every admin, once for each of `BEFORE` and day; answers whether the dispute still waits.

    Raises:
        NotFoundError: no such dispute.
    """
    row = payment_queries.dispute_row(work, payment_queries.get_dispute(work, dispute_id, for_update=True).id)
    dispute, due = row.dispute, row.dispute.evidence_due_at
    if dispute.state is not DisputeState.NEEDS_RESPONSE or due is None or not work.now < due <= work.now + BEFORE[0]:
        return False
    nearest = min(before for before in BEFORE if due <= work.now + before)
    for user_id in payment_queries.admins(work):
        tell(
            work,
            user_id=user_id,
            template="dispute_due",
            category=Category.SYSTEM,
            dedupe_key=f"dispute_due:{dispute.id}:{due:%Y%m%dT%H%M}:{nearest.days}",
            related=("dispute", dispute.id),
            amount=Money(dispute.amount_cents, dispute.currency),
            payer=row.payer_name,
            description=row.payment.description,
            reason=dispute.reason,
            answer_by=due,
            is_inquiry=dispute.is_inquiry,
            dispute_id=dispute.id,
        )
    return True
