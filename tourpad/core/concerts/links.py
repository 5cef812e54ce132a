"""Links to one party's seats: signed, short-lived, for one purpose, and they say nothing of whose they are (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tourpad.core.concerts import sealing
from tourpad.core.concerts.errors import BadLink

PAY: Final = b"tourpad pay link"
"""Lets whoever has it pay for the seats."""
KEEP: Final = b"tourpad keep link"
"""Lets whoever has it say whether the party comes on another date."""
_EXPIRY: Final = 5
_RAW: Final = 16 + _EXPIRY


def mint(signing: Sequence[str], *, rsvp_id: UUID, expires_at: datetime, purpose: bytes = PAY) -> str:
    """A token that lets whoever has it do one thing with one party's seats, and nothing else.

    Args:
        signing: `Settings.secret`, newest first.
        rsvp_id: whose seats.
        expires_at: until when it is good.
        purpose: what for.
    """
    raw = rsvp_id.bytes + int(expires_at.timestamp()).to_bytes(_EXPIRY, "big")
    return sealing.token(signing, purpose, raw)


def read(signing: Sequence[str], token: str, *, now: datetime, purpose: bytes = PAY) -> UUID:
    """Whose seats a token is for.

    Raises:
        BadLink: it is none of ours, was cut, is for something else, or has expired.
    """
    raw = sealing.opened(signing, purpose, token, length=_RAW)
    if raw is None or now >= datetime.fromtimestamp(int.from_bytes(raw[16:], "big"), UTC):
        raise BadLink
    return UUID(bytes=raw[:16])
