"""TourPad's webhook endpoints, and the events that it handles: what they subscribe to, at Stripe and in the sandbox."""

from typing import NamedTuple

from tourpad.core.settings import SANDBOX_CONNECT_WEBHOOK_SECRET, SANDBOX_WEBHOOK_SECRET, Settings

WEBHOOK_PATH = "/api/payments/webhook"
CONNECT_WEBHOOK_PATH = "/api/payments/webhook/connect"

PLATFORM_EVENTS: tuple[str, ...] = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "charge.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "transfer.created",
    "transfer.reversed",
    "payout.paid",
    "payout.failed",
    "payout.canceled",
)

CONNECT_EVENTS: tuple[str, ...] = (
    "payout.paid",
    "payout.failed",
    "payout.canceled",
    "v2.core.account.*",
    "v2.core.account[*",
)
"""Events of connected accounts, and the thin `/v2` ones."""


def is_wanted(type: str) -> bool:
    """Whether our endpoints listen for events of this type; Stripe keeps many more."""
    return type in PLATFORM_EVENTS or type.startswith(
        tuple(pattern.removesuffix("*") for pattern in CONNECT_EVENTS if pattern.endswith("*"))
    )


class Endpoint(NamedTuple):
    """One of our webhook endpoints, in the order of the sandbox's own `WebhookTarget`."""

    name: str
    url: str
    secret: str
    connect: bool
    events: tuple[str, ...]


def endpoints(settings: Settings) -> list[Endpoint]:
    """Where a Stripe of this platform delivers, signed with the secrets that the endpoints check."""
    base = settings.base_url.rstrip("/")
    return [
        Endpoint(
            "platform",
            base + WEBHOOK_PATH,
            settings.webhook_secret or SANDBOX_WEBHOOK_SECRET,
            connect=False,
            events=PLATFORM_EVENTS,
        ),
        Endpoint(
            "connect",
            base + CONNECT_WEBHOOK_PATH,
            settings.connect_webhook_secret or SANDBOX_CONNECT_WEBHOOK_SECRET,
            connect=True,
            events=CONNECT_EVENTS,
        ),
    ]
