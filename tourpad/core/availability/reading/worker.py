"""The process that reads one calendar: limits first, then everything that could go wrong.

Run as `python -m tourpad.core.availability.reading.worker`: a line of JSON and the calendar on standard input, JSON
on standard output. `child.py` starts it.
"""

import json
import resource
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

MEMORY = 1_000_000_000
"""Bytes of address space."""
CPU_SECONDS = 45


def confine() -> None:
    """Take from this process what it will not need. Each limit holds where the system has it."""
    for name, limit in (
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_CPU", CPU_SECONDS),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        number = getattr(resource, name, None)
        if number is not None:
            with suppress(OSError, ValueError):
                resource.setrlimit(number, (limit, limit))


def main() -> int:
    """Do one job: `zone`, `first`, `last`, `evenings`, `series_seconds`, then the calendar.

    Answers with `days` and `left_out`, or with why it is `refused`.
    """
    confine()
    from tourpad.core.availability.reading import expanding  # noqa: PLC0415 - within the limits

    def give_up(*_: Any) -> None:
        raise expanding.TooSlow

    @contextmanager
    def hurried() -> Generator[None]:
        signal.setitimer(signal.ITIMER_VIRTUAL, job["series_seconds"])
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    signal.signal(signal.SIGVTALRM, give_up)
    job = json.loads(sys.stdin.buffer.readline())
    try:
        found = expanding.busy_days(
            sys.stdin.buffer.read(),
            zone=job["zone"],
            first=date.fromisoformat(job["first"]),
            last=date.fromisoformat(job["last"]),
            evenings=job["evenings"],
            hurried=hurried,
        )
        answer = {"days": sorted(day.isoformat() for day in found.days), "left_out": found.left_out}
    except expanding.Unreadable as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "takes too much to read"}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
