"""A payout's life, and every reason that can keep a cent back."""

from enum import StrEnum


class PayoutState(StrEnum):
    """How a payout stands."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"
    REVERSED = "reversed"
    CARRIED = "carried"


MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.PLANNED: frozenset({PayoutState.HELD, PayoutState.SENDING, PayoutState.CARRIED}),
    PayoutState.HELD: frozenset({PayoutState.PLANNED, PayoutState.SENDING, PayoutState.CARRIED}),
    PayoutState.SENDING: frozenset({PayoutState.SENT, PayoutState.FAILED}),
    PayoutState.SENT: frozenset({PayoutState.SETTLED, PayoutState.REVERSED}),
    PayoutState.SETTLED: frozenset({PayoutState.REVERSED}),
    PayoutState.FAILED: frozenset({PayoutState.PLANNED}),
    PayoutState.REVERSED: frozenset(),
    PayoutState.CARRIED: frozenset(),
}
"""`carried`: nothing was payable on its own (below the minimum, or eaten by a debt); a later payout of the
payee includes it."""


class HoldReason(StrEnum):
    """Why a payout does not leave now. `payouts explain` has a sentence for each."""

    HOLD_PERIOD = "hold_period"
    DISPUTE = "dispute"
    NOT_RECEIVING = "not_receiving"
    BELOW_MINIMUM = "below_minimum"
    DEBT = "debt"
    MANUAL = "manual"
    FUNDS_NOT_AVAILABLE = "funds_not_available"
    APPROVAL = "approval"
    """More leaves than one admin may let leave: a second one has to approve it."""


class LineKind(StrEnum):
    """What a line of a settlement is for."""

    DOOR_SHARE = "door_share"
    GUARANTEE = "guarantee"
    GUARANTEE_RETURNED = "guarantee_returned"
    PROCESSING_FEES = "processing_fees"
    PLATFORM_FEE = "platform_fee"
    CARRIED = "carried"
    REFUND = "refund"
    DISPUTE = "dispute"
    WRITE_OFF = "write_off"
