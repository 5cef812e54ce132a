"""What TourPad asks of Stripe: one narrow protocol. Objects are dictionaries, as Stripe documents them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

StripeDict = dict[str, Any]
"""One object of Stripe's API."""


class StripeGateway(Protocol):
    """Stripe, or what stands in for it. Safe to share between threads.

    `key` is the idempotency key, stored before the call wherever the call moves money. Every method raises
    `StripeDeclined` for a definitive refusal and `StripeUncertain` where the outcome is unknown.
    Lists are iterators that page by themselves, newest first.
    """

    # files
    def upload_evidence(self, name: str, content: bytes, *, key: str) -> StripeDict:
        """Upload a file for a dispute's evidence; its id goes into one of the evidence's fields."""
        ...

    # customers
    def create_customer(self, params: StripeDict, *, key: str) -> StripeDict:
        """A payer."""
        ...

    def update_customer(self, customer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Change a payer."""
        ...

    def get_customer(self, customer_id: str) -> StripeDict:
        """One payer."""
        ...

    # money in
    def create_payment_intent(self, params: StripeDict, *, key: str) -> StripeDict:
        """Begin a charge; the payer confirms it with the client secret."""
        ...

    def get_payment_intent(self, intent_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One payment intent as it is now."""
        ...

    def confirm_payment_intent(self, intent_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Try to charge, off session where `params` say so."""
        ...

    def cancel_payment_intent(self, intent_id: str, *, key: str) -> StripeDict:
        """End one that was not paid."""
        ...

    def get_charge(self, charge_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One charge as it is now."""
        ...

    def get_early_fraud_warning(self, warning_id: str) -> StripeDict:
        """One warning of a card's bank."""
        ...

    # money back
    def create_refund(self, params: StripeDict, *, key: str) -> StripeDict:
        """Give back all or part of a charge."""
        ...

    def get_refund(self, refund_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One refund as it is now."""
        ...

    def list_refunds(self, **filters: Any) -> Iterator[StripeDict]:
        """Refunds, by `charge` or `payment_intent`."""
        ...

    def get_dispute(self, dispute_id: str) -> StripeDict:
        """One dispute with its balance transactions."""
        ...

    def list_disputes(self, **filters: Any) -> Iterator[StripeDict]:
        """Disputes, by `charge` or `payment_intent`."""
        ...

    def update_dispute(self, dispute_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Tell a bank what we know (`evidence`, and `submit`)."""
        ...

    def close_dispute(self, dispute_id: str, *, key: str) -> StripeDict:
        """Give a dispute up: it is lost."""
        ...

    # the platform's balance
    def get_balance(self) -> StripeDict:
        """What is available, and what will be."""
        ...

    def get_balance_transaction(self, transaction_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One line of the balance."""
        ...

    def list_balance_transactions(self, **filters: Any) -> Iterator[StripeDict]:
        """Lines of the balance, by `created`, `type`, `source`, `payout`."""
        ...

    def create_payout(self, params: StripeDict, *, key: str) -> StripeDict:
        """Send from the balance to our bank."""
        ...

    def get_payout(self, payout_id: str, *, account: str | None = None, expand: Sequence[str] = ()) -> StripeDict:
        """One payout; `account` is whose it is."""
        ...

    def list_payouts(self, **filters: Any) -> Iterator[StripeDict]:
        """Payouts, by `status`; `account` is whose they are."""
        ...

    # money on
    def create_transfer(self, params: StripeDict, *, key: str) -> StripeDict:
        """Pay a connected account from the balance."""
        ...

    def get_transfer(self, transfer_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One transfer as it is now."""
        ...

    def list_transfers(self, **filters: Any) -> Iterator[StripeDict]:
        """Transfers, by `transfer_group` and `destination`."""
        ...

    def reverse_transfer(self, transfer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Take a transfer back, or part of it."""
        ...

    def list_reversals(self, transfer_id: str) -> Iterator[StripeDict]:
        """What was taken back of one transfer."""
        ...

    # connected accounts (v2)
    def create_account(self, params: StripeDict, *, key: str) -> StripeDict:
        """A connected account (`/v2/core/accounts`)."""
        ...

    def get_account(self, account_id: str, *, include: Sequence[str] = ()) -> StripeDict:
        """One connected account; `include` names the parts wanted."""
        ...

    def create_account_link(self, params: StripeDict, *, key: str) -> StripeDict:
        """A page on which a payee tells Stripe about themselves."""
        ...

    # memberships
    def create_checkout_session(self, params: StripeDict, *, key: str) -> StripeDict:
        """A page on which a membership is begun."""
        ...

    def get_checkout_session(self, session_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One such page as it is now."""
        ...

    def expire_checkout_session(self, session_id: str, *, key: str) -> StripeDict:
        """Close such a page before anybody pays on it."""
        ...

    def create_portal_session(self, params: StripeDict, *, key: str) -> StripeDict:
        """A page on which a membership is managed."""
        ...

    def get_subscription(self, subscription_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One subscription as it is now."""
        ...

    def list_subscriptions(self, **filters: Any) -> Iterator[StripeDict]:
        """Subscriptions, by `customer`, `status`."""
        ...

    def update_subscription(self, subscription_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Change one, such as `cancel_at_period_end`."""
        ...

    def cancel_subscription(self, subscription_id: str, *, key: str) -> StripeDict:
        """End one at once."""
        ...

    def get_invoice(self, invoice_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        """One invoice as it is now."""
        ...

    def void_invoice(self, invoice_id: str, *, key: str) -> StripeDict:
        """Make one that is not paid one that nobody can pay any more."""
        ...

    def preview_invoice(self, params: StripeDict) -> StripeDict:
        """The invoice that a change of a subscription would make; nothing is changed."""
        ...

    def list_invoice_payments(self, **filters: Any) -> Iterator[StripeDict]:
        """How an `invoice` was paid."""
        ...

    def create_credit(self, customer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Change a payer's balance, which their next invoices use up: below zero is credit."""
        ...

    def list_credits(self, customer_id: str) -> Iterator[StripeDict]:
        """What changed a payer's balance."""
        ...

    def create_portal_configuration(self, params: StripeDict, *, key: str) -> StripeDict:
        """What members may do on the portal's page."""
        ...

    def update_portal_configuration(self, configuration_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Change it."""
        ...

    def list_portal_configurations(self, **filters: Any) -> Iterator[StripeDict]:
        """Such configurations, by `active`."""
        ...

    def list_prices(self, **filters: Any) -> Iterator[StripeDict]:
        """Prices, by `lookup_keys`, `product`."""
        ...

    def create_price(self, params: StripeDict, *, key: str) -> StripeDict:
        """A price."""
        ...

    def update_price(self, price_id: str, params: StripeDict, *, key: str) -> StripeDict:
        """Change a price, such as `active`."""
        ...

    def list_products(self, **filters: Any) -> Iterator[StripeDict]:
        """Products."""
        ...

    def create_product(self, params: StripeDict, *, key: str) -> StripeDict:
        """A product."""
        ...

    # events
    def list_events(self, **filters: Any) -> Iterator[StripeDict]:
        """Events of the last 30 days, by `created`, `type`."""
        ...

    def get_event(self, event_id: str) -> StripeDict:
        """One event."""
        ...

    def verify_webhook(self, payload: bytes, header: str, secret: str, now: datetime) -> StripeDict:
        """Check a webhook's signature by our clock, and answer its event; raises `BadSignatureError`."""
        ...

    @property
    def base_url(self) -> str:
        """Where it answers."""
        ...

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the local sandbox."""
        ...

    def close(self) -> None:
        """Give back connections and stop what was started for it."""
        ...
