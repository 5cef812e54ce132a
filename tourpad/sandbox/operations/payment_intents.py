"""`/v1/payment_intents`: https://docs.stripe.com/payments/paymentintents/lifecycle."""

from typing import Any

from tourpad.sandbox import config, render
from tourpad.sandbox.errors import Obj, StripeError, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import paying, payment_methods
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CONFIRM_ONLY = (
    "off_session",
    "return_url",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
    "use_stripe_sdk",
)
TEXTS = (
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "shipping",
)
UNKNOWN_MONEY = ("transfer_data", "application_fee_amount", "on_behalf_of")


def build(tx: Tx, given: Obj) -> Obj:
    """Make a payment intent out of create parameters (not yet stored)."""
    check_amount(given["amount"], given["currency"])
    for name in UNKNOWN_MONEY:
        if given.get(name):
            message = f"The sandbox speaks separate charges and transfers; it does not do '{name}'."
            raise refused(message, param=name)
    if given.get("capture_method") == "manual":
        message = "The sandbox captures at once; it does not do capture_method 'manual'."
        raise refused(message, param="capture_method")
    intent_id = tx.new_id("pi_3", 23).replace("pi_3_", "pi_3")
    types: list[str] | None = given.get("payment_method_types") or given.get("allowed_payment_method_types")
    automatic = given.get("automatic_payment_methods") or (None if types else {"enabled": True})
    if automatic and automatic.get("enabled"):
        automatic = {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True}
    else:
        automatic = None
    intent: Obj = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": types or ["card"],
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_{tx.new_id('secret', 25)}",
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "created": tx.now,
        "currency": given["currency"],
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": types or ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "_": {},
    }
    for name in TEXTS:
        if name in given:
            intent[name] = render.cleared(given[name])
    if given.get("customer"):
        intent["customer"] = tx.get(given["customer"], "customer", "customer")["id"]
    return intent


def check_amount(amount: int, currency: str) -> None:
    """Refuse what Stripe can't charge (cents)."""
    if currency != config.CURRENCY:
        message = f"Invalid currency: {currency}. The sandbox's account settles in {config.CURRENCY} only."
        raise refused(message, param="currency")
    if amount < config.MINIMUM_CHARGE:
        code = "amount_too_small" if amount > 0 else "parameter_invalid_integer"
        message = (
            "Amount must be at least $0.50 usd" if amount > 0 else "This value must be greater than or equal to 1."
        )
        raise refused(message, code=code, param="amount")
    if amount > config.MAXIMUM_CHARGE:
        message = "Amount must be no more than $999,999.99"
        raise refused(message, code="amount_too_large", param="amount")


@operation("POST", "/v1/payment_intents")
def create(tx: Tx, call: Call) -> Obj:
    """Create a payment intent and, with `confirm`, try to charge it."""
    given = call.params
    if not given.get("confirm"):
        stray = next((name for name in CONFIRM_ONLY if name in given and given[name] not in (False, "")), None)
        if stray:
            message = f"The parameter '{stray}' can only be passed when creating a PaymentIntent with confirm=true."
            raise refused(message, param=stray)
    intent = build(tx, given)
    if given.get("payment_method"):
        use(tx, intent, given["payment_method"])
    tx.add(intent)
    emit(tx, "payment_intent.created", intent)
    return paying.confirm(tx, intent, given) if given.get("confirm") else intent


def use(tx: Tx, intent: Obj, method_id: str) -> None:
    """Put a payment method on an intent; one of another customer is refused."""
    method = payment_methods.resolve(tx, method_id, "payment_method")
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        message = (
            "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must "
            "attach it to a Customer first."
            if intent["customer"]
            else f"The PaymentMethod {method['id']} belongs to the Customer {owner}. "
            "Please include the Customer in the `customer` parameter on the PaymentIntent."
        )
        raise refused(message, param="payment_method")
    if owner is None and method["_"].get("used"):
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, shared with a connected "
            "account without Customer attachment, or was detached from a Customer. It may not be used again."
        )
        raise refused(message, param="payment_method")
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    intent["status"] = "requires_confirmation"


@operation("GET", "/v1/payment_intents/{intent}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a payment intent."""
    return tx.get(call.id, "payment_intent")


@operation("POST", "/v1/payment_intents/{intent}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a payment intent; its amount only while it is open."""
    intent, given = tx.live(call.id, "payment_intent"), call.params
    if intent["status"] not in OPEN:
        frozen = next((name for name in ("amount", "currency", "customer", "payment_method") if name in given), None)
        if frozen:
            message = (
                f"This PaymentIntent's {frozen} could not be updated because it has a status of {intent['status']}."
            )
            raise unexpected(intent, message)
    if "amount" in given:
        check_amount(given["amount"], intent["currency"])
        intent["amount"] = given["amount"]
    if given.get("customer"):
        intent["customer"] = tx.get(given["customer"], "customer", "customer")["id"]
    for name in (*TEXTS, "setup_future_usage"):
        if name in given:
            intent[name] = render.cleared(given[name])
    if "metadata" in given:
        intent["metadata"] = render.metadata(intent["metadata"], given["metadata"])
    if given.get("payment_method"):
        use(tx, intent, given["payment_method"])
    return tx.save(intent)


@operation("POST", "/v1/payment_intents/{intent}/confirm")
def confirm(tx: Tx, call: Call) -> Obj:
    """Try to charge."""
    intent, given = tx.live(call.id, "payment_intent"), call.params
    if intent["status"] not in OPEN:
        what = "succeeded" if intent["status"] == "succeeded" else "been canceled"
        message = (
            f"You cannot confirm this PaymentIntent because it has already {what} after being previously confirmed."
        )
        raise unexpected(intent, message)
    for name in ("receipt_email", "setup_future_usage"):
        if name in given:
            intent[name] = render.cleared(given[name])
    if given.get("payment_method"):
        use(tx, intent, given["payment_method"])
    return paying.confirm(tx, intent, given)


@operation("POST", "/v1/payment_intents/{intent}/cancel")
def cancel(tx: Tx, call: Call) -> Obj:
    """Cancel an open payment intent."""
    intent = tx.live(call.id, "payment_intent")
    if intent["status"] not in OPEN:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. "
            "Only a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_capture, requires_confirmation, requires_action, "
            "processing."
        )
        raise unexpected(intent, message)
    if intent["_"].get("invoice"):
        message = "You cannot cancel this PaymentIntent because it belongs to an invoice; void the invoice instead."
        raise unexpected(intent, message)
    return paying.cancel(tx, intent, call.params.get("cancellation_reason"))


def unexpected(intent: Obj, message: str) -> StripeError:
    """Return `payment_intent_unexpected_state`, which carries the intent."""
    shown: dict[str, Any] = {key: value for key, value in intent.items() if key != "_"}
    return StripeError(message, code="payment_intent_unexpected_state", extra={"payment_intent": shown})


@operation("GET", "/v1/payment_intents")
def index(tx: Tx, call: Call) -> Obj:
    """List payment intents."""
    return render.page(tx, "payment_intent", call.params, "/v1/payment_intents")
