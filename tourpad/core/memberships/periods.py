"""Months and years counted from an anchor, as Stripe counts them: the 31st comes back after a short month. In UTC."""

import calendar
from datetime import date, datetime, timedelta
from typing import Final

MONTHS: Final = {"month": 1, "year": 12}


def add_months(anchor: datetime, months: int) -> datetime:
    """So many months after an anchor; a day that the month lacks becomes its last one."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def extended(*, anchor: datetime, end: datetime, interval: str) -> datetime:
    """The end of a membership that is prolonged by an interval, counted from where it began.

    Counted from the anchor, so that one begun on 31 January, over on 28 February and prolonged by a month lasts
    until 31 March. An end that lies on no step from the anchor is an anchor of its own.
    """
    steps = (end.year - anchor.year) * 12 + end.month - anchor.month
    if steps < 0 or add_months(anchor, steps) != end:
        anchor, steps = end, 0
    return add_months(anchor, steps + MONTHS[interval])


def last_day(end: datetime) -> date:
    """The last day on which something is open that ends at an instant: of midnight it is the day before."""
    return (end - timedelta(microseconds=1)).date()
