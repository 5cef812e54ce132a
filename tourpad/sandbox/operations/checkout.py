"""`/v1/checkout/sessions`: https://docs.stripe.com/api/checkout/sessions."""

from tourpad.sandbox import render
from tourpad.sandbox.clock import DAY
from tourpad.sandbox.errors import Obj, part, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import catalog
from tourpad.sandbox.registry import Call, due, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse

SHORTEST_LIFE = 30 * 60
NOT_DONE = (
    "after_expiration",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "discounts",
    "invoice_creation",
    "optional_items",
    "shipping_address_collection",
    "shipping_options",
    "managed_payments",
    "phone_number_collection",
    "tax_id_collection",
    "customer_account",
)
ONLY_IN = {
    "subscription_data": "subscription",
    "payment_intent_data": "payment",
    "setup_intent_data": "setup",
    "submit_type": "payment",
}


@operation("POST", "/v1/checkout/sessions")
def create(tx: Tx, call: Call) -> Obj:
    """Open a page where one pays, subscribes, or leaves a card."""
    given = call.params
    refuse(given, *NOT_DONE)
    mode = given.get("mode")
    _check(given, mode)
    session_id = tx.new_id("cs_test", 58)
    lines = [_line(tx, entry, n, mode) for n, entry in enumerate(given.get("line_items") or ())]
    total = sum(row["amount_total"] for row in lines)
    if mode == "subscription" and not any(row["price"]["recurring"] for row in lines):
        message = "You must provide at least one recurring price in `subscription` mode when using prices."
        raise refused(message, param="line_items")
    customer = tx.get(given["customer"], "customer", "customer") if given.get("customer") else None
    email = given.get("customer_email") or (customer or {}).get("email")
    types = given.get("payment_method_types") or given.get("allowed_payment_method_types") or ["card"]
    expires_at = given.get("expires_at", tx.now + DAY)
    if not tx.now + SHORTEST_LIFE <= expires_at <= tx.now + DAY:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from "
            "Checkout Session creation."
        )
        raise refused(message, param="expires_at")
    session: Obj = {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": given.get("allow_promotion_codes"),
        "allowed_payment_method_types": types,
        "amount_subtotal": total if lines else None,
        "amount_total": total if lines else None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": tx.now,
        "currency": lines[0]["currency"] if lines else given.get("currency"),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": customer["id"] if customer else None,
        "customer_creation": None
        if customer
        else given.get("customer_creation", "always" if mode == "subscription" else "if_required"),
        "customer_details": {
            "address": None,
            "email": email,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": None,
        }
        if email
        else None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": render.metadata({}, given.get("metadata")),
        "mode": mode,
        "origin_context": given.get("origin_context"),
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": given.get("payment_method_collection", "always")
        if mode == "subscription"
        else None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": types,
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "permissions": None,
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "subscription": None,
        "success_url": given.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if lines else None,
        "ui_mode": "hosted_page",
        "url": f"{tx.store.base_url}/checkout/{session_id}",
        "wallet_options": None,
        "_": {
            "lines": lines,
            "data": {
                name: given[name]
                for name in ("subscription_data", "payment_intent_data", "setup_intent_data")
                if name in given
            },
        },
    }
    tx.add(session)
    tx.schedule("checkout.expire", session_id, expires_at)
    return session


