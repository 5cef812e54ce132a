"""Links that invite to a concert: signed, so that nothing that opens one stands in the database (pure)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tourpad.core.concerts import sealing
from tourpad.core.concerts.errors import BadInvitation

_PURPOSE: Final = b"tourpad invitation"


def mint(signing: Sequence[str], link_id: UUID) -> str:
    """The token of a link; the same whenever it is asked for, until the newest secret is another."""
    return sealing.token(signing, _PURPOSE, link_id.bytes)


def read(signing: Sequence[str], token: str) -> UUID:
    """Which link a token is.

    Raises:
        BadInvitation: it is none of ours, or was cut.
    """
    raw = sealing.opened(signing, _PURPOSE, token, length=16)
    if raw is None:
        raise BadInvitation
    return UUID(bytes=raw)
