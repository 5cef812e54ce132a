"""How a calendar is written (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
)

from tourpad.core.calendars import Days, Entry, Method, Sender, Standing

_PRODUCT: Final = "-//TourPad//House concerts//EN"
_STEP: Final = timedelta(days=7)
"""No zone changes its offset and changes it back within a week."""
_FIRST_EVENT: Final = b"\r\nBEGIN:VEVENT\r\n"
_SECOND: Final = timedelta(seconds=1)


def text_of(
    listed: Sequence[Entry | Days],
    *,
    name: str | None,
    method: Method | None,
    sender: Sender | None,
    refresh: timedelta | None,
) -> bytes:
    """A calendar's file; see `calendars.write`."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method is not None:
        calendar.add("method", method.value)
    if name is not None:
        calendar.add("x-wr-calname", name)
    if refresh is not None:
        calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(refresh))
    organizer = _organizer(sender) if sender is not None else None
    for entry in listed:
        calendar.add_component(_event(entry, organizer))
    written = calendar.to_ical()
    # Zones are the larger part of a small file, and always the same: they are written once and put in as they are.
    zones = b"".join(_zone(zone, first, last) for zone, first, last in _zones(listed))
    return written.replace(_FIRST_EVENT, b"\r\n" + zones + _FIRST_EVENT[2:], 1)


def _event(entry: Entry | Days, organizer: vCalAddress | None) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    if isinstance(entry, Entry):
        event.add("dtstart", _wall(entry.starts_at, entry.zone))
        event.add("dtend", _wall(entry.ends_at, entry.zone))
    else:
        event.add("dtstart", entry.first)
        event.add("dtend", entry.last + timedelta(days=1))
    event.add("summary", entry.summary)
    for key in ("description", "location", "url"):
        value = getattr(entry, key)
        if value:
            event.add(key, value)
    event.add("status", entry.standing.value)
    event.add("transp", "OPAQUE" if entry.is_busy and entry.standing is not Standing.CANCELLED else "TRANSPARENT")
    if organizer is not None:
        event.add("organizer", organizer)
    return event


def _organizer(sender: Sender) -> vCalAddress:
    address = vCalAddress(f"mailto:{sender.address}")
    address.params["CN"] = sender.name
    return address


def _wall(instant: datetime, zone: str) -> datetime:
    """An instant by the clock of its place.

    What clocks show twice in autumn means the first of the two where a zone is named (RFC 5545, 3.3.5); the second
    one can be said in UTC only.
    """
    local = instant.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    return instant.astimezone(UTC).replace(microsecond=0) if local.fold else local


def _zones(entries: Sequence[Entry | Days]) -> list[tuple[str, int, int]]:
    """Each zone that is named, with the first and the last year that its clocks matter for."""
    years: dict[str, list[int]] = {}
    for entry in entries:
        if isinstance(entry, Entry):
            moments = (_wall(entry.starts_at, entry.zone), _wall(entry.ends_at, entry.zone))
            years.setdefault(entry.zone, []).extend(moment.year for moment in moments if moment.tzinfo is not UTC)
    return [(zone, min(found), max(found)) for zone, found in sorted(years.items()) if found]


@lru_cache(maxsize=512)
def _zone(zone: str, first: int, last: int) -> bytes:
    """What a zone's clocks do from the beginning of one year to the end of another.

    icalendar has a writer of its own, which puts the beginning of summer time at what clocks show after they were
    moved; RFC 5545 (3.6.5) wants what they showed before: readers that believe it are an hour off for an hour.
    """
    clock = ZoneInfo(zone)
    begin = datetime(first, 1, 1, tzinfo=UTC) - timedelta(days=1)
    end = datetime(last + 1, 1, 1, tzinfo=UTC) + timedelta(days=1)
    component = Timezone()
    component.add("tzid", zone)
    component.add_component(_observance(begin, begin.astimezone(clock), begin.astimezone(clock)))
    for moment in _changes(clock, begin, end):
        before, after = (moment - _SECOND).astimezone(clock), moment.astimezone(clock)
        component.add_component(_observance(moment, before, after))
    return component.to_ical()


def _observance(moment: datetime, before: datetime, after: datetime) -> Component:
    offset_before, offset_after = before.utcoffset(), after.utcoffset()
    if offset_before is None or offset_after is None:
        raise AssertionError(after)  # both are aware
    observance = TimezoneDaylight() if after.dst() else TimezoneStandard()
    observance.add("dtstart", (moment + offset_before).replace(tzinfo=None))
    observance.add("tzoffsetfrom", offset_before)
    observance.add("tzoffsetto", offset_after)
    observance.add("tzname", after.tzname() or "")
    return observance


def _changes(clock: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """The instants at which a zone's offset changes, to the second."""
    steps = [begin]
    while steps[-1] < end:
        steps.append(min(steps[-1] + _STEP, end))
    found: list[datetime] = []
    for early, late in pairwise(steps):
        low, high = early, late
        if low.astimezone(clock).utcoffset() == high.astimezone(clock).utcoffset():
            continue
        while high - low > _SECOND:
            middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
            if middle.astimezone(clock).utcoffset() == low.astimezone(clock).utcoffset():
                low = middle
            else:
                high = middle
        found.append(high)
    return found
