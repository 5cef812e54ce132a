"""What a payer is told of a card that did not pay. Pure.

Stripe's codes and words: https://docs.stripe.com/declines/codes. Some of them must not reach whoever holds the card:
it may be a thief who reads that it is reported as stolen.
"""

from collections.abc import Mapping
from typing import Final

from tourpad.core.values import Value

PLAIN: Final = "generic_decline"
SILENT: Final = frozenset(
    {
        "fraudulent",
        "lost_card",
        "merchant_blacklist",
        "pickup_card",
        "restricted_card",
        "security_violation",
        "stolen_card",
    }
)
"""Reasons that stay between the bank and us: "Your card was declined" is all that is said."""
WORDS: Final[Mapping[str, str]] = {
    "authentication_required": "Your bank asks you to confirm the payment (3D Secure). Pay again, and follow its page.",
    "payment_intent_authentication_failure": "The confirmation by your bank (3D Secure) did not go through.",
    "processing_error": "The card could not be checked just now. Try again in a few minutes.",
    "try_again_later": "The card could not be checked just now. Try again in a few minutes.",
}
"""Where Stripe's own words are for programmers."""


class Decline(Value):
    """Why a card did not pay, as its holder may know it."""

    code: str | None
    message: str | None


def for_payer(code: str | None, message: str | None) -> Decline:
    """The code and the words that a payer may read.

    Args:
        code: Stripe's decline code, or its error's code where the bank gave none.
        message: Stripe's words.
    """
    if code in SILENT:
        return Decline(PLAIN, "Your card was declined.")
    return Decline(code, WORDS.get(code or "", message))
