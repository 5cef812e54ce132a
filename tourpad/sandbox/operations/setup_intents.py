"""`/v1/setup_intents`: keep a card for later."""

from tourpad.sandbox import cards, render
from tourpad.sandbox.errors import Obj, StripeError, refused
from tourpad.sandbox.events import emit, visible
from tourpad.sandbox.operations import payment_methods
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse


def make(tx: Tx, given: Obj) -> Obj:
    """Make and store a setup intent."""
    refuse(given, "payment_method_data", "single_use", "on_behalf_of", "confirmation_token", "attach_to_self")
    intent_id = tx.new_id("seti_1", 23).replace("seti_1_", "seti_1")
    types = given.get("payment_method_types") or given.get("allowed_payment_method_types")
    intent: Obj = {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": types or ["card"],
        "application": None,
        "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_{tx.new_id('secret', 25)}",
        "created": tx.now,
        "customer": None,
        "description": given.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": render.metadata({}, given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types or ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": given.get("usage", "off_session"),
        "_": {},
    }
    if given.get("customer"):
        intent["customer"] = tx.get(given["customer"], "customer", "customer")["id"]
    if given.get("payment_method"):
        intent["payment_method"] = payment_methods.resolve(tx, given["payment_method"], "payment_method")["id"]
        intent["status"] = "requires_confirmation"
    tx.add(intent)
    emit(tx, "setup_intent.created", intent)
    return intent


@operation("POST", "/v1/setup_intents")
def create(tx: Tx, call: Call) -> Obj:
    """Create a setup intent and, with `confirm`, set the card up."""
    intent = make(tx, call.params)
    return confirm_it(tx, intent, call.params) if call.params.get("confirm") else intent


@operation("GET", "/v1/setup_intents/{intent}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a setup intent."""
    return tx.get(call.id, "setup_intent")


@operation("GET", "/v1/setup_intents")
def index(tx: Tx, call: Call) -> Obj:
    """List setup intents."""
    return render.page(tx, "setup_intent", call.params, "/v1/setup_intents")


@operation("POST", "/v1/setup_intents/{intent}/confirm")
def confirm(tx: Tx, call: Call) -> Obj:
    """Set the card up."""
    return confirm_it(tx, tx.live(call.id, "setup_intent"), call.params)


@operation("POST", "/v1/setup_intents/{intent}/cancel")
def cancel(tx: Tx, call: Call) -> Obj:
    """Cancel a setup intent that is still open."""
    intent = tx.live(call.id, "setup_intent")
    if intent["status"] in ("succeeded", "canceled"):
        message = f"You cannot cancel this SetupIntent because it has a status of {intent['status']}."
        raise refused(message, code="setup_intent_unexpected_state")
    intent.update(
        status="canceled",
        cancellation_reason=render.cleared(call.params.get("cancellation_reason")),
        next_action=None,
    )
    tx.save(intent)
    emit(tx, "setup_intent.canceled", intent)
    return intent


def confirm_it(tx: Tx, intent: Obj, given: Obj) -> Obj:
    """Set a card up: succeed, be declined, or ask for 3D Secure."""
    if intent["status"] in ("succeeded", "canceled"):
        message = f"You cannot confirm this SetupIntent because it has a status of {intent['status']}."
        raise refused(message, code="setup_intent_unexpected_state")
    if given.get("payment_method"):
        intent["payment_method"] = payment_methods.resolve(tx, given["payment_method"], "payment_method")["id"]
    if intent["payment_method"] is None:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise refused(message, code="setup_intent_unexpected_state")
    method = payment_methods.resolve(tx, intent["payment_method"], "payment_method")
    card = payment_methods.card_of(method)
    if card.decline and not card.attach and not card.secure:
        return _fail(tx, intent, method, *card.decline)
    if card.secure and not given.get("authenticated"):
        url = f"{tx.store.base_url}/setup/{intent['id']}"
        intent["_"]["return_url"] = given.get("return_url")
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "redirect_to_url": {"return_url": given.get("return_url"), "url": url},
            "type": "redirect_to_url",
        }
        tx.save(intent)
        emit(tx, "setup_intent.requires_action", intent)
        return intent
    return finish(tx, intent, method)


def finish(tx: Tx, intent: Obj, method: Obj) -> Obj:
    """Attach the card that was set up."""
    if intent["customer"] and method["customer"] is None:
        payment_methods.attach_to(tx, method, intent["customer"])
    method["_"]["set_up"] = True
    tx.save(method)
    intent.update(status="succeeded", next_action=None, last_setup_error=None)
    tx.save(intent)
    emit(tx, "setup_intent.succeeded", intent)
    return intent


def authenticate(tx: Tx, intent: Obj, *, success: bool) -> Obj:
    """Finish 3D Secure from the sandbox's page."""
    if intent["status"] != "requires_action":
        message = f"This SetupIntent has no authentication to finish: its status is {intent['status']}."
        raise refused(message, code="setup_intent_unexpected_state")
    method = payment_methods.resolve(tx, intent["payment_method"], "payment_method")
    if success:
        return finish(tx, intent, method)
    try:
        return _fail(tx, intent, method, "setup_intent_authentication_failure", "authentication_required")
    except StripeError:
        return intent


def _fail(tx: Tx, intent: Obj, method: Obj, code: str, decline: str) -> Obj:
    message = cards.decline_message(code, decline)
    error = {
        "code": code,
        "decline_code": decline,
        "message": message,
        "payment_method": visible(method),
        "type": "card_error",
    }
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error)
    tx.save(intent)
    emit(tx, "setup_intent.setup_failed", intent)
    extra: Obj = {"decline_code": decline, "setup_intent": visible(intent), "payment_method": visible(method)}
    raise StripeError(message, status=402, kind="card_error", code=code, keep=True, extra=extra)
