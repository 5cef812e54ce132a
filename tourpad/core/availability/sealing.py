"""Addresses of calendars are keys to them: encrypted at rest, and told apart by a keyed hash (pure)."""

import hmac
from collections.abc import Sequence
from typing import Final

from tourpad.core.identity import tokens

_PURPOSE: Final = "calendar feed"


def seal(signing: Sequence[str], url: str) -> str:
    """Encrypt an address.

    Args:
        signing: `Settings.secret`, newest first.
        url: the address.
    """
    return tokens.cipher(signing, _PURPOSE).encrypt(url.encode()).decode()


def unseal(signing: Sequence[str], sealed: str) -> str:
    """Decrypt it, with whichever of our secrets sealed it."""
    return tokens.cipher(signing, _PURPOSE).decrypt(sealed.encode()).decode()


def fingerprint(signing: Sequence[str], url: str) -> str:
    """The same text for the same address. By the oldest secret, so that a new one before it changes nothing."""
    return hmac.digest(signing[-1].encode(), f"{_PURPOSE}\0{url}".encode(), "sha256").hex()
