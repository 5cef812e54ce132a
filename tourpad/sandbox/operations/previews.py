"""`/v1/invoices/create_preview`: the change is made on a copy, and what it would bill is shown.

https://docs.stripe.com/api/invoices/create_preview
"""

from tourpad.sandbox.errors import Obj, StripeError, part, refused
from tourpad.sandbox.operations import billing, invoicing, subscription_changes
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse

NOT_DONE = (
    "automatic_tax",
    "customer_account",
    "customer_details",
    "discounts",
    "invoice_items",
    "issuer",
    "on_behalf_of",
    "schedule",
    "schedule_details",
)
NOT_DONE_DETAILS = ("billing_mode", "billing_schedules", "cancel_now", "default_tax_rates", "resume_at", "start_date")


@operation("POST", "/v1/invoices/create_preview")
def create(tx: Tx, call: Call) -> Obj:
    """Show the invoice that a change of a subscription would make now, or else its next one."""
    given = call.params
    details = part(given, "subscription_details")
    refuse(given, *NOT_DONE)
    refuse(details, *NOT_DONE_DETAILS)
    if given.get("preview_mode", "next") != "next":
        message = "The sandbox previews the next invoice only; it does not do preview_mode 'recurring'."
        raise refused(message, param="preview_mode")
    subscription = _subscription(tx, given)
    tx.db.execute("SAVEPOINT preview")
    try:
        return _preview(tx, subscription, details)
    finally:
        tx.db.execute("ROLLBACK TO preview")
        tx.db.execute("RELEASE preview")


def _subscription(tx: Tx, given: Obj) -> Obj:
    if given.get("subscription"):
        found = tx.get(given["subscription"], "subscription", "subscription")
        if given.get("customer") not in (None, found["customer"]):
            message = f"Customer {given['customer']} does not have a subscription with ID {found['id']}"
            raise refused(message, code="resource_missing", param="subscription")
    else:
        if not given.get("customer"):
            message = "You must provide one of `customer`, `subscription`, or `schedule`."
            raise refused(message, code="parameter_missing", param="customer")
        if part(given, "subscription_details").get("items"):
            message = "The sandbox previews changes of subscriptions, not new ones."
            raise refused(message, param="subscription_details[items]")
        tx.get(given["customer"], "customer", "customer")
        rows = [row for row in tx.select("subscription", {"customer": given["customer"]}) if _is_live(row)]
        if not rows:
            raise _none(given["customer"])
        found = min(rows, key=lambda row: billing.period(row)[1])
    if not _is_live(found):
        raise _none(found["customer"])
    return found


def _is_live(subscription: Obj) -> bool:
    return subscription["status"] not in (*billing.ENDED, "incomplete", "paused")


def _none(customer_id: str) -> StripeError:
    message = f"No upcoming invoices for customer: {customer_id}"
    return StripeError(message, status=404, code="invoice_upcoming_none")


def _preview(tx: Tx, subscription: Obj, details: Obj) -> Obj:
    change = subscription_changes.apply(tx, subscription, details)
    start, finish = billing.period(subscription)
    if change.bills_now:
        lines = [*subscription["_"].pop("pending", []), *change.lines, *change.fresh]
    else:
        if subscription["cancel_at_period_end"]:
            raise _none(subscription["customer"])
        finish, start = billing.following(subscription, finish), finish
        lines = [
            *subscription["_"].pop("pending", []),
            *change.lines,
            *billing.lines_for(tx, subscription, start, finish),
        ]
    invoice = invoicing.make(tx, subscription, lines, "upcoming", start=start, end=finish)
    return _as_upcoming(invoice, at=tx.now if change.bills_now else start)


def _as_upcoming(invoice: Obj, *, at: int) -> Obj:
    """What is only shown has no number, and ids of its own."""
    name = f"upcoming_{invoice['id']}"
    for row in invoice["lines"]["data"]:
        row["id"] = row["id"].replace("il_1", "il_tmp_1")
        row["invoice"] = name
    invoice["lines"]["url"] = f"/v1/invoices/{name}/lines"
    invoice.update(id=name, created=at, next_payment_attempt=at, auto_advance=False, webhooks_delivered_at=None)
    return invoice
