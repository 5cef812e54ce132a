"""What payouts refuse."""

from tourpad.core.errors import ConflictError, RefusedError


class UndecidedChargesError(RefusedError):
    """A charge or refund of the concert is still on its way: it is settled once that is decided."""

    code = "charges_undecided"


class PotMismatchError(RefusedError):
    """The ledger holds another sum for the concert than its payments say. Nobody is paid from that."""

    code = "pot_mismatch"


class NotSettleableError(RefusedError):
    """The concert's money can't be divided now."""

    code = "not_settleable"


class PayoutBusyError(ConflictError):
    """The payout is being sent at this moment."""

    code = "payout_sending"


class PayoutStateError(RefusedError):
    """What was asked does not fit how the payout stands."""

    code = "payout_state"


class TotalMismatchError(RefusedError):
    """The total that was confirmed is not the total that would be sent."""

    code = "total_mismatch"