def _check(given: Obj, mode: str | None) -> None:
    """Refuse what does not go together, in Stripe's words."""
    if mode is None:
        message = "Missing required param: mode."
        raise refused(message, code="parameter_missing", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        message = "The sandbox has the hosted page only; it does not do ui_mode 'embedded_page' or 'elements'."
        raise refused(message, param="ui_mode")
    if not given.get("success_url"):
        message = "Missing required param: success_url."
        raise refused(message, code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        if given.get(name) and "://" not in given[name]:
            message = "Not a valid URL"
            raise refused(message, code="url_invalid", param=name)
    if given.get("customer") and given.get("customer_email"):
        message = "You may only specify one of these parameters: customer, customer_email."
        raise refused(message, param="customer_email")
    if mode != "setup" and not given.get("line_items"):
        message = "Missing required param: line_items."
        raise refused(message, code="parameter_missing", param="line_items")
    for name, only in ONLY_IN.items():
        if given.get(name) and mode != only:
            message = f"You can not pass `{name}` in `{mode}` mode."
            raise refused(message, param=name)
    if part(given, "automatic_tax").get("enabled"):
        message = "The sandbox does no automatic tax."
        raise refused(message, param="automatic_tax")


def _line(tx: Tx, entry: Obj, n: int, mode: str | None) -> Obj:
    refuse(entry, "adjustable_quantity", "dynamic_tax_rates", "tax_rates")
    param = f"line_items[{n}][price]"
    if entry.get("price"):
        price = catalog.load_price(tx, entry["price"], param)
    elif entry.get("price_data"):
        price = catalog.make_price(tx, entry["price_data"])
    else:
        message = f"Missing required param: {param}."
        raise refused(message, code="parameter_missing", param=param)
    if mode == "payment" and price["recurring"]:
        message = (
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices."
        )
        raise refused(message, param=param)
    if mode == "subscription" and not price["recurring"]:
        message = "The sandbox's subscription sessions take recurring prices only."
        raise refused(message, param=param)
    quantity = entry.get("quantity", 1)
    if quantity < 1:
        message = "This value must be greater than or equal to 1."
        raise refused(message, code="parameter_invalid_integer", param=f"line_items[{n}][quantity]")
    product = tx.find(price["product"], "product") or {}
    amount = price["unit_amount"] * quantity
    return {
        "id": tx.new_id("li_1", 23).replace("li_1_", "li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product.get("name"),
        "metadata": render.metadata({}, entry.get("metadata")),
        "price": price,
        "quantity": quantity,
    }


@operation("GET", "/v1/checkout/sessions/{session}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a session."""
    return tx.get(call.id, "checkout.session")


@operation("GET", "/v1/checkout/sessions")
def index(tx: Tx, call: Call) -> Obj:
    """List sessions."""
    params = dict(call.params)
    refuse(params, "customer_details", "payment_link")
    return render.page(tx, "checkout.session", params, "/v1/checkout/sessions")


@operation("POST", "/v1/checkout/sessions/{session}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a session's metadata."""
    session = tx.live(call.id, "checkout.session")
    refuse(call.params, "collected_information", "shipping_options")
    if "metadata" in call.params:
        session["metadata"] = render.metadata(session["metadata"], call.params["metadata"])
    return tx.save(session)


@operation("GET", "/v1/checkout/sessions/{session}/line_items")
def line_items(tx: Tx, call: Call) -> Obj:
    """List what a session sells."""
    return _lines(tx, tx.get(call.id, "checkout.session"))


@render.includable("checkout.session", "line_items")
def _lines(tx: Tx, session: Obj) -> Obj:
    stored = tx.get(session["id"], "checkout.session")
    return render.listing(stored["_"]["lines"], f"/v1/checkout/sessions/{session['id']}/line_items")


@operation("POST", "/v1/checkout/sessions/{session}/expire")
def expire(tx: Tx, call: Call) -> Obj:
    """Close a session that nobody paid."""
    session = tx.live(call.id, "checkout.session")
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
        raise refused(message, param="session")
    return close(tx, session)


@due("checkout.expire")
def run_out(tx: Tx, session_id: str) -> None:
    """Close a session whose time is over."""
    session = tx.get(session_id, "checkout.session")
    if session["status"] == "open":
        close(tx, session)


def close(tx: Tx, session: Obj) -> Obj:
    """Expire a session and tell of it."""
    tx.unschedule("checkout.expire", session["id"])
    session.update(status="expired", url=None)
    tx.save(session)
    emit(tx, "checkout.session.expired", session)
    return session
