"""What happens with payouts."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.money import Money
from tourpad.core.payouts.states import HoldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertSettled(Event):
    """A concert's money was divided."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSent(Event):
    """A transfer to a payee was made."""

    payout_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutHeld(Event):
    """A payout stays, for a reason that is new."""

    payout_id: UUID
    user_id: UUID
    reason: HoldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFailed(Event):
    """Stripe refused a transfer for good."""

    payout_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutReversed(Event):
    """A transfer that had been made was taken back in full."""

    payout_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeBankRefused(Event):
    """A payee's bank refused what Stripe paid out to it; transfers to them pause. `payout_id` is Stripe's."""

    user_id: UUID
    payout_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsWaitForApproval(Event):
    """A run left payouts behind that need a second admin."""

    count: int
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTakenBack(Event):
    """Money that a payee had was taken back for a guest's refund; or could not be, and is a debt (`is_debt`)."""

    intent_id: UUID
    payout_id: UUID
    user_id: UUID
    amount: Money
    is_debt: bool
