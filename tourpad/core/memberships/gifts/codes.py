"""Codes of gifts: easy to read out and to type, too many to guess, kept only as hashes."""

import hashlib
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without those that look like others (0 and O, 1 and I)."""
LENGTH: Final = 16
"""80 bits."""
_GROUP: Final = 4


def make() -> str:
    """A new code, in groups: `K7QF-2MXA-9TRW-HJ4D`."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[i : i + _GROUP] for i in range(0, LENGTH, _GROUP))


def hashed(code: str) -> str:
    """What is kept of a code. However it is typed: small letters, with blanks, without dashes."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
