"""Times of day on the wire: `19:30`, local to wherever the show is."""

import re
from datetime import time

from tourpad.core.errors import invalid

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def read_time(field: str, text: str) -> time:
    """A time of day; seconds may be given and do not matter.

    Args:
        field: its snake_case path, for the error.
        text: like `19:30`.

    Raises:
        InvalidInputError: it is none.
    """
    if not _TIME.fullmatch(text):
        raise invalid(field, "must be a local time like 19:30")
    return time.fromisoformat(text).replace(second=0)


def write_time(at: time) -> str:
    """`19:30`."""
    return at.isoformat("minutes")
