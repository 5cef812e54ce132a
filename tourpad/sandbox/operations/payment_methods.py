"""`/v1/payment_methods`: cards by test number, `pm_card_*` and `tok_*`; https://docs.stripe.com/api/payment_methods."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from tourpad.sandbox import cards, render
from tourpad.sandbox.errors import Obj, StripeError, missing, part, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

CENTURY = 2000
DECEMBER = 12
EMPTY_ADDRESS = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}


def build(tx: Tx, name: str, *, billing: Obj | None = None, expires: tuple[int, int] | None = None) -> Obj:
    """Make a payment method of the test card `name` (not yet stored)."""
    card = cards.CARDS[name]
    year = datetime.fromtimestamp(tx.now, UTC).year
    month, year = expires or (8, year + 2)
    details: Obj = billing or {}
    return {
        "id": tx.new_id("pm_1", 23).replace("pm_1_", "pm_1"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {**EMPTY_ADDRESS, **part(details, "address")},
            "email": details.get("email") or None,
            "name": details.get("name") or None,
            "phone": details.get("phone") or None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": card.checks[0],
                "address_postal_code_check": card.checks[1],
                "cvc_check": "fail" if card.decline and card.decline[0] == "incorrect_cvc" else card.checks[2],
            },
            "country": "US",
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": fingerprint(card.number),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": tx.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_": {"card": name, "set_up": name == "authenticationRequiredSetupForOffSession"},
    }


def fingerprint(number: str) -> str:
    """Return what stays the same for one card number."""
    return hashlib.sha256(f"sandbox:{number}".encode()).hexdigest()[:16]


def card_of(method: Obj) -> cards.Card:
    """Return the test card behind a payment method."""
    return cards.CARDS[method["_"]["card"]]


def resolve(tx: Tx, given: str, param: str) -> Obj:
    """Return the payment method; a `pm_card_*` or `tok_*` test id makes a new one."""
    for prefix in ("pm_card_", "tok_"):
        if given.startswith(prefix) and given.removeprefix(prefix) in cards.CARDS:
            return tx.add(build(tx, given.removeprefix(prefix)))
    method = tx.find(given, "payment_method")
    if method is None:
        raise missing("PaymentMethod", given, param)
    return method


def attach_to(tx: Tx, method: Obj, customer_id: str) -> Obj:
    """Attach a payment method; a card that the issuer refuses can't be."""
    if method["customer"] == customer_id:
        return method
    if method["customer"] is not None:
        message = "The payment method you provided has already been attached to a customer."
        raise refused(message, code="payment_method_unexpected_state")
    if method["_"].get("used"):
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was "
            "detached from a Customer, "
            "and may not be used again."
        )
        raise refused(message, code="payment_method_unexpected_state")
    card = card_of(method)
    if not card.attach and card.decline:
        code, decline = card.decline
        extra: Obj = {"decline_code": decline}
        raise StripeError(cards.decline_message(code, decline), status=402, kind="card_error", code=code, extra=extra)
    method["customer"] = customer_id
    tx.save(method)
    emit(tx, "payment_method.attached", method)
    return method


@operation("POST", "/v1/payment_methods")
def create(tx: Tx, call: Call) -> Obj:
    """Create a card payment method from a test number or token."""
    given = call.params
    if given.get("type", "card") != "card":
        message = f'The payment method type "{given["type"]}" is invalid. The sandbox knows cards only.'
        raise refused(message, param="type")
    card: Obj | None = given.get("card")
    if not card:
        message = "Missing required param: card."
        raise refused(message, code="parameter_missing", param="card")
    if card.get("token"):
        name = card["token"].removeprefix("tok_")
        if name not in cards.CARDS:
            raise missing("token", card["token"], "card[token]")
        method = build(tx, name, billing=given.get("billing_details"))
    else:
        method = build(tx, _name(card), billing=given.get("billing_details"), expires=_expiry(tx, card))
    method["metadata"] = render.metadata({}, given.get("metadata"))
    method["allow_redisplay"] = given.get("allow_redisplay", "unspecified")
    return tx.add(method)


def _name(card: Obj) -> str:
    for name in ("number", "exp_month", "exp_year"):
        if name not in card:
            message = f"Missing required param: card[{name}]."
            raise refused(message, code="parameter_missing", param=f"card[{name}]")
    return cards.name_of_number(card["number"])


def _expiry(tx: Tx, card: Obj) -> tuple[int, int]:
    month, year = card["exp_month"], card["exp_year"]
    year += CENTURY if year < 100 else 0  # noqa: PLR2004 - two digits
    now = datetime.fromtimestamp(tx.now, UTC)
    if not 1 <= month <= DECEMBER:
        raise _expired("month", "invalid_expiry_month")
    if (year, month) < (now.year, now.month):
        raise _expired("year", "invalid_expiry_year")
    return month, year


def _expired(what: str, code: str) -> StripeError:
    message = f"Your card's expiration {what} is invalid."
    return StripeError(message, status=402, kind="card_error", code=code, param=f"exp_{what}")


@operation("GET", "/v1/payment_methods/{payment_method}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a payment method."""
    return tx.get(call.id, "payment_method")


@operation("POST", "/v1/payment_methods/{payment_method}")
def update(tx: Tx, call: Call) -> Obj:
    """Change billing details, expiry or metadata."""
    method, given = tx.live(call.id, "payment_method"), call.params
    if "metadata" in given:
        method["metadata"] = render.metadata(method["metadata"], given["metadata"])
    for name, value in part(given, "billing_details").items():
        method["billing_details"][name] = render.cleared(value)
    for name, value in part(given, "card").items():
        if name in ("exp_month", "exp_year"):
            method["card"][name] = value
    method["allow_redisplay"] = given.get("allow_redisplay", method["allow_redisplay"])
    tx.save(method)
    emit(tx, "payment_method.updated", method)
    return method


@operation("POST", "/v1/payment_methods/{payment_method}/attach")
def attach(tx: Tx, call: Call) -> Obj:
    """Attach to a customer."""
    customer: Any = call.params.get("customer")
    if not customer:
        message = "Missing required param: customer."
        raise refused(message, code="parameter_missing", param="customer")
    tx.get(customer, "customer", "customer")
    return attach_to(tx, resolve(tx, call.id, "id"), customer)


@operation("POST", "/v1/payment_methods/{payment_method}/detach")
def detach(tx: Tx, call: Call) -> Obj:
    """Detach from its customer; it can't be used again."""
    method = tx.live(call.id, "payment_method")
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise refused(message, code="payment_method_unexpected_state")
    owner = tx.find(method["customer"], "customer")
    if (
        owner is not None
        and not owner.get("deleted")
        and owner["invoice_settings"]["default_payment_method"] == method["id"]
    ):
        owner["invoice_settings"]["default_payment_method"] = None
        tx.save(owner)
    before = method["customer"]
    method["customer"] = None
    method["_"]["used"] = True
    tx.save(method)
    emit(tx, "payment_method.detached", method, {"customer": before})
    return method


@operation("GET", "/v1/payment_methods")
def index(tx: Tx, call: Call) -> Obj:
    """List payment methods, of one customer."""
    return render.page(tx, "payment_method", call.params, "/v1/payment_methods")


@operation("GET", "/v1/customers/{customer}/payment_methods")
def of_customer(tx: Tx, call: Call) -> Obj:
    """List a customer's payment methods."""
    tx.get(call.id, "customer")
    return render.page(
        tx, "payment_method", call.params, f"/v1/customers/{call.id}/payment_methods", {"customer": call.id}
    )
