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
    """3D Secure: "always", "unless_set_up", "error" (asked for, and the bank's side breaks)."""
    dispute: str | None = None
    """Reason of the dispute that follows a charge; "inquiry" for one without a withdrawal."""
    disputes: int = 1
    """How many follow; several share the amount."""
    checks: tuple[str | None, str | None, str] = (None, None, "pass")
    """What the bank says of the address's first line, the postal code, and the security code."""
    warning: bool = False
    """An early fraud warning follows a charge."""
    refund: str = "succeeded"
    """How a refund goes: succeeded, pending (then succeeded), fails (succeeded, then failed)."""
    bypass: bool = False
    """Funds are available at once."""
    risk: str = "normal"


DECLINED = ("card_declined", "generic_decline")
FUNDS = ("card_declined", "insufficient_funds")
LOST = ("card_declined", "lost_card")
STOLEN = ("card_declined", "stolen_card")
VELOCITY = ("card_declined", "card_velocity_exceeded")
BROKEN = ("processing_error", "processing_error")

# by the name in pm_card_<name> and tok_<name>
CARDS: dict[str, Card] = {
    # by brand
    "visa": Card("4242424242424242"),
    "visa_debit": Card("4000056655665556", funding="debit"),
    "mastercard": Card("5555555555554444", "mastercard"),
    "mastercard_2series": Card("2223003122003222", "mastercard"),
    "mastercard_debit": Card("5200828282828210", "mastercard", "debit"),
    "mastercard_prepaid": Card("5105105105105100", "mastercard", "prepaid"),
    "amex": Card("378282246310005", "amex"),
    "amex_other": Card("371449635398431", "amex"),
    "discover": Card("6011111111111117", "discover"),
    "discover_other": Card("6011000990139424", "discover"),
    "discover_debit": Card("6011981111111113", "discover", "debit"),
    "diners": Card("3056930009020004", "diners"),
    "diners_14digits": Card("36227206271667", "diners"),
    "jcb": Card("3566002020360505", "jcb"),
    "unionpay": Card("6200000000000005", "unionpay"),
    "unionpay_debit": Card("6200000000000047", "unionpay", "debit"),
    "us": Card("4242424242424242"),
    # declined
    "chargeDeclined": Card("4000000000000002", decline=DECLINED, attach=False),
    "visa_chargeDeclined": Card("4000000000000002", decline=DECLINED, attach=False),
    "chargeDeclinedInsufficientFunds": Card("4000000000009995", decline=FUNDS, attach=False),
    "visa_chargeDeclinedInsufficientFunds": Card("4000000000009995", decline=FUNDS, attach=False),
    "chargeDeclinedLostCard": Card("4000000000009987", decline=LOST, attach=False),
    "visa_chargeDeclinedLostCard": Card("4000000000009987", decline=LOST, attach=False),
    "chargeDeclinedStolenCard": Card("4000000000009979", decline=STOLEN, attach=False),
    "visa_chargeDeclinedStolenCard": Card("4000000000009979", decline=STOLEN, attach=False),
    "chargeDeclinedExpiredCard": Card("4000000000000069", decline=("expired_card", "expired_card"), attach=False),
    "chargeDeclinedIncorrectCvc": Card("4000000000000127", decline=("incorrect_cvc", "incorrect_cvc"), attach=False),
    "chargeDeclinedProcessingError": Card("4000000000000119", decline=BROKEN, attach=False),
    "chargeDeclinedVelocityLimitExceeded": Card("4000000000006975", decline=VELOCITY, attach=False),
    "visa_chargeDeclinedVelocityLimitExceeded": Card("4000000000006975", decline=VELOCITY, attach=False),
    "chargeCustomerFail": Card("4000000000000341", decline=DECLINED),
    # fraud prevention
    "chargeDeclinedFraudulent": Card(
        "4100000000000019", decline=("card_declined", "fraudulent"), attach=False, risk="highest"
    ),
    "radarBlock": Card("4100000000000019", decline=("card_declined", "fraudulent"), attach=False, risk="highest"),
    "riskLevelElevated": Card("4000000000009235", risk="elevated"),
    "riskLevelHighest": Card("4000000000004954", risk="highest"),
    "cvcCheckFail": Card("4000000000000101", checks=(None, None, "fail")),
    "avsFail": Card("4000000000000010", checks=("fail", "fail", "pass")),
    "avsLine1Fail": Card("4000000000000028", checks=("fail", "pass", "pass")),
    "avsZipFail": Card("4000000000000036", checks=("pass", "fail", "pass")),
    "avsUnchecked": Card("4000000000000044", checks=("unavailable", "unavailable", "pass")),
    "cvcCheckFailElevatedRisk": Card("4000058400307872", checks=(None, None, "fail"), risk="elevated"),
    "avsZipFailElevatedRisk": Card("4000058400306072", checks=("pass", "fail", "pass"), risk="elevated"),
    # 3D Secure
    "threeDSecure2Required": Card("4000000000003220", secure="always"),
    "threeDSecureRequired": Card("4000000000003063", secure="always"),
    "threeDSecureRequiredChargeDeclined": Card("4000008400001629", secure="always", decline=DECLINED),
    "threeDSecureRequiredProcessingError": Card("4000008400001280", secure="error"),
    "threeDSecureOptional": Card("4000000000003055"),
    "threeDSecureOptionalProcessingError": Card("4000000000003097"),
    "authenticationRequired": Card("4000002760003184", secure="always"),
    "authenticationRequiredOnSetup": Card("4000002500003155", secure="unless_set_up"),
    "authenticationRequiredSetupForOffSession": Card("4000003800000446", secure="unless_set_up"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": Card("4000008260003178", secure="always", decline=FUNDS),
    # disputes
    "createDispute": Card("4000000000000259", dispute="fraudulent"),
    "createDisputeProductNotReceived": Card("4000000000002685", dispute="product_not_received"),
    "createDisputeInquiry": Card("4000000000001976", dispute="inquiry"),
    "createIssuerFraudRecord": Card("4000000000005423", warning=True),
    "createMultipleDisputes": Card("4000000404000079", dispute="fraudulent", disputes=2),
    "createCe3EligibleDispute": Card("4000000404000038", dispute="fraudulent"),
    # refunds and the balance
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
