"""Stripe's test cards: https://docs.stripe.com/testing."""

from typing import NamedTuple

from tourpad.sandbox.errors import Obj, StripeError


class Card(NamedTuple):
    """A test card and what happens with it."""

    number: str
    brand: str = "visa"
    funding: str = "credit"
    decline: tuple[str, str] | None = None
    """(code, decline_code) of each charge."""
    attach: bool = True
    """Whether the card can be attached to a customer (a declining card can't, except 0341)."""
    secure: str | None = None
    """3D Secure: "always", "unless_set_up"."""
    dispute: str | None = None
    """Reason of the dispute that follows a charge; "inquiry" for one without a withdrawal."""
    warning: bool = False
    """An early fraud warning follows a charge."""
    refund: str = "succeeded"
    """How a refund goes: succeeded, pending (then succeeded), fails (succeeded, then failed)."""
    bypass: bool = False
    """Funds are available at once."""
    risk: str = "normal"


DECLINED = ("card_declined", "generic_decline")
FUNDS = ("card_declined", "insufficient_funds")

# by the name in pm_card_<name> and tok_<name>
CARDS: dict[str, Card] = {
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", "debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", "prepaid"),
    "amex": Card("378282246310005", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "diners": Card("3056930009020004", "diners"),
    "jcb": Card("3566002020360505", "jcb"),
    "unionpay": Card("6200000000000005", "unionpay"),
    "us": Card("4242424242424242"),
    "chargeDeclined": Card("4000000000000002", decline=DECLINED, attach=False),
    "visa_chargeDeclined": Card("4000000000000002", decline=DECLINED, attach=False),
    "chargeDeclinedInsufficientFunds": Card("4000000000009995", decline=FUNDS, attach=False),
    "visa_chargeDeclinedInsufficientFunds": Card("4000000000009995", decline=FUNDS, attach=False),
    "chargeDeclinedLostCard": Card("4000000000009987", decline=("card_declined", "lost_card"), attach=False),
    "visa_chargeDeclinedLostCard": Card("4000000000009987", decline=("card_declined", "lost_card"), attach=False),
    "chargeDeclinedStolenCard": Card("4000000000009979", decline=("card_declined", "stolen_card"), attach=False),
    "visa_chargeDeclinedStolenCard": Card("4000000000009979", decline=("card_declined", "stolen_card"), attach=False),
    "chargeDeclinedFraudulent": Card(
        "4100000000000019", decline=("card_declined", "fraudulent"), attach=False, risk="highest"
    ),
    "radarBlock": Card("4100000000000019", decline=("card_declined", "fraudulent"), attach=False, risk="highest"),
    "chargeDeclinedExpiredCard": Card("4000000000000069", decline=("expired_card", "expired_card"), attach=False),
    "chargeDeclinedIncorrectCvc": Card("4000000000000127", decline=("incorrect_cvc", "incorrect_cvc"), attach=False),
    "chargeDeclinedProcessingError": Card(
        "4000000000000119", decline=("processing_error", "processing_error"), attach=False
    ),
    "chargeDeclinedVelocityLimitExceeded": Card(
        "4000000000006975", decline=("card_declined", "card_velocity_exceeded"), attach=False
    ),
    "chargeCustomerFail": Card("4000000000000341", decline=DECLINED),
    "riskLevelElevated": Card("4000000000009235", risk="elevated"),
    "riskLevelHighest": Card("4000000000004954", risk="highest"),
    "threeDSecure2Required": Card("4000000000003220", secure="always"),
    "threeDSecureRequired": Card("4000000000003063", secure="always"),
    "threeDSecureRequiredChargeDeclined": Card("4000008400001629", secure="always", decline=DECLINED),
    "authenticationRequired": Card("4000002760003184", secure="always"),
    "authenticationRequiredOnSetup": Card("4000002500003155", secure="unless_set_up"),
    "authenticationRequiredSetupForOffSession": Card("4000003800000446", secure="unless_set_up"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card("4000008260003178", secure="always", decline=FUNDS),
    "createDispute": Card("4000000000000259", dispute="fraudulent"),
    "createDisputeProductNotReceived": Card("4000000000002685", dispute="product_not_received"),
    "createDisputeInquiry": Card("4000000000001976", dispute="inquiry"),
    "createIssuerFraudRecord": Card("4000000000005423", warning=True),
    "createMultipleDisputes": Card("4000000404000079", dispute="fraudulent"),
    "pendingRefund": Card("4000000000007726", refund="pending"),
    "refundFail": Card("4000000000005126", refund="fails"),
    "bypassPending": Card("4000000000000077", bypass=True),
}
BY_NUMBER = {card.number: name for name, card in reversed(CARDS.items())}

MESSAGES = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "insufficient_funds": "Your card has insufficient funds.",
    "card_velocity_exceeded": (
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
    ),
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def decline_message(code: str, decline_code: str) -> str:
    """Return Stripe's sentence for a decline."""
    return MESSAGES.get(decline_code) or MESSAGES.get(code) or "Your card was declined."


def luhn(number: str) -> bool:
    """Tell whether the check digit is right."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(d if n % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for n, d in enumerate(digits)) % 10 == 0  # noqa: PLR2004 - Luhn


def name_of_number(number: str) -> str:
    """Return the test card's name; raises the card errors that Stripe gives for any other number."""
    plain = number.replace(" ", "").replace("-", "")
    if not plain.isdigit() or not luhn(plain):
        message = "Your card number is incorrect."
        raise StripeError(message, status=402, kind="card_error", code="incorrect_number", param="number")
    if plain not in BY_NUMBER:
        message = "Your card was declined. Your request was in test mode, but used a non test (live) card."
        extra: Obj = {"decline_code": "test_mode_live_card"}
        raise StripeError(message, status=402, kind="card_error", code="card_declined", extra=extra)
    return BY_NUMBER[plain]
