"""What always reaches a person, what they may turn off, and the token that turns it off with one click."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tourpad.core.errors import NotFoundError
from tourpad.core.notifications.states import Category, Channel

ESSENTIAL: Final = frozenset({Category.PAYMENT, Category.SYSTEM})
"""Money and the account itself: nobody can turn these off, and their mails carry no way to unsubscribe."""

ABOUT: Final[dict[Category, str]] = {
    Category.BOOKING: "booking requests",
    Category.MESSAGE: "messages",
    Category.PAYMENT: "payments",
    Category.CONCERT: "concerts",
    Category.REVIEW: "reviews",
    Category.TRIP: "artists who come near you",
    Category.SYSTEM: "your account",
}
"""Categories in the words of a mail's foot."""

_PURPOSE: Final = b"tourpad unsubscribe"
_MAC: Final = 16
_OPTIONAL: Final = tuple(c for c in Category if c not in ESSENTIAL)


def may_turn_off(category: Category, channel: Channel) -> bool:
    """Whether a person may say no to that category by that channel."""
    return category not in ESSENTIAL and channel in Channel


def unsubscribe_token(signing: Sequence[str], *, user_id: UUID, category: Category) -> str:
    """A token that ends one person's mails of one category. It never expires: an old mail's link must work.

    Args:
        signing: `Settings.secret`, newest first.
        user_id: the person.
        category: one that may be turned off.
    """
    raw = user_id.bytes + category.value.encode()
    return _text(raw + _mac(signing[0], raw))


def read_unsubscribe_token(signing: Sequence[str], token: str) -> tuple[UUID, Category]:
    """Whose mails of which category a token ends.

    Raises:
        NotFoundError: it is none of ours.
    """
    unknown = NotFoundError("This link is not one of ours, or it was cut.", hint="Copy the whole link from the mail.")
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        data = base64.b64decode(padded, b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise unknown from None
    if _text(data) != token:
        raise unknown  # the last letter has bits that mean nothing, and those are not ours to overlook
    raw, mac = data[:-_MAC], data[-_MAC:]
    if not any(hmac.compare_digest(mac, _mac(secret, raw)) for secret in signing):
        raise unknown
    return UUID(bytes=raw[:16]), Category(raw[16:].decode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _mac(secret: str, raw: bytes) -> bytes:
    key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
    return hmac.digest(key, raw, "sha256")[:_MAC]
