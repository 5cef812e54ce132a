"""State machines of money that comes in and goes back."""

from enum import StrEnum


class PaymentKind(StrEnum):
    """What somebody pays for."""

    MEMBERSHIP = "membership"
    BOOKING = "booking"
    DOOR_FEE = "door_fee"


class PaymentState(StrEnum):
    """How a payment stands."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


PAYMENT_MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.PENDING: frozenset({PaymentState.COMPLETED, PaymentState.FAILED, PaymentState.CANCELLED}),
    PaymentState.FAILED: frozenset({PaymentState.PENDING, PaymentState.COMPLETED, PaymentState.CANCELLED}),
    PaymentState.CANCELLED: frozenset({PaymentState.COMPLETED}),
    PaymentState.COMPLETED: frozenset({PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED, PaymentState.DISPUTED}),
    PaymentState.PARTLY_REFUNDED: frozenset({PaymentState.REFUNDED, PaymentState.DISPUTED, PaymentState.COMPLETED}),
    PaymentState.REFUNDED: frozenset({PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED}),
    PaymentState.DISPUTED: frozenset({PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED}),
}
"""A payer may try again after a failure; a cancelled one can still succeed late (and is refunded by itself);
a refund that fails gives the payment its earlier state back."""


class RefundState(StrEnum):
    """How a refund stands."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.PLANNED: frozenset({RefundState.SENDING, RefundState.FAILED}),
    RefundState.SENDING: frozenset({RefundState.SENT, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SENT: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.PLANNED}),
}


class DisputeState(StrEnum):
    """How a dispute stands: Stripe's own words, with its warnings folded in."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


DISPUTE_MOVES: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.NEEDS_RESPONSE: frozenset(
        {DisputeState.UNDER_REVIEW, DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED}
    ),
    DisputeState.UNDER_REVIEW: frozenset(
        {DisputeState.NEEDS_RESPONSE, DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED}
    ),
    DisputeState.WON: frozenset({DisputeState.LOST}),
    DisputeState.LOST: frozenset({DisputeState.WON}),
    DisputeState.CLOSED: frozenset(),
}
"""Back to `needs_response`: an inquiry under review that became a dispute."""


class IntentOperation(StrEnum):
    """A call that moves money, or decides about some."""

    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    REFUND = "refund"
    CHARGE = "charge"
    DISPUTE_EVIDENCE = "dispute_evidence"
    DISPUTE_CLOSE = "dispute_close"


MAKES_OBJECT = frozenset(
    {
        IntentOperation.TRANSFER,
        IntentOperation.TRANSFER_REVERSAL,
        IntentOperation.REFUND,
        IntentOperation.CHARGE,
    }
)
"""Calls whose answer is an object of their own; the others change one that several calls may be about."""


class IntentState(StrEnum):
    """How such a call stands."""

    PLANNED = "planned"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"


INTENT_MOVES: dict[IntentState, frozenset[IntentState]] = {
    IntentState.PLANNED: frozenset({IntentState.SENDING, IntentState.FAILED}),
    IntentState.SENDING: frozenset({IntentState.DONE, IntentState.FAILED, IntentState.PLANNED}),
    IntentState.DONE: frozenset(),
    IntentState.FAILED: frozenset({IntentState.PLANNED}),
}
