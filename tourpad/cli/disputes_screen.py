"""How disputes look in lists: their rows, how long there is to answer, and what one can do next."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tourpad.core.payments.states import DisputeState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tourpad.core.payments.queries import DisputeRow

COLOURS = {"needs_response": "red", "under_review": "yellow", "won": "green", "lost": "dim"}


def dispute_row(row: "DisputeRow") -> dict[str, Any]:
    """A dispute as every form of output takes it."""
    dispute = row.dispute
    return {
        "id": dispute.id,
        "opened_at": dispute.opened_at,
        "payer": row.payer_name,
        "description": row.payment.description,
        "amount_cents": dispute.amount_cents,
        "currency": dispute.currency,
        "reason": dispute.reason,
        "is_inquiry": dispute.is_inquiry,
        "state": dispute.state.value,
        "evidence_due_at": dispute.evidence_due_at,
        "stripe_dispute_id": dispute.stripe_dispute_id,
        "payment_id": row.payment.id,
    }


def time_left(row: "DisputeRow", now: "datetime") -> dict[str, Any]:
    """How long there is to answer."""
    due = row.dispute.evidence_due_at
    if row.dispute.state is not DisputeState.NEEDS_RESPONSE or due is None:
        return {"left": None, "is_urgent": False}
    left = due - now
    if left <= timedelta(0):
        return {"left": "too late", "is_urgent": True}
    days = left.days
    said = f"in {days} day{'' if days == 1 else 's'}" if days else f"in {left.seconds // 3600} h"
    return {"left": said, "is_urgent": left <= timedelta(days=5)}


def what_next(rows: "Sequence[DisputeRow]") -> str:
    """What one can do about disputes of a list: there is nothing to answer about those that are over."""
    if any(row.dispute.state is DisputeState.NEEDS_RESPONSE for row in rows):
        return "What to answer:  tourpad disputes evidence ID"
    return "How one stands:  tourpad disputes show ID"


def words(value: str) -> str:
    """`needs_response` as people say it."""
    return value.replace("_", " ")


def money(cents: int | None) -> str:
    """Cents in dollars, with a dash for nothing."""
    from tourpad.core.money import format_money, usd

    return "–" if not cents else format_money(usd(cents))
