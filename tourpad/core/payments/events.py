"""What payments tell the rest of the house, and what Stripe tells that is not payments' own business."""

from typing import Any
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.money import Money
from tourpad.core.payments.states import DisputeState, PaymentKind


class PaymentCompleted(Event, kw_only=True):
    """The money is there. It may come late: after its reference was cancelled, expired or paid otherwise."""

    payment_id: UUID
    kind: PaymentKind
    reference_type: str
    reference_id: UUID
    user_id: UUID
    concert_id: UUID | None = None


class PaymentFailed(Event, kw_only=True):
    """A try to pay failed; the payer may try again with the same intent."""

    payment_id: UUID
    kind: PaymentKind
    reference_type: str
    reference_id: UUID
    user_id: UUID
    concert_id: UUID | None = None
    code: str | None = None
    message: str | None = None


class PaymentRefunded(Event, kw_only=True):
    """Stripe has taken on a refund: the payer will see it within days."""

    payment_id: UUID
    refund_id: UUID
    kind: PaymentKind
    reference_type: str
    reference_id: UUID
    user_id: UUID
    amount: Money
    concert_id: UUID | None = None


class RefundFailed(Event, kw_only=True):
    """A refund did not arrive; its money is back where it came from, and a person must look."""

    payment_id: UUID
    refund_id: UUID
    user_id: UUID
    amount: Money
    reason: str | None = None


class DisputeOpened(Event, kw_only=True):
    """A payer's bank disputes a charge, or asks about it: whatever depends on it is frozen.

    Said again when it took the money after having asked only.
    """

    dispute_id: UUID
    payment_id: UUID
    user_id: UUID
    amount: Money
    concert_id: UUID | None = None


class DisputeClosed(Event, kw_only=True):
    """A dispute ended: won, lost, or closed without a withdrawal."""

    dispute_id: UUID
    payment_id: UUID
    user_id: UUID
    outcome: DisputeState
    amount: Money
    concert_id: UUID | None = None


class SubscriptionNews(Event, kw_only=True):
    """A subscription changed; `subscription` is as Stripe has it now."""

    type: str
    subscription: dict[str, Any]
    look: int | None = None
    """The number of the look that it was fetched by: of two answers the one asked for later is true."""


class InvoiceNews(Event, kw_only=True):
    """An invoice was paid, failed, or needs its payer.

    For `invoice.paid`, `payment_intent` is the one that paid it, `latest_charge.balance_transaction`
    expanded; None where nothing was charged (a trial, a full discount).
    """

    type: str
    invoice: dict[str, Any]
    payment_intent: dict[str, Any] | None = None
    refusal: dict[str, Any] | None = None
    """For `invoice.payment_failed`: Stripe's error of the last try, with words that not every payer may read."""


class CheckoutNews(Event, kw_only=True):
    """A checkout session was completed or expired; `session` is as Stripe has it now."""

    type: str
    session: dict[str, Any]


class TransferNews(Event, kw_only=True):
    """A transfer was made or reversed; `transfer` is as Stripe has it now, `balance_transaction` expanded."""

    type: str
    transfer: dict[str, Any]


class AccountNews(Event, kw_only=True):
    """A connected account changed; `account` is as Stripe has it now (`/v2/core/accounts`)."""

    type: str
    account: dict[str, Any]


class PlatformPayoutNews(Event, kw_only=True):
    """Our own payout to our bank was paid, failed or canceled; its balance transactions are expanded."""

    type: str
    payout: dict[str, Any]


class PayeePayoutNews(Event, kw_only=True):
    """A payee's own payout to their bank was paid, failed or canceled. None of our money moves."""

    type: str
    stripe_account_id: str
    payout: dict[str, Any]


class StripeEventDead(Event, kw_only=True):
    """One of Stripe's events was given up: what it tells is not in the books until a person has looked."""

    event_id: UUID
    stripe_event_id: str
    type: str
    object_id: str | None
    attempts: int
    error: str
