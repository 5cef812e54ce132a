"""What happens with payouts."""

from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.money import Money
from tourpad.core.payouts.states import HoldReason


class ConcertSettled(Event, kw_only=True):
    """A concert's money was divided."""

    concert_id: UUID


class PayoutSent(Event, kw_only=True):
    """A transfer to a payee was made."""

    payout_id: UUID
    user_id: UUID


class PayoutHeld(Event, kw_only=True):
    """A payout stays, for a reason that is new."""

    payout_id: UUID
    user_id: UUID
    reason: HoldReason


class PayoutFailed(Event, kw_only=True):
    """Stripe refused a transfer for good."""

    payout_id: UUID
    user_id: UUID


class PayoutReversed(Event, kw_only=True):
    """A transfer that had been made was taken back in full."""

    payout_id: UUID
    user_id: UUID


class PayeeBankRefused(Event, kw_only=True):
    """A payee's bank refused what Stripe paid out to it; transfers to them pause. `payout_id` is Stripe's."""

    user_id: UUID
    payout_id: str


class PayoutsWaitForApproval(Event, kw_only=True):
    """A run left payouts behind that need a second admin."""

    count: int
    cents: int


class TransferTakenBack(Event, kw_only=True):
    """Money that a payee had was taken back for a guest's refund; or could not be, and is a debt (`is_debt`)."""

    intent_id: UUID
    payout_id: UUID
    user_id: UUID
    amount: Money
    is_debt: bool
