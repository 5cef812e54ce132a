"""Ids of events: when something happened and what it was, so that whoever comes back can say where they left off."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.values import Value

_SHAPE: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Place(Value):
    """One event's place in time."""

    at: datetime
    of: UUID
    """What it is about: a message, a notification, or the reader of a conversation."""

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.of.hex}"


def read_place(text: str) -> Place:
    """The place that an event's id names.

    Raises:
        InvalidInputError: it is none of ours.
    """
    found = _SHAPE.fullmatch(text)
    try:
        if found is not None:
            return Place(_EPOCH + int(found[1]) * _MICROSECOND, UUID(found[2]))
    except (OverflowError, ValueError):
        pass
    raise invalid("after", "is no id of an event; take that of the last one that you got")
