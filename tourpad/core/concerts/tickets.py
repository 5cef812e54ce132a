"""Tickets: what a guest shows at the door, as a QR code or as eight letters and digits (pure).

A ticket names a party and the issue of its ticket, and nothing else: not the guest, not the place, not the number of
seats, which may change after it was printed.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tourpad.core.concerts.errors import BadTicket
from tourpad.core.concerts.sealing import is_ours, seal
from tourpad.core.values import Value

_PURPOSE: Final = b"tourpad ticket"
_CODE_PURPOSE: Final = b"tourpad ticket code"
_LAYOUT: Final = b"\x01"
"""So that another layout can stand beside this one some day."""
_ISSUE: Final = 2
_RAW: Final = len(_LAYOUT) + 16 + _ISSUE

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U, so that nothing is read for something else."""
_CODE: Final = 8
_ALIKE: Final = str.maketrans("OIL", "011", " -")

LONGEST: Final = 200
"""Characters of what is scanned or typed; more is no ticket."""


class Ticket(Value):
    """What a ticket says."""

    rsvp_id: UUID
    issue: int
    """Counts the tickets of one party: a new one makes the older ones worthless."""


def mint(signing: Sequence[str], ticket: Ticket) -> str:
    """A ticket's token: 56 capital letters and digits, which a QR code holds at its most compact."""
    return _token(signing[0], ticket)


def read(signing: Sequence[str], token: str) -> Ticket:
    """What a token says; capitals, spaces and hyphens do not matter.

    Raises:
        BadTicket: it is none of ours, or was cut.
    """
    if len(token) > LONGEST:
        raise BadTicket
    try:
        data = base64.b32decode(token.upper().translate({ord(" "): None, ord("-"): None}).encode("ascii"))
    except (binascii.Error, ValueError):
        raise BadTicket from None
    raw, mac = data[:_RAW], data[_RAW:]
    if len(raw) != _RAW or raw[:1] != _LAYOUT or not is_ours(signing, _PURPOSE, raw, mac):
        raise BadTicket
    return Ticket(UUID(bytes=raw[1:17]), int.from_bytes(raw[17:], "big"))


def code(signing: Sequence[str], ticket: Ticket) -> str:
    """The same ticket to be read out and typed: `K7QX-9M2D`. Good at its own show only."""
    plain = _code(signing[0], ticket)
    return f"{plain[:4]}-{plain[4:]}"


def matches(signing: Sequence[str], ticket: Ticket, typed: str) -> bool:
    """Whether what was typed is this ticket's code."""
    return plain_code(typed) in {_code(secret, ticket) for secret in signing}


def plain_code(typed: str) -> str:
    """What was typed as it is compared: capitals, no spaces or hyphens, and letters that look like digits are those."""
    return typed.upper().translate(_ALIKE)


def hashes(signing: Sequence[str], ticket: Ticket) -> list[str]:
    """By what a device that is offline knows a ticket: SHA-256 of its token, under each of our secrets."""
    return [digest(_token(secret, ticket)) for secret in signing]


def code_hashes(signing: Sequence[str], ticket: Ticket) -> list[str]:
    """By what a device that is offline knows a ticket's code."""
    return [digest(_code(secret, ticket)) for secret in signing]


def digest(text: str) -> str:
    """SHA-256 of a token or a plain code, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _raw(ticket: Ticket) -> bytes:
    return _LAYOUT + ticket.rsvp_id.bytes + ticket.issue.to_bytes(_ISSUE, "big")


def _token(secret: str, ticket: Ticket) -> str:
    raw = _raw(ticket)
    return base64.b32encode(raw + seal(secret, _PURPOSE, raw)).decode()


def _code(secret: str, ticket: Ticket) -> str:
    number = int.from_bytes(seal(secret, _CODE_PURPOSE, _raw(ticket))[:5], "big")
    return "".join(_DIGITS[(number >> 5 * place) & 31] for place in range(_CODE))
