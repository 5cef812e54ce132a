"""Invoices from lines to paid: built for subscriptions, finalized at once, retried as Smart Retries would."""

from collections.abc import Callable

from tourpad.sandbox import config
from tourpad.sandbox.clock import DAY
from tourpad.sandbox.errors import Obj, StripeError, part
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import customer_balance, paying, payment_intents
from tourpad.sandbox.registry import due
from tourpad.sandbox.store import Tx

RETRY_AFTER_DAYS = (3, 5, 7)
# what subscriptions do when an invoice of theirs is paid, or failed for good
ON_PAID: list[Callable[[Tx, Obj], None]] = []
ON_FAILED: list[Callable[[Tx, Obj], None]] = []


def line(
    tx: Tx, item: Obj, *, amount: int, start: int, end: int, proration: bool = False, text: str | None = None
) -> Obj:
    """Make an invoice line of a subscription item (cents; negative for a credit)."""
    price = item["price"]
    product = tx.find(price["product"], "product") or {}
    name = product.get("name", price["product"])
    rate = f"${price['unit_amount'] / 100:,.2f} / {price['recurring']['interval']}"
    each = f"{item['quantity']} × {name} (at {rate})"
    return {
        "id": tx.new_id("il_1", 23).replace("il_1_", "il_1"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": text.format(name=name) if text else each,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": item["subscription"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subtotal": amount,
        "taxes": [],
    }


def make(tx: Tx, subscription: Obj, lines: list[Obj], reason: str, *, start: int, end: int) -> Obj:
    """Make a draft of an invoice with these lines and store it."""
    customer = tx.get(subscription["customer"], "customer")
    invoice_id = tx.new_id("in_1", 23).replace("in_1_", "in_1")
    total = sum(row["amount"] for row in lines)
    for row in lines:
        row["invoice"] = invoice_id
    before: int = customer.get("balance", 0)
    # what is below Stripe's minimum (or a credit) is carried on the customer's balance to the next invoice
    amount = total + before if total + before >= config.MINIMUM_CHARGE else 0
    after = 0 if amount else total + before
    invoice: Obj = {
        "id": invoice_id,
        "object": "invoice",
        "account_country": config.COUNTRY,
        "account_name": "TourPad sandbox",
        "account_tax_ids": None,
        "amount_due": amount,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": amount,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": subscription["collection_method"],
        "created": tx.now,
        "currency": subscription["currency"],
        "custom_fields": None,
        "customer": subscription["customer"],
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_shipping": None,
        "customer_tax_exempt": customer.get("tax_exempt", "none"),
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/invoices/{invoice_id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": end,
        "period_start": start,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": before,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": tx.now,
        "_": {"subscription": subscription["id"], "intent": None, "after": after},
    }
    tx.add(invoice)
    emit(tx, "invoice.created", invoice)
    return invoice


def finalize(tx: Tx, invoice: Obj) -> Obj:
    """Number a draft and open it; what is due gets a payment intent, and nothing due is paid at once."""
    customer = tx.get(invoice["customer"], "customer")
    number = customer.get("next_invoice_sequence", 1)
    if not customer.get("deleted"):
        customer["next_invoice_sequence"] = number + 1
        tx.save(customer)
        moved = invoice["_"]["after"] - customer["balance"]
        if moved:
            small = 0 < invoice["_"]["after"] < config.MINIMUM_CHARGE
            kind = "invoice_too_small" if small else "applied_to_invoice"
            customer_balance.change(tx, customer, moved, kind, invoice_id=invoice["id"])
    invoice.update(
        status="open",
        number=f"{customer.get('invoice_prefix', 'DELETED')}-{number:04d}",
        effective_at=tx.now,
        ending_balance=invoice["_"]["after"],
        hosted_invoice_url=f"{tx.store.base_url}/invoices/{invoice['id']}",
        invoice_pdf=f"{tx.store.base_url}/invoices/{invoice['id']}",
    )
    invoice["status_transitions"]["finalized_at"] = tx.now
    if invoice["amount_due"] > 0:
        _bill(tx, invoice)
    tx.save(invoice)
    emit(tx, "invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        mark_paid(tx, invoice)
    return invoice


def _bill(tx: Tx, invoice: Obj) -> None:
    creation = invoice["billing_reason"] == "subscription_create"
    given: Obj = {
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription creation" if creation else "Subscription update",
        "payment_method_types": ["card"],
        "setup_future_usage": "off_session" if creation else None,
    }
    intent = payment_intents.build(tx, given)
    intent["_"]["invoice"] = invoice["id"]
    tx.add(intent)
    emit(tx, "payment_intent.created", intent)
    invoice["_"]["intent"] = intent["id"]
    tx.add(
        {
            "id": tx.new_id("inpay_1", 23).replace("inpay_1_", "inpay_1"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": tx.now,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
            "_": {"payment_intent": intent["id"]},
        }
    )


def payments(tx: Tx, invoice: Obj) -> list[Obj]:
    """Return an invoice's payments."""
    return tx.select("invoice_payment", {"invoice": invoice["id"]})


def attempt(
    tx: Tx, invoice_id: str, method_id: str | None, *, off_session: bool = True, return_url: str | None = None
) -> StripeError | None:
    """Try to collect an open invoice.

    Returns the card error, or None when it was paid or asks for 3D Secure.
    """
    invoice = tx.get(invoice_id, "invoice")
    intent = tx.get(invoice["_"]["intent"], "payment_intent")
    invoice["attempted"] = True
    tx.save(invoice)
    if method_id is None:
        failed(tx, intent)
        message = "This customer has no attached payment source or default payment method."
        return StripeError(message, status=400, code="resource_missing")
    payment_intents.use(tx, intent, method_id)
    tx.save(intent)
    try:
        paying.confirm(tx, intent, {"off_session": off_session, "return_url": return_url})
    except StripeError as error:
        if "authentication_required" in (error.code, error.extra.get("decline_code")):
            # Off session it is a failed payment, and at the same time one that its payer can still confirm.
            emit(tx, "invoice.payment_action_required", tx.get(invoice_id, "invoice"))
        return error
    if intent["status"] == "requires_action":
        emit(tx, "invoice.payment_action_required", tx.get(invoice_id, "invoice"))
    return None


def paid(tx: Tx, intent: Obj) -> None:
    """Close the invoice whose payment intent succeeded."""
    invoice_id = intent["_"].get("invoice")
    if invoice_id:
        invoice = tx.get(invoice_id, "invoice")
        if invoice["status"] in ("open", "uncollectible"):
            invoice["attempt_count"] = max(1, invoice["attempt_count"])
            mark_paid(tx, invoice)


def mark_paid(tx: Tx, invoice: Obj, *, outside: bool = False) -> None:
    """Mark an invoice paid and tell of it."""
    tx.unschedule("invoice.retry", invoice["id"])
    invoice.update(
        status="paid",
        attempted=True,
        auto_advance=False,
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        next_payment_attempt=None,
    )
    invoice["amount_paid_off_stripe"] = invoice["amount_due"] if outside else 0
    invoice["status_transitions"]["paid_at"] = tx.now
    tx.save(invoice)
    for payment in payments(tx, invoice):
        payment.update(status="canceled" if outside else "paid", amount_paid=None if outside else invoice["amount_due"])
        payment["status_transitions"]["canceled_at" if outside else "paid_at"] = tx.now
        tx.save(payment)
        if not outside:
            emit(tx, "invoice_payment.paid", payment)
    emit(tx, "invoice.paid", invoice)
    emit(tx, "invoice.payment_succeeded", invoice)
    for react in ON_PAID:
        react(tx, invoice)


def failed(tx: Tx, intent: Obj) -> None:
    """Count a failed attempt.

    Only the first and the automatic ones move the schedule, as Stripe counts them.
    """
    invoice_id = intent["_"].get("invoice")
    if not invoice_id:
        return
    invoice = tx.get(invoice_id, "invoice")
    if invoice["status"] != "open":
        return
    automatic = invoice["_"].pop("retrying", False)
    if invoice["attempt_count"] == 0 or automatic:
        invoice["attempt_count"] += 1
        tries = invoice["attempt_count"]
        renewal = invoice["billing_reason"] not in ("subscription_create", "manual")
        again = tx.now + RETRY_AFTER_DAYS[tries - 1] * DAY if renewal and tries <= len(RETRY_AFTER_DAYS) else None
        invoice["next_payment_attempt"] = again
        invoice["auto_advance"] = again is not None
        if again:
            tx.schedule("invoice.retry", invoice["id"], again)
    tx.save(invoice)
    emit(tx, "invoice.payment_failed", invoice)
    for react in ON_FAILED:
        react(tx, invoice)


def void(tx: Tx, invoice: Obj) -> Obj:
    """Void an invoice; its payment intent is canceled."""
    tx.unschedule("invoice.retry", invoice["id"])
    invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = tx.now
    tx.save(invoice)
    _close(tx, invoice)
    emit(tx, "invoice.voided", invoice)
    return invoice


def _close(tx: Tx, invoice: Obj) -> None:
    for payment in payments(tx, invoice):
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = tx.now
        tx.save(payment)
    if invoice["_"]["intent"]:
        intent = tx.get(invoice["_"]["intent"], "payment_intent")
        if intent["status"] in payment_intents.OPEN:
            paying.cancel(tx, intent, "void_invoice")


@due("invoice.retry")
def retry(tx: Tx, invoice_id: str) -> None:
    """Try again to collect, with the payment method that is the default by now."""
    invoice = tx.get(invoice_id, "invoice")
    if invoice["status"] != "open":
        return
    subscription = tx.find(invoice["_"]["subscription"], "subscription")
    invoice["_"]["retrying"] = True
    tx.save(invoice)
    attempt(tx, invoice_id, default_method(tx, subscription) if subscription else None)


def default_method(tx: Tx, subscription: Obj) -> str | None:
    """Return what a subscription is paid with: its own default, else its customer's."""
    customer = tx.find(subscription["customer"], "customer") or {}
    found: str | None = subscription["default_payment_method"]
    if found is None and not customer.get("deleted"):
        found = part(customer, "invoice_settings").get("default_payment_method")
    method = tx.find(found, "payment_method") if found else None
    return found if method and method["customer"] == subscription["customer"] else None


paying.PAID.append(paid)
paying.FAILED.append(failed)
