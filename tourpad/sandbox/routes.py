"""Every operation the sandbox answers: importing this module registers them."""

from tourpad.sandbox.operations import (
    accounts,
    balance,
    catalog,
    charges,
    checkout,
    customer_balance,
    customers,
    disputes,
    events,
    files,
    invoices,
    payment_intents,
    payment_methods,
    payouts,
    portal,
    portal_configurations,
    previews,
    refunds,
    setup_intents,
    subscription_changes,
    subscriptions,
    transfers,
    webhook_endpoints,
)
from tourpad.sandbox.registry import ROUTES, Table

__all__ = ["MODULES", "ROUTES", "TABLE"]

MODULES = (
    accounts,
    balance,
    catalog,
    charges,
    checkout,
    customer_balance,
    customers,
    disputes,
    events,
    files,
    invoices,
    payment_intents,
    payment_methods,
    payouts,
    portal,
    portal_configurations,
    previews,
    refunds,
    setup_intents,
    subscription_changes,
    subscriptions,
    transfers,
    webhook_endpoints,
)
TABLE = Table()
