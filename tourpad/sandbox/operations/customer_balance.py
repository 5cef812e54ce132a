"""`/v1/customers/{customer}/balance_transactions`: credit that invoices use up, below zero as Stripe counts it."""

from tourpad.sandbox import config, render
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

PATH = "/v1/customers/{customer}/balance_transactions"


@operation("POST", PATH)
def create(tx: Tx, call: Call) -> Obj:
    """Credit (below zero) or debit a customer; the next invoice takes it into account."""
    customer, given = tx.live(call.id, "customer"), call.params
    if given["currency"] != config.CURRENCY:
        message = f"Invalid currency: {given['currency']}. The sandbox's account settles in {config.CURRENCY} only."
        raise refused(message, param="currency")
    if given["amount"] == 0:
        message = "The amount must be a non-zero integer."
        raise refused(message, code="parameter_invalid_integer", param="amount")
    return change(
        tx, customer, given["amount"], "adjustment", description=given.get("description"), labels=given.get("metadata")
    )


def change(
    tx: Tx,
    customer: Obj,
    amount: int,
    kind: str,
    *,
    invoice_id: str | None = None,
    description: str | None = None,
    labels: Obj | None = None,
) -> Obj:
    """Change a customer's balance, and keep why."""
    before = {"balance": customer["balance"]}
    customer["balance"] += amount
    tx.save(customer)
    entry: Obj = {
        "id": tx.new_id("cbtxn_1", 23).replace("cbtxn_1_", "cbtxn_1"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": tx.now,
        "credit_note": None,
        "currency": config.CURRENCY,
        "customer": customer["id"],
        "description": description,
        "ending_balance": customer["balance"],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": render.metadata({}, labels),
        "type": kind,
    }
    tx.add(entry)
    emit(tx, "customer.updated", customer, before)
    return entry


@operation("GET", PATH)
def index(tx: Tx, call: Call) -> Obj:
    """List what changed a customer's balance, newest first."""
    customer = tx.get(call.id, "customer")
    url = f"/v1/customers/{customer['id']}/balance_transactions"
    return render.page(tx, "customer_balance_transaction", call.params, url, {"customer": customer["id"]})
