"""Every operation the sandbox answers: importing this module registers them."""

from tourpad.sandbox.operations import (
    accounts,
    balance,
    charges,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    transfers,
    webhook_endpoints,
)
from tourpad.sandbox.registry import ROUTES, Table

__all__ = ["MODULES", "ROUTES", "TABLE"]

MODULES = (
    accounts, balance, charges, customers, disputes, events, payment_intents, payment_methods, payouts, refunds, transfers,
    webhook_endpoints,
)  # fmt: skip
TABLE = Table()
