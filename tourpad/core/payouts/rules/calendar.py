"""Business days as Stripe counts them: no weekends, no holidays of the Federal Reserve's banks."""

from datetime import date, datetime, timedelta

SATURDAY = 5
SUNDAY = 6
_MONDAY = 0
_THURSDAY = 3
_DAY = timedelta(days=1)


def bank_holidays(year: int) -> frozenset[date]:
    """The days of a year on which the Federal Reserve's banks are closed.

    A holiday on a Sunday is kept on the Monday after; on a Saturday the banks simply have their weekend
    (https://www.federalreserve.gov/aboutthefed/k8.htm).
    """
    fixed = (date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25))
    moving = (
        _nth(year, 1, _MONDAY, 3),  # Martin Luther King Jr.
        _nth(year, 2, _MONDAY, 3),  # Washington
        _nth(year, 6, _MONDAY, 1) - 7 * _DAY,  # Memorial Day, the last Monday of May
        _nth(year, 9, _MONDAY, 1),  # Labor Day
        _nth(year, 10, _MONDAY, 2),  # Columbus
        _nth(year, 11, _THURSDAY, 4),  # Thanksgiving
    )
    return frozenset((*(day + _DAY if day.weekday() == SUNDAY else day for day in fixed), *moving))


def is_business_day(day: date) -> bool:
    """Whether banks work on that day."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def business_days_after(instant: datetime, days: int) -> datetime:
    """The same time of day, `days` business days later, in the instant's own time zone (UTC here)."""
    day = instant.date()
    left = days
    while left:
        day += _DAY
        left -= is_business_day(day)
    return instant + (day - instant.date())


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The `count`-th `weekday` of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
