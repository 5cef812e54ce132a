"""What may be said of days, calendars and trips, and what it comes to (pure)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tourpad.core.availability.patterns import WEEKDAYS, Pattern, days_between, kind_on
from tourpad.core.availability.states import AvailabilityKind, Because, Repeats
from tourpad.core.fields import Fields
from tourpad.core.gateways.calendars.addresses import PORTS, in_ascii, is_certainly_private
from tourpad.core.places import STATES, Town
from tourpad.core.values import Value

MOST_DAYS_AHEAD = 730
MOST_DAYS = 1_000
MOST_PATTERNS = 20
LONGEST_NOTE = 200
LONGEST_WINDOW = 400
"""Days that are shown at once."""

MOST_FEEDS = 10
LONGEST_FEED_NAME = 60

FEED_DAYS_AHEAD = 400
"""Days ahead for which a calendar's events are looked at."""
FEED_DAYS_KEPT = 370
"""While at least so many lie ahead, a calendar that has not changed is not read anew."""
FEED_EVERY = timedelta(hours=3)
FEED_LONGEST_PAUSE = timedelta(hours=24)
FEED_TELL_AFTER = 3
"""Failures in a row after which the owner is told."""
FEED_STOP_AFTER = 40
"""Failures in a row, more than a month of them, after which nobody tries any more."""

MOST_TRIPS = 30
"""Of one artist, that are not over."""
LONGEST_TRIP_DAYS = 92
RADIUS_MILES = (5, 300)
LONGEST_TRIP_NOTE = 1_000

PATTERN_FIELDS = frozenset(
    {"kind", "repeats", "weekdays", "month_days", "weeks", "every", "starts_on", "ends_on", "note"}
)


class Standing(Value):
    """What one day is, and where that comes from; no kind where nothing is said of it."""

    day: date
    kind: AvailabilityKind | None
    because: Because | None


class Calendar(Value):
    """All that is known of one person's days."""

    days: Mapping[date, AvailabilityKind] = msgspec.field(default_factory=dict[date, AvailabilityKind])
    """Their own word on single days."""
    busy: Collection[date] = frozenset()
    """By calendars kept elsewhere."""
    patterns: tuple[Pattern, ...] = ()
    booked: Collection[date] = frozenset()
    """Held by confirmed shows; given by whoever knows of shows."""

    def on(self, day: date) -> Standing:
        """How one day stands. A show counts most, then a person's word on the day, their feeds, their patterns."""
        if day in self.booked:
            return Standing(day, AvailabilityKind.BLOCKED, Because.SHOW)
        if day in self.days:
            return Standing(day, self.days[day], Because.DAY)
        if day in self.busy:
            return Standing(day, AvailabilityKind.BLOCKED, Because.FEED)
        kind = kind_on(self.patterns, day)
        return Standing(day, kind, Because.PATTERN if kind else None)

    def between(self, first: date, last: date) -> list[Standing]:
        """Each day from `first` to `last`, both included."""
        return [self.on(day) for day in days_between(first, last)]

    def may_be_asked(self, day: date) -> bool:
        """Whether nothing speaks against a day."""
        return self.on(day).kind is not AvailabilityKind.BLOCKED


def check_days(
    found: Fields, *, open_dates: Collection[date], blocked_dates: Collection[date], first: date, last: date
) -> None:
    """Remember faults of what is said of single days."""
    for name, days in (("open_dates", open_dates), ("blocked_dates", blocked_dates)):
        if len(days) > MOST_DAYS:
            found.wrong(name, f"has more than {MOST_DAYS:,} entries")
        if any(not first <= day <= last for day in days):
            found.wrong(name, f"must lie between {first} and {last}")
    both = set(open_dates) & set(blocked_dates)
    if both:
        found.wrong("blocked_dates", f"{min(both)} is also among the open dates")


def check_patterns(found: Fields, given: Collection[Mapping[str, Any]], *, first: date, last: date) -> list[Pattern]:
    """Patterns in clean form; faults are remembered with the pattern's number.

    Args:
        found: where to remember faults.
        given: names and values of each.
        first: the earliest day that matters; a pattern without a beginning begins then.
        last: the latest day that one may end on.
    """
    if len(given) > MOST_PATTERNS:
        found.wrong("patterns", f"has more than {MOST_PATTERNS} entries")
        return []
    return [_pattern(found, f"patterns.{i}", values, first=first, last=last) for i, values in enumerate(given)]


