"""The only source of time. Everything asks `clock.now()`; tests, `demo` and checks from outside move it."""

import mmap
import os
import struct
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from tourpad.core.errors import ConfigurationError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own time, shifted by `offset` (zero unless `TOURPAD_CLOCK` says otherwise)."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """The machine's time plus the offset."""
        return datetime.now(UTC) + self._offset


class VirtualClock:
    """A clock that stands still until it is moved. Threads may share it."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move forward and answer the new instant."""
        with self._lock:
            self._now += by
            return self._now

    def set(self, to: datetime) -> None:
        """Move to an instant."""
        with self._lock:
            self._now = _aware(to)


class SharedClock:
    """A clock that several processes follow: sixteen bytes of a mapped file.

    The first eight are a virtual instant, the next eight the real instant at which it began to flow, both in
    microseconds since the epoch. Zero in the second means that it stands still until it is moved.
    The demo moves one; its API and its Stripe sandbox follow, and it flows on from the season's end afterwards.
    """

    SIZE = 16

    def __init__(self, path: Path, start: datetime | None = None) -> None:
        self.path = path
        if start is not None:
            path.write_bytes(struct.pack("<qq", _micros(_aware(start)), 0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), self.SIZE)

    def now(self) -> datetime:
        """The instant that whoever moves the clock has set, and what has passed since it was let go."""
        virtual, since = struct.unpack("<qq", self._map[: self.SIZE])
        if since:
            virtual += _micros(datetime.now(UTC)) - since
        return _EPOCH + timedelta(microseconds=virtual)

    def set(self, to: datetime) -> None:
        """Move to an instant and stand still there, seen by every process at once."""
        self._map[: self.SIZE] = struct.pack("<qq", _micros(_aware(to)), 0)

    def advance(self, by: timedelta) -> datetime:
        """Move forward and answer the new instant."""
        self.set(self.now() + by)
        return self.now()

    def let_go(self) -> None:
        """Flow on from here at the speed of real time."""
        self._map[: self.SIZE] = struct.pack("<qq", _micros(self.now()), _micros(datetime.now(UTC)))


class HomeClock:
    """The machine's time, until somebody moves the clock of a home (`tourpad clock move`): from then on that one.

    Processes that run already follow, too: a file that appears is looked for each time, which takes a microsecond.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = str(path)
        self._moved: SharedClock | None = None

    def now(self) -> datetime:
        """The present instant of this home."""
        if self._moved is None and os.access(self._name, os.F_OK):
            self._moved = SharedClock(self.path)
        return self._moved.now() if self._moved is not None else datetime.now(UTC)


def move_home_clock(path: Path, to: datetime) -> datetime:
    """Move the clock of a home to an instant, from which it flows on; every process on that home is there at once.

    Args:
        path: the clock's file, which is made where there is none.
        to: the instant.

    Raises:
        OSError: the file can't be written.
    """
    if not path.is_file():
        # Whoever looks meanwhile must not find a file without its sixteen bytes.
        new = path.with_suffix(".new")
        SharedClock(new, to).let_go()
        new.replace(path)
        return to
    clock = SharedClock(path)
    clock.set(to)
    clock.let_go()
    return to


def stopwatch() -> float:
    """Seconds of real time from an arbitrary start, for durations: a virtual clock stands still while work is done."""
    return time.perf_counter()


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant.

    Raises:
        ValueError: if it is not one, or has no offset.
    """
    instant = datetime.fromisoformat(text)
    return _aware(instant)


def clock_from(setting: str | None) -> Clock:
    """The clock that `TOURPAD_CLOCK` asks for: nothing, an instant to start at, or `file:PATH` to follow.

    Raises:
        ConfigurationError: if it is neither.
    """
    if not setting:
        return SystemClock()
    if setting.startswith("file:"):
        return SharedClock(Path(setting.removeprefix("file:")))
    try:
        start = parse_instant(setting)
    except ValueError as error:
        msg = f"TOURPAD_CLOCK is not an instant: {setting!r}."
        raise ConfigurationError(msg, hint="Write it like 2026-12-01T09:00:00Z.") from error
    return SystemClock(start - datetime.now(UTC))


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        msg = "an instant needs an offset (like Z)"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
