"""Links by which seats are paid: signed, short-lived, and they say nothing of whose seats they are (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tourpad.core.concerts import sealing
from tourpad.core.concerts.errors import BadLink

_PURPOSE: Final = b"tourpad pay link"
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
    return sealing.token(signing, _PURPOSE, raw)


def read(signing: Sequence[str], token: str, *, now: datetime) -> UUID:
    """Whose seats a token pays for.

    Raises:
        BadLink: it is none of ours, was cut, or has expired.
    """
    raw = sealing.opened(signing, _PURPOSE, token, length=_RAW)
    if raw is None or now >= datetime.fromtimestamp(int.from_bytes(raw[16:], "big"), UTC):
        raise BadLink
    return UUID(bytes=raw[:16])