def _pattern(found: Fields, at: str, values: Mapping[str, Any], *, first: date, last: date) -> Pattern:
    kind = found.choice(f"{at}.kind", values.get("kind"), AvailabilityKind) or AvailabilityKind.BLOCKED
    repeats = found.choice(f"{at}.repeats", values.get("repeats"), Repeats) or Repeats.WEEKLY
    starts_on: date = values.get("starts_on") or first
    ends_on: date | None = values.get("ends_on")
    if ends_on is not None and ends_on < starts_on:
        found.wrong(f"{at}.ends_on", "lies before its beginning")
    if starts_on > last or (ends_on is not None and ends_on > last + timedelta(days=MOST_DAYS_AHEAD)):
        found.wrong(f"{at}.starts_on" if starts_on > last else f"{at}.ends_on", "lies too far ahead")
    weekdays = _each(found, f"{at}.weekdays", values.get("weekdays"), WEEKDAYS)
    month_days = _each(found, f"{at}.month_days", values.get("month_days"), (*range(1, 32), -1))
    weeks = _each(found, f"{at}.weeks", values.get("weeks"), (1, 2, 3, 4, 5, -1))
    wanted = {
        Repeats.WEEKLY: {"weekdays"},
        Repeats.MONTHLY_DAY: {"month_days"},
        Repeats.MONTHLY_WEEKDAY: {"weekdays", "weeks"},
    }[repeats]
    for name, entries in (("weekdays", weekdays), ("month_days", month_days), ("weeks", weeks)):
        if name in wanted and not entries:
            found.wrong(f"{at}.{name}", f"is needed where it repeats {repeats}")
        elif name not in wanted and entries:
            found.wrong(f"{at}.{name}", f"has no meaning where it repeats {repeats}")
    note = values.get("note")
    return Pattern(
        kind=kind,
        repeats=repeats,
        starts_on=starts_on,
        ends_on=ends_on,
        weekdays=tuple(str(day) for day in weekdays),
        month_days=tuple(int(day) for day in month_days),
        weeks=tuple(int(week) for week in weeks),
        every=found.number(f"{at}.every", values.get("every") or 1, low=1, high=12),
        note=None if note is None else found.text(f"{at}.note", note, longest=LONGEST_NOTE),
    )


def check_feed(found: Fields, *, url: str, name: str | None) -> tuple[str, str | None]:
    """The address and the name of a calendar kept elsewhere. `webcal://` is how calendars say `https://`."""
    if url.lower().startswith("webcal://"):
        url = "https" + url[len("webcal") :]
    clean = found.url("url", url)
    if not found.errors:
        clean = _checked_address(found, clean)
    return clean, None if name is None else found.text("name", name, longest=LONGEST_FEED_NAME)


def _checked_address(found: Fields, url: str) -> str:
    try:
        url = in_ascii(url)
        parts = urlsplit(url)
    except ValueError:
        found.wrong("url", "must be a web address that begins with https://")
        return url
    if is_certainly_private(parts.hostname or ""):
        found.wrong("url", "is no address of the public internet")
    elif parts.port not in (None, *PORTS.values()):
        found.wrong("url", "must be on a port of the web, 80 or 443")
    return url


def pause_after(failures: int) -> timedelta:
    """How long until the next try, after so many failures in a row."""
    return min(FEED_EVERY * 2 ** min(failures, 10), FEED_LONGEST_PAUSE)


class TripPlan(Value, kw_only=True):
    """A trip as an artist gives it, in clean form."""

    state: str
    town: Town | None
    radius_miles: int | None
    starts_on: date
    ends_on: date
    note: str | None


def check_trip(
    found: Fields,
    *,
    state: str | None,
    town: Town | None,
    radius_miles: int | None,
    starts_on: date,
    ends_on: date,
    note: str | None,
    today: date,
) -> TripPlan:
    """A trip in clean form; faults are remembered.

    Args:
        found: where to remember them.
        state: two letters.
        town: where it is around, or nothing for the whole state.
        radius_miles: how far from the town.
        starts_on: its first day.
        ends_on: its last day.
        note: for hosts.
        today: nothing that is over can be planned.
    """
    if town is None and state is None:
        found.wrong("state", "is needed: a state, or a town in it")
    if town is None and radius_miles is not None:
        found.wrong("radius_miles", "needs a town to be measured from")
    if town is not None:
        low, high = RADIUS_MILES
        radius_miles = found.number("radius_miles", 50 if radius_miles is None else radius_miles, low=low, high=high)
    if ends_on < starts_on:
        found.wrong("ends_on", "lies before the first day")
    elif ends_on < today:
        found.wrong("ends_on", "lies in the past")
    elif (ends_on - starts_on).days >= LONGEST_TRIP_DAYS:
        found.wrong("ends_on", f"must be within {LONGEST_TRIP_DAYS} days of the first")
    if starts_on > today + timedelta(days=MOST_DAYS_AHEAD):
        found.wrong("starts_on", "must be within two years")
    return TripPlan(
        state=town.state if town else state or "",
        town=town,
        radius_miles=radius_miles,
        starts_on=starts_on,
        ends_on=ends_on,
        note=None
        if note is None or not note.strip()
        else found.text("note", note, longest=LONGEST_TRIP_NOTE, lines=True),
    )


def place_of(*, city: str | None, state: str, radius_miles: int | None) -> str:
    """Where a trip goes, in words: `Ohio`, or `within 50 miles of Dayton OH`."""
    return STATES.get(state, state) if city is None else f"within {radius_miles} miles of {city} {state}"


def _each(found: Fields, at: str, given: Iterable[Any] | None, allowed: tuple[Any, ...]) -> list[Any]:
    entries = list(dict.fromkeys(given or ()))
    if any(entry not in allowed for entry in entries):
        shown = ", ".join(str(value) for value in allowed) if len(allowed) < 10 else "1 to 31, or -1 for the last"  # noqa: PLR2004
        found.wrong(at, f"must be of {shown}")
        return []
    return entries
