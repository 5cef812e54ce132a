"""From a calendar (RFC 5545) to busy days (pure). Titles, places and people in it are not looked at."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

MOST_EVENTS: Final = 20_000
MOST_SLOW: Final = 5
EVENING: Final = time(15)
"""From then to midnight a house is got ready, and plays. What ends before leaves the day free."""

_WITHIN_A_DAY: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_BY_CLOCK: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MOST_A_DAY: Final = 24
_MOMENT: Final = timedelta(minutes=1)


class Unreadable(Exception):
    """It is no calendar, or too much of one. The message ends a sentence that begins with "It"."""


class TooSlow(BaseException):
    """A series takes too long to follow. No library catches it on its way."""


@dataclass(slots=True)
class Found:
    """Busy days, and how many events are not in them although they might have been."""

    days: set[date] = field(default_factory=set[date])
    left_out: int = 0


def busy_days(
    body: bytes,
    *,
    zone: str,
    first: date,
    last: date,
    evenings: bool,
    hurried: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Found:
    """The days from `first` to `last` on which a calendar has something.

    Repeating events are followed to the last day; cancelled ones and those marked as free do not count. Days of
    events without a zone are those of `zone`.

    Args:
        body: the calendar as it came.
        zone: IANA name: whose days are counted.
        first: local to `zone`.
        last: included.
        evenings: whether an event must touch an evening, or last all day.
        hurried: put around each series; raises `TooSlow` where one takes too long.

    Raises:
        Unreadable: it is no calendar, has more than `MOST_EVENTS` events, or more than `MOST_SLOW` that take too long.
    """
    if not body.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise Unreadable("is no calendar that can be read, or only the beginning of one")
    if body.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable(f"has more than {MOST_EVENTS:,} events")
    try:
        calendars = Calendar.from_ical(body, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError):
        raise Unreadable("is no calendar that can be read") from None
    found, slow = Found(), 0
    local = ZoneInfo(zone)
    for calendar in calendars:
        for series in _series(calendar):
            try:
                if any(_repeats_within_a_day(event) for event in series):
                    found.left_out += 1
                else:
                    with hurried():
                        found.days.update(_days_of(calendar, series, local, first, last, evenings=evenings))
            except TooSlow:
                found.left_out, slow = found.left_out + 1, slow + 1
                if slow > MOST_SLOW:
                    raise Unreadable("has too many events that take too long to follow") from None
            except Exception:  # noqa: BLE001 - whatever one event does to the library, the others still count
                found.left_out += 1
    return found


def _series(calendar: Any) -> Iterable[list[Any]]:
    """Events by their UID: a repeating one with its changed dates."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for number, event in enumerate(calendar.walk("VEVENT")):
        groups[str(event.get("UID") or f"without {number}")].append(event)
    return groups.values()


def _days_of(
    calendar: Any, series: list[Any], local: tzinfo, first: date, last: date, *, evenings: bool
) -> Iterator[date]:
    alone = Calendar()
    for name in ("X-WR-TIMEZONE", "CALSCALE"):
        if calendar.get(name):
            alone.add(name, calendar[name])
    for event in series:
        alone.add_component(event)
    # Two days more on each side: the library counts in the events' zones.
    around = recurring_ical_events.of(alone).between(first - timedelta(days=2), last + timedelta(days=2))
    for event in around:
        if _is_free(event):
            continue
        for day in _touched(event, local, evenings=evenings):
            if first <= day <= last:
                yield day


def _is_free(event: Any) -> bool:
    return (
        str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    )


def _touched(event: Any, local: tzinfo, *, evenings: bool) -> Iterator[date]:
    """The local days that one occurrence keeps busy."""
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        yield from _dates(start, max(end, start + timedelta(days=1)) - timedelta(days=1))
        return
    begins, ends = _on_the_wall(start, local), _on_the_wall(end, local)
    ends = max(ends, begins + _MOMENT)
    for day in _dates(begins.date(), ends.date()):
        opens = datetime.combine(day, EVENING if evenings else time.min)
        closes = datetime.combine(day + timedelta(days=1), time.min)
        if begins < closes and ends > opens:
            yield day


def _on_the_wall(instant: datetime, local: tzinfo) -> datetime:
    """What clocks in the person's zone show; a time without a zone is theirs already."""
    return instant if instant.tzinfo is None else instant.astimezone(local).replace(tzinfo=None)


def _dates(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _repeats_within_a_day(event: Any) -> bool:
    """Whether following it would take more steps than its days are worth."""
    given = event.get("RRULE")
    rules: list[Any] = given if isinstance(given, list) else [given] if given else []
    for rule in rules:
        frequency = {str(value).upper() for value in rule.get("FREQ", ())}
        times = 1
        for part in _BY_CLOCK:
            times *= max(1, len(rule.get(part, ())))
        if frequency & _WITHIN_A_DAY or times > _MOST_A_DAY:
            return True
    return False
