"""`/v1/invoices` and `/v1/invoice_payments`: https://docs.stripe.com/api/invoices."""

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import invoicing, payment_methods
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx


@operation("GET", "/v1/invoices/{invoice}")
def get(tx: Tx, call: Call) -> Obj:
    """Return an invoice."""
    return tx.get(call.id, "invoice")


@operation("GET", "/v1/invoices")
def index(tx: Tx, call: Call) -> Obj:
    """List invoices by customer, subscription, status."""
    params = dict(call.params)
    params.pop("due_date", None)
    return render.page(tx, "invoice", params, "/v1/invoices")


@operation("POST", "/v1/invoices/{invoice}/pay")
def pay(tx: Tx, call: Call) -> Obj:
    """Collect an open invoice now, with a given or the default payment method, or mark it paid elsewhere."""
    invoice, given = tx.live(call.id, "invoice"), call.params
    if invoice["status"] not in ("open", "uncollectible"):
        message = (
            "Invoice is already paid"
            if invoice["status"] == "paid"
            else f"Invoice is {invoice['status']}; it cannot be paid."
        )
        code = "invoice_already_paid" if invoice["status"] == "paid" else "invoice_not_editable"
        raise refused(message, code=code)
    if given.get("paid_out_of_band"):
        invoicing.mark_paid(tx, invoice, outside=True)
        return tx.get(invoice["id"], "invoice")
    subscription = tx.get(invoice["_"]["subscription"], "subscription")
    method = given.get("payment_method") or invoicing.default_method(tx, subscription)
    if method and given.get("payment_method"):
        found = payment_methods.resolve(tx, method, "payment_method")
        if found["customer"] is None:
            payment_methods.attach_to(tx, found, invoice["customer"])
        method = found["id"]
    error = invoicing.attempt(tx, invoice["id"], method, off_session=given.get("off_session", True))
    if error is not None:
        error.keep = True
        raise error
    return tx.get(invoice["id"], "invoice")


@operation("POST", "/v1/invoices/{invoice}/void")
def void(tx: Tx, call: Call) -> Obj:
    """Void an open invoice."""
    invoice = tx.live(call.id, "invoice")
    if invoice["status"] not in ("open", "uncollectible"):
        message = f"You can only void open or uncollectible invoices; this one is {invoice['status']}."
        raise refused(message)
    return invoicing.void(tx, invoice)


@operation("POST", "/v1/invoices/{invoice}/mark_uncollectible")
def uncollectible(tx: Tx, call: Call) -> Obj:
    """Give an open invoice up; it can still be paid."""
    invoice = tx.live(call.id, "invoice")
    if invoice["status"] != "open":
        message = f"You can only mark open invoices uncollectible; this one is {invoice['status']}."
        raise refused(message)
    tx.unschedule("invoice.retry", invoice["id"])
    invoice.update(status="uncollectible", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["marked_uncollectible_at"] = tx.now
    tx.save(invoice)
    emit(tx, "invoice.marked_uncollectible", invoice)
    return invoice


@render.includable("invoice", "payments")
def _payments(tx: Tx, invoice: Obj) -> Obj:
    rows = [render.show(tx, row) for row in invoicing.payments(tx, invoice)]
    return render.listing(rows, f"/v1/invoice_payments?invoice={invoice['id']}")


@render.includable("invoice", "confirmation_secret")
def _confirmation_secret(tx: Tx, invoice: Obj) -> Obj | None:
    open_payment = next((row for row in invoicing.payments(tx, invoice) if row["status"] == "open"), None)
    if open_payment is None:
        return None
    intent = tx.get(open_payment["payment"]["payment_intent"], "payment_intent")
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


@operation("GET", "/v1/invoice_payments")
def invoice_payments(tx: Tx, call: Call) -> Obj:
    """List the payments of invoices, by invoice or payment intent."""
    params = dict(call.params)
    payment: Obj = params.pop("payment", None) or {}
    where: Obj = {"payment_intent": payment["payment_intent"]} if payment.get("payment_intent") else {}
    return render.page(tx, "invoice_payment", params, "/v1/invoice_payments", where)


@operation("GET", "/v1/invoice_payments/{invoice_payment}")
def invoice_payment(tx: Tx, call: Call) -> Obj:
    """Return one payment of an invoice."""
    return tx.get(call.id, "invoice_payment")
