"""What we sign so that it can be handed out: pay links, tickets, door links (pure).

Each kind has a purpose of its own, so that one is never taken for another. Whatever an older secret has signed stays
good for as long as that secret is in the list.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final

MAC: Final = 16
"""Bytes of a seal: 128 bits, which nobody guesses."""


def seal(secret: str, purpose: bytes, raw: bytes) -> bytes:
    """The seal of some bytes under one secret."""
    key = hmac.digest(secret.encode(), purpose, "sha256")
    return hmac.digest(key, raw, "sha256")[:MAC]


def is_ours(signing: Sequence[str], purpose: bytes, raw: bytes, mac: bytes) -> bool:
    """Whether one of our secrets has sealed these bytes for this purpose."""
    good = [hmac.compare_digest(mac, seal(secret, purpose, raw)) for secret in signing]
    return any(good)


def token(signing: Sequence[str], purpose: bytes, raw: bytes) -> str:
    """Bytes and their seal as text that stands well in an address.

    Args:
        signing: `Settings.secret`, newest first.
        purpose: what it is for.
        raw: what it says.
    """
    return base64.urlsafe_b64encode(raw + seal(signing[0], purpose, raw)).rstrip(b"=").decode()


def opened(signing: Sequence[str], purpose: bytes, text: str, *, length: int) -> bytes | None:
    """What a token says, or nothing where it is none of ours, for something else, or was cut."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    raw, mac = data[:length], data[length:]
    return raw if len(raw) == length and is_ours(signing, purpose, raw, mac) else None
