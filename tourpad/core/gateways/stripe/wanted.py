"""The events that TourPad handles: what its webhook endpoints subscribe to, at Stripe and in the sandbox."""

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
