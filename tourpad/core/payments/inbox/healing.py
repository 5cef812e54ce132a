"""From one of Stripe's balance transactions back to the object behind it, as if its event had just come."""

from typing import Any

from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.ids import new_id
from tourpad.core.payments.inbox.subjects import Group, Key, Subject
from tourpad.core.payments.models import StripeEvent

CHARGES = frozenset({"charge", "payment"})
REFUNDS = frozenset({"refund", "payment_refund", "refund_failure", "payment_failure_refund"})
TRANSFERS = frozenset({"transfer", "transfer_refund", "transfer_cancel", "transfer_failure"})
PAYOUTS = frozenset({"payout", "payout_failure", "payout_cancel"})
FEES = frozenset({"stripe_fee", "network_cost", "stripe_fx_fee", "tax_fee"})
"""Types (https://docs.stripe.com/reports/balance-transaction-types) by what they are posted from."""


def group_of(stripe: StripeGateway, entry: StripeDict) -> Group | None:
    """The object that a line of the balance came from, as a group to fetch and apply; None where there is none."""
    kind, source = entry["type"], _id_of(entry.get("source"))
    if source is None:
        return None
    if kind in CHARGES:
        intent = stripe.get_charge(source).get("payment_intent")
        return _group(Subject.PAYMENT, str(intent), "charge.updated") if intent else None
    if kind in REFUNDS:
        return _group(Subject.REFUND, source, "refund.updated")
    if kind == "adjustment" and source.startswith(("dp_", "du_")):
        return _group(Subject.DISPUTE, source, "charge.dispute.updated")
    if kind in TRANSFERS:
        return _transfer(stripe, entry, source)
    if kind in PAYOUTS:
        paid = stripe.get_payout(source)["status"]
        known = paid if paid in ("paid", "failed", "canceled") else "created"
        return _group(Subject.PLATFORM_PAYOUT, source, f"payout.{known}")
    return None


def _transfer(stripe: StripeGateway, entry: StripeDict, source: str) -> Group | None:
    """A transfer, by its own line or by that of one of its reversals (whose source names only the reversal)."""
    if source.startswith("tr_"):
        return _group(Subject.TRANSFER, source, "transfer.created")
    found: Any = stripe.get_balance_transaction(entry["id"], expand=("source",))["source"]
    transfer = found.get("transfer") if isinstance(found, dict) else None
    return _group(Subject.TRANSFER, str(transfer), "transfer.reversed") if transfer else None


def _group(subject: Subject, object_id: str, type: str) -> Group:
    """A group with one event that was never received, only to say what it would have been called."""
    event = StripeEvent(id=new_id(), type=type, object_id=object_id, payload={})
    return Group(Key(subject, object_id), [event])


def _id_of(source: Any) -> str | None:
    return source["id"] if isinstance(source, dict) else source
