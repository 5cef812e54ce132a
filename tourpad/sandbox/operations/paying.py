"""What happens when a payment intent is confirmed: charge, decline, or 3D Secure."""

from collections.abc import Callable

from tourpad.sandbox import cards, render
from tourpad.sandbox.errors import Obj, StripeError, refused
from tourpad.sandbox.events import emit, visible
from tourpad.sandbox.operations import charges, payment_methods
from tourpad.sandbox.store import Tx

# who wants to know that a payment intent was paid or failed: invoices, then checkout sessions
PAID: list[Callable[[Tx, Obj], None]] = []
FAILED: list[Callable[[Tx, Obj], None]] = []


def confirm(tx: Tx, intent: Obj, given: Obj) -> Obj:
    """Try to charge a stored payment intent. Raises a card error (402) that keeps what happened."""
    if intent["payment_method"] is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent "
            "with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise StripeError(message, code="payment_intent_unexpected_state", extra={"payment_intent": visible(intent)})
    off_session = given.get("off_session") not in (None, False, "", "false")
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and not off_session and not given.get("return_url"):
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods "
            "might redirect your customer off of your page, you must provide a `return_url`. If you "
            "don't want to accept redirect-based "
            "payment methods, set `automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to "
            "`never` when creating Setup Intents and Payment Intents."
        )
        raise refused(message)
    method = payment_methods.resolve(tx, intent["payment_method"], "payment_method")
    intent["_"]["return_url"] = given.get("return_url")
    secure = payment_methods.card_of(method).secure
    needed = secure in ("always", "error") or (
        secure == "unless_set_up" and not (method["_"].get("set_up") and off_session)
    )
    if needed and (off_session or given.get("error_on_requires_action")):
        return fail(tx, intent, method, "authentication_required", "authentication_required")
    if needed:
        return ask(tx, intent)
    return attempt(tx, intent, method)


def ask(tx: Tx, intent: Obj) -> Obj:
    """Send the payer to the sandbox's 3D Secure page."""
    intent["status"] = "requires_action"
    intent["last_payment_error"] = None
    back = intent["_"].get("return_url")
    if back:
        url = f"{tx.store.base_url}/3ds/{intent['id']}"
        intent["next_action"] = {
            "redirect_to_url": {"return_url": back, "url": url},
            "type": "redirect_to_url",
        }
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "type": "three_d_secure_redirect",
                "stripe_js": f"{tx.store.base_url}/3ds/{intent['id']}",
            },
        }
    tx.save(intent)
    emit(tx, "payment_intent.requires_action", intent)
    return intent


def authenticate(tx: Tx, intent: Obj, *, success: bool) -> Obj:
    """Finish 3D Secure.

    A card that declines afterwards fails here without raising: the payer is on a page.
    """
    if intent["status"] != "requires_action":
        message = f"This PaymentIntent has no authentication to finish: its status is {intent['status']}."
        raise refused(message, code="payment_intent_unexpected_state")
    method = payment_methods.resolve(tx, intent["payment_method"], "payment_method")
    try:
        if success and payment_methods.card_of(method).secure != "error":
            return attempt(tx, intent, method, authenticated=True)
        return fail(tx, intent, method, "payment_intent_authentication_failure", None)
    except StripeError:
        return intent


def attempt(tx: Tx, intent: Obj, method: Obj, *, authenticated: bool = False) -> Obj:
    """Charge the card: succeed, or fail as the test card does."""
    card = payment_methods.card_of(method)
    charge = charges.build(tx, intent, method, authenticated=authenticated)
    if card.decline:
        tx.add(charge)
        emit(tx, "charge.failed", charge)
        intent["latest_charge"] = charge["id"]
        return fail(tx, intent, method, *card.decline, charge=charge["id"])
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
    )
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        payment_methods.attach_to(tx, method, intent["customer"])
        method["_"]["set_up"] = method["_"]["set_up"] or authenticated
        tx.save(method)
    elif method["customer"] is None:
        method["_"]["used"] = True
        tx.save(method)
    tx.save(intent)
    charges.succeeded(tx, charge)
    emit(tx, "payment_intent.succeeded", intent)
    charges.after(tx, charge)
    for react in PAID:
        react(tx, intent)
    return intent


def fail(tx: Tx, intent: Obj, method: Obj, code: str, decline: str | None, *, charge: str | None = None) -> Obj:
    """Put the intent back to needing a payment method, tell of it, and raise the card error."""
    message = cards.decline_message(code, decline or "")
    if code == "payment_intent_authentication_failure":
        message = (
            "The provided PaymentMethod has failed authentication. You can provide "
            "payment_method_data or a new PaymentMethod to attempt "
            "to fulfill this PaymentIntent again."
        )
    error: Obj = {
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": visible(method),
        "type": "card_error" if decline else "invalid_request_error",
    }
    if decline:
        error["decline_code"] = decline
    if charge:
        error["charge"] = charge
    if code == "incorrect_cvc":
        error["param"] = "cvc"
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    tx.save(intent)
    emit(tx, "payment_intent.payment_failed", intent)
    for react in FAILED:
        react(tx, intent)
    extra: Obj = {key: value for key, value in error.items() if key in ("decline_code", "charge", "payment_method")}
    extra["payment_intent"] = visible(intent)
    raise StripeError(
        message, status=402, kind="card_error", code=code, param=error.get("param"), keep=True, extra=extra
    )


def cancel(tx: Tx, intent: Obj, reason: str | None) -> Obj:
    """Cancel a payment intent and tell of it."""
    intent.update(status="canceled", canceled_at=tx.now, cancellation_reason=render.cleared(reason), next_action=None)
    tx.save(intent)
    emit(tx, "payment_intent.canceled", intent)
    return intent
