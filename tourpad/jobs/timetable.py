"""Everything that happens by itself, on one screen.

Each job finds due things and calls the verb for each, one transaction a thing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tourpad.core.actors import Actor
from tourpad.core.platform import Platform
from tourpad.jobs.housekeeping import housekeeping
from tourpad.jobs.schedule import Daily, Schedule

Run = Callable[[Platform, Actor], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Job:
    """A name, when, what, and why in a sentence. `run` answers with counts of what it did."""

    name: str
    schedule: Schedule
    run: Run
    doc: str


TIMETABLE: tuple[Job, ...] = (
    Job("housekeeping", Daily(4, 30), housekeeping, "Clears away old job records, idempotency keys and rate windows."),
)
