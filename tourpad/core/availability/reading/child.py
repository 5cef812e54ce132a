"""Starting the process that reads one calendar, and reading what it says."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date

from tourpad.core.availability.errors import CalendarUnreadable

PATIENCE = 60.0
"""Seconds of wall-clock for one calendar."""
SERIES_SECONDS = 2.0
"""Of processor time for one event with all of its dates: a thousand times what an ordinary one takes."""


def read(
    body: bytes, *, zone: str, first: date, last: date, evenings: bool, series_seconds: float = SERIES_SECONDS
) -> tuple[list[date], int]:
    """The busy days of a calendar, and how many events were left out, found in a process of its own.

    Args:
        body: the calendar as it came.
        zone: IANA name: whose days are counted.
        first: local to `zone`.
        last: included.
        evenings: whether an event must touch an evening, or last all day.
        series_seconds: an event that takes longer to follow is left out.

    Raises:
        CalendarUnreadable: it is no calendar, or takes too much to read.
    """
    job = {
        "zone": zone,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "evenings": evenings,
        "series_seconds": series_seconds,
    }
    # No secret of ours is in its environment, and -P keeps what lies in the working folder from being imported.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    command = [sys.executable, "-P", "-m", "tourpad.core.availability.reading.worker"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode() + b"\n" + body,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env=environment,
            cwd=tempfile.gettempdir(),
        )
    except subprocess.TimeoutExpired:
        raise CalendarUnreadable("It takes far too long to read.") from None
    if done.returncode != 0:
        raise CalendarUnreadable("It takes too much to read, or ends the program that tries.")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise CalendarUnreadable(f"It {answer['refused']}.")
    return [date.fromisoformat(day) for day in answer["days"]], answer["left_out"]
