"""Typed refusals of payments. Each carries what a machine may want to know."""

from tourpad.core.errors import ConflictError, InvalidInputError, OutsideError, RefusedError
from tourpad.core.money import Money


class AmountMismatchError(InvalidInputError):
    """The amount that was sent is not the one that is owed."""

    code = "amount_mismatch"


class BelowMinimumError(RefusedError):
    """Stripe charges nothing below fifty cents."""

    code = "amount_below_minimum"


class NothingOwedError(RefusedError):
    """There is nothing to pay, or no longer."""

    code = "nothing_owed"


class AlreadyPaidError(ConflictError):
    """It is paid, or the bank is at it."""

    code = "already_paid"


class NotRefundableError(RefusedError):
    """The payment is in no state to be refunded."""

    code = "not_refundable"


class RefundTooLargeError(RefusedError):
    """More than what is left of the payment."""

    code = "refund_too_large"

    def __init__(self, *, asked: Money, left: Money) -> None:
        super().__init__(
            f"{asked} can't be refunded: {left} of the payment is left.",
            hint="Refunds that are planned or sent count.",
            asked_cents=asked.cents,
            left_cents=left.cents,
        )


class QuoteChangedError(ConflictError):
    """What would go back is no longer what was shown."""

    code = "quote_changed"

    def __init__(self, *, back: Money, quote_id: str) -> None:
        super().__init__(
            f"Meanwhile it would come to something else: {back} would go back. Nothing was done.",
            hint="Ask for the quote again, and pass its id.",
            back_cents=back.cents,
            quote_id=quote_id,
        )


class DisputeOpenError(RefusedError):
    """A dispute on the charge is open: its bank has taken the money already."""

    code = "dispute_open"


class AmountsDifferError(OutsideError):
    """Stripe took another amount than we asked for. Never expected; a person must look."""

    code = "amounts_differ"


class NotYetKnownError(ConflictError):
    """An event speaks of something that we do not know yet. It is tried again later."""

    code = "not_yet_known"


class BooksBehindError(RefusedError):
    """Stripe has done what these books have not begun: an older backup was restored. Nothing is sent from them."""

    code = "books_behind"
