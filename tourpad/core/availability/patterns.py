"""Days that come again (pure). They are dates on a wall calendar: no clock change can move them."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from tourpad.core.availability.states import AvailabilityKind, Repeats, Weekday
from tourpad.core.values import Value

WEEKDAYS: tuple[str, ...] = tuple(Weekday)
"""In the order of `date.weekday()`."""

LAST = -1


class Pattern(Value, kw_only=True):
    """A pattern (the columns of `models.AvailabilityPattern` say what each part means)."""

    kind: AvailabilityKind
    repeats: Repeats
    starts_on: date
    ends_on: date | None = None
    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    every: int = 1
    note: str | None = None


def falls_on(pattern: Pattern, day: date) -> bool:
    """Whether a pattern falls on that day."""
    if day < pattern.starts_on or (pattern.ends_on is not None and day > pattern.ends_on):
        return False
    if pattern.repeats is Repeats.WEEKLY:
        weeks = (_monday(day) - _monday(pattern.starts_on)).days // 7
        return weeks % pattern.every == 0 and WEEKDAYS[day.weekday()] in pattern.weekdays
    months = (day.year - pattern.starts_on.year) * 12 + day.month - pattern.starts_on.month
    if months % pattern.every:
        return False
    is_last_week = (day + timedelta(days=7)).month != day.month
    if pattern.repeats is Repeats.MONTHLY_DAY:
        is_last_day = (day + timedelta(days=1)).month != day.month
        return day.day in pattern.month_days or (is_last_day and LAST in pattern.month_days)
    week = (day.day - 1) // 7 + 1
    return WEEKDAYS[day.weekday()] in pattern.weekdays and (
        week in pattern.weeks or (is_last_week and LAST in pattern.weeks)
    )


def kind_on(patterns: Iterable[Pattern], day: date) -> AvailabilityKind | None:
    """What patterns say of a day: blocked where any does, else open where any does, else nothing."""
    kinds = {pattern.kind for pattern in patterns if falls_on(pattern, day)}
    if AvailabilityKind.BLOCKED in kinds:
        return AvailabilityKind.BLOCKED
    return AvailabilityKind.OPEN if kinds else None


def days_between(first: date, last: date) -> Iterator[date]:
    """Each day from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
