"""What travels between processes: that something happened, and whom it concerns. Ids and nothing else.

Everybody who may connect to the database can listen, and a notification carries under 8,000 bytes; so what happened
is read, by the rules of whoever is told, where it is told.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final
from uuid import UUID

from tourpad.core.values import Value

CHANNEL: Final = "tourpad_live"
"""The name under which signals travel, in PostgreSQL and in Redis."""
LONGEST: Final = 7_800
"""Bytes of one payload: PostgreSQL takes less than 8,000."""


class Kind(StrEnum):
    """What happened."""

    MESSAGE = "message"
    """Somebody wrote. Ids: the conversation, the message."""
    RECEIPT = "receipt"
    """Somebody read. Ids: the conversation, the reader."""
    NOTIFICATION = "notification"
    """A piece of news is in a person's list. Ids: the notification."""
    SESSIONS = "sessions"
    """Some or all of a person's sessions have ended. No ids."""


class Signal(Value):
    """One thing that happened."""

    kind: Kind
    users: tuple[UUID, ...]
    """Whom to tell."""
    ids: tuple[UUID, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.kind, _joined(self.users), _joined(self.ids)))


def payloads(signals: Iterable[Signal]) -> Iterator[str]:
    """The signals as few payloads, none longer than `LONGEST`; what is said twice is sent once."""
    gathered: list[str] = []
    length = 0
    for line in dict.fromkeys(str(signal) for signal in signals):
        if gathered and length + len(line) >= LONGEST:
            yield "\n".join(gathered)
            gathered, length = [], 0
        gathered.append(line)
        length += len(line) + 1
    if gathered:
        yield "\n".join(gathered)


def read(payload: str) -> list[Signal]:
    """The signals of a payload. What is none of ours counts for nothing: anybody may notify."""
    found: list[Signal] = []
    for line in payload.split("\n"):
        try:
            kind, users, ids = line.split(" ")
            found.append(Signal(Kind(kind), _ids(users), _ids(ids)))
        except ValueError:
            continue
    return found


def _joined(ids: tuple[UUID, ...]) -> str:
    return ",".join(one.hex for one in ids)


def _ids(text: str) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in text.split(",") if one)
