"""Links by which seats are paid: signed, short-lived, and they say nothing of whose seats they are (pure)."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tourpad.core.concerts.errors import BadLink

_PURPOSE: Final = b"tourpad pay link"
_MAC: Final = 16
_EXPIRY: Final = 5
_RAW: Final = 16 + _EXPIRY


def mint(signing: Sequence[str], *, rsvp_id: UUID, expires_at: datetime) -> str:
    """A token that lets whoever has it pay for one party's seats, and do nothing else.

    Args:
        signing: `Settings.secret`, newest first.
        rsvp_id: whose seats.
        expires_at: until when it is good.
    """
    raw = rsvp_id.bytes + int(expires_at.timestamp()).to_bytes(_EXPIRY, "big")
    return base64.urlsafe_b64encode(raw + _mac(signing[0], raw)).rstrip(b"=").decode()


def read(signing: Sequence[str], token: str, *, now: datetime) -> UUID:
    """Whose seats a token pays for.

    Raises:
        BadLink: it is none of ours, was cut, or has expired.
    """
    try:
        data = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadLink from None
    raw, mac = data[:_RAW], data[_RAW:]
    if len(raw) != _RAW or not any(hmac.compare_digest(mac, _mac(secret, raw)) for secret in signing):
        raise BadLink
    if now >= datetime.fromtimestamp(int.from_bytes(raw[16:], "big"), UTC):
        raise BadLink
    return UUID(bytes=raw[:16])


def _mac(secret: str, raw: bytes) -> bytes:
    key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
    return hmac.digest(key, raw, "sha256")[:_MAC]
