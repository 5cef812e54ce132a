"""The sandbox's own time: real, moved, or read from a file that another process moves."""

import mmap
import struct
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

DAY = 86_400
MICROSECONDS = 1_000_000
SATURDAY = 5
Clock = Callable[[], float]


def real() -> float:
    """Return the machine's time as epoch seconds."""
    return time.time()


def from_file(path: Path) -> Clock:
    """Return a clock that reads epoch microseconds (int64, little-endian) at the start of a file.

    0 means real time.
    """
    with path.open("r+b") as file:
        view = mmap.mmap(file.fileno(), 8)

    def read() -> float:
        (micros,) = struct.unpack_from("<q", view, 0)
        return micros / MICROSECONDS if micros else time.time()

    return read


def parse(value: object) -> int:
    """Read epoch seconds or an RFC 3339 time; raises ValueError or TypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        message = f"not a time: {value!r}"
        raise TypeError(message)
    if isinstance(value, int | float):
        return int(value)
    if value.lstrip("-").isdigit():
        return int(value)
    moment = datetime.fromisoformat(value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def rfc3339(at: int) -> str:
    """Write a time as `/v2` does."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def business_days_after(at: int, days: int) -> int:
    """Return midnight UTC, `days` business days after the day of `at`."""
    day = datetime.fromtimestamp(at, UTC).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return _midnight(day)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def add_interval(anchor: int, interval: str, count: int) -> int:
    """Add `count` days, weeks, months or years; a day the month lacks becomes its last one."""
    moment = datetime.fromtimestamp(anchor, UTC)
    if interval in ("day", "week"):
        return anchor + count * DAY * (7 if interval == "week" else 1)
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)  # noqa: PLR2004 - December, counted from 0
    last = (following - timedelta(days=1)).day
    return int(moment.replace(year=year, month=month + 1, day=min(moment.day, last)).timestamp())


def next_period_end(anchor: int, start: int, interval: str, every: int) -> int:
    """Return the first step from the anchor that lies after `start`.

    Counted from the anchor each time, so that the 31st comes back after a short month.
    """
    step = max(0, (start - anchor) // (DAY * {"day": 1, "week": 7, "month": 31, "year": 366}[interval] * every))
    while add_interval(anchor, interval, step * every) <= start:
        step += 1
    return add_interval(anchor, interval, step * every)
