"""`/v1/customers`: https://docs.stripe.com/api/customers."""

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, part
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

SETTABLE = (
    "description",
    "email",
    "name",
    "phone",
    "address",
    "shipping",
    "preferred_locales",
    "tax_exempt",
    "balance",
)


@operation("POST", "/v1/customers")
def create(tx: Tx, call: Call) -> Obj:
    """Create a customer; a payment method given with it is attached first."""
    given = call.params
    customer: Obj = {
        "id": tx.new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": tx.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": tx.new_id("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(customer, given)
    tx.add(customer)
    if given.get("payment_method"):
        _attach(tx, customer, given["payment_method"])
    _settings(tx, customer, given)
    tx.save(customer)
    emit(tx, "customer.created", customer)
    return customer


@operation("GET", "/v1/customers/{customer}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a customer, or what is left of a deleted one."""
    return tx.get(call.id, "customer")


@operation("POST", "/v1/customers/{customer}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a customer."""
    customer = tx.live(call.id, "customer")
    before = {**customer, "invoice_settings": dict(customer["invoice_settings"])}
    _apply(customer, call.params)
    _settings(tx, customer, call.params)
    tx.save(customer)
    emit(
        tx,
        "customer.updated",
        customer,
        {key: before[key] for key in customer if customer[key] != before.get(key)},
    )
    return customer


@operation("DELETE", "/v1/customers/{customer}")
def delete(tx: Tx, call: Call) -> Obj:
    """Delete a customer; its subscriptions end at once."""
    from tourpad.sandbox.operations import billing  # noqa: PLC0415 - invoices build on customers

    customer = tx.live(call.id, "customer")
    for subscription in tx.select("subscription", {"customer": customer["id"]}):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            billing.end(tx, subscription, reason="cancellation_requested")
    tx.delete(customer)
    emit(tx, "customer.deleted", customer)
    return {"id": customer["id"], "object": "customer", "deleted": True}


@operation("GET", "/v1/customers")
def index(tx: Tx, call: Call) -> Obj:
    """List customers."""
    return render.page(tx, "customer", call.params, "/v1/customers")


@render.includable("customer", "subscriptions")
def _subscriptions(tx: Tx, customer: Obj) -> Obj:
    rows = tx.select("subscription", {"customer": customer["id"]})
    live = [render.show(tx, row) for row in rows if row["status"] not in ("canceled", "incomplete_expired")]
    return render.listing(live, f"/v1/customers/{customer['id']}/subscriptions")


def _apply(customer: Obj, given: Obj) -> None:
    for name in SETTABLE:
        if name in given:
            customer[name] = render.cleared(given[name])
    if customer["tax_exempt"] is None:
        customer["tax_exempt"] = "none"
    if "metadata" in given:
        customer["metadata"] = render.metadata(customer["metadata"], given["metadata"])


def _settings(tx: Tx, customer: Obj, given: Obj) -> None:
    settings: Obj = part(given, "invoice_settings")
    if "default_payment_method" in settings:
        wanted = render.cleared(settings["default_payment_method"])
        if wanted is not None:
            method = tx.find(wanted, "payment_method")
            if method is None or method["customer"] != customer["id"]:
                method = _attach(tx, customer, wanted)
            wanted = method["id"]
        customer["invoice_settings"]["default_payment_method"] = wanted


def _attach(tx: Tx, customer: Obj, method_id: str) -> Obj:
    from tourpad.sandbox.operations import payment_methods  # noqa: PLC0415 - payment methods build on customers

    return payment_methods.attach_to(tx, payment_methods.resolve(tx, method_id, "payment_method"), customer["id"])
