"""What a device at the door carries: the key to one evening, and the mark of the list that it was given (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from tourpad.core.concerts import sealing
from tourpad.core.concerts.errors import BadList, DoorLinkDead
from tourpad.core.values import Value

_DOOR: Final = b"tourpad door"
_LIST: Final = b"tourpad door list"
_TURN: Final = 2
_INSTANT: Final = 5


class DoorKey(Value):
    """One evening's door, and which of its links this is: a new one makes the older ones worthless."""

    concert_id: UUID
    turn: int


def mint_key(signing: Sequence[str], key: DoorKey) -> str:
    """A token that lets whoever has it do the door of one evening."""
    return sealing.token(signing, _DOOR, key.concert_id.bytes + key.turn.to_bytes(_TURN, "big"))


def read_key(signing: Sequence[str], token: str) -> DoorKey:
    """Whose door a token opens.

    Raises:
        DoorLinkDead: it is none of ours, or was cut.
    """
    raw = sealing.opened(signing, _DOOR, token, length=16 + _TURN)
    if raw is None:
        raise DoorLinkDead
    return DoorKey(UUID(bytes=raw[:16]), int.from_bytes(raw[16:], "big"))


def mint_list(signing: Sequence[str], *, concert_id: UUID, made_at: datetime) -> str:
    """The mark of a list: of which evening it is, and from when."""
    return sealing.token(signing, _LIST, concert_id.bytes + int(made_at.timestamp()).to_bytes(_INSTANT, "big"))


def check_list(signing: Sequence[str], token: str, *, concert_id: UUID) -> datetime:
    """When the list was made that a device has judged by.

    Raises:
        BadList: it is none of ours, or of another evening.
    """
    raw = sealing.opened(signing, _LIST, token, length=16 + _INSTANT)
    if raw is None or UUID(bytes=raw[:16]) != concert_id:
        raise BadList
    return datetime.fromtimestamp(int.from_bytes(raw[16:], "big"), UTC)
