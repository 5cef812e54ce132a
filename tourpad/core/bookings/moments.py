"""From a date and a clock on a wall to an instant (pure)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The instant at which clocks in `zone` show `at` on `day`, in UTC.

    The offset is that of the day itself, not of today. A time that the clocks skip in spring is moved forward by what
    they skip (02:30 becomes 03:30); a time that they show twice in autumn is the first of the two (PEP 495, fold 0).
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), ZoneInfo(zone)).astimezone(UTC)


def local_today(now: datetime, zone: str) -> date:
    """The date in `zone` at the instant `now`."""
    return now.astimezone(ZoneInfo(zone)).date()


def end_of(starts_at: datetime, minutes: int) -> datetime:
    """When a show of so many minutes ends: minutes that pass, whatever the clocks do meanwhile."""
    return starts_at + timedelta(minutes=minutes)


def local_clock(instant: datetime, zone: str) -> time:
    """What clocks in `zone` show at an instant."""
    return instant.astimezone(ZoneInfo(zone)).time().replace(microsecond=0, fold=0)


def on_the_wall(facts: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """What is told of a show, with its instants as clocks in `zone` show them.

    A deadline is read beside the time of the show, and that is on the home's clock.
    """
    at_home = ZoneInfo(zone)
    return {name: fact.astimezone(at_home) if isinstance(fact, datetime) else fact for name, fact in facts.items()}
