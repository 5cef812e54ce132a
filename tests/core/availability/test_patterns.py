"""Patterns are dates on a wall calendar: held against a slow and plain reckoning, and against clock changes."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.availability.patterns import WEEKDAYS, Pattern, days_between, falls_on, kind_on
from tourpad.core.availability.rules import Calendar
from tourpad.core.availability.states import AvailabilityKind, Because, Repeats

OPEN, BLOCKED = AvailabilityKind.OPEN, AvailabilityKind.BLOCKED
YEAR = list(days_between(date(2026, 1, 1), date(2026, 12, 31)))


def days(pattern: Pattern, within: list[date] = YEAR) -> list[str]:
    return [f"{day:%d.%m}" for day in within if falls_on(pattern, day)]


def weekly(*weekdays: str, since: date, until: date | None = None, every: int = 1) -> Pattern:
    return Pattern(kind=OPEN, repeats=Repeats.WEEKLY, weekdays=weekdays, starts_on=since, ends_on=until, every=every)


def monthly(*weeks: int, on: str, until: date) -> Pattern:
    repeats = Repeats.MONTHLY_WEEKDAY
    return Pattern(kind=OPEN, repeats=repeats, weekdays=(on,), weeks=weeks, starts_on=YEAR[0], ends_on=until)


def by_day(*month_days: int, since: date, until: date | None = None, every: int = 1) -> Pattern:
    repeats = Repeats.MONTHLY_DAY
    return Pattern(kind=BLOCKED, repeats=repeats, month_days=month_days, starts_on=since, ends_on=until, every=every)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (weekly("fr", "sa", since=date(2026, 3, 5), until=date(2026, 3, 14)), ["06.03", "07.03", "13.03", "14.03"]),
        # every second Sunday, over the change of the clocks on 8 March
        (weekly("su", since=date(2026, 3, 1), until=date(2026, 3, 31), every=2), ["01.03", "15.03", "29.03"]),
        # the week of the beginning counts, although its Monday has passed
        (weekly("mo", "sa", since=date(2026, 3, 4), until=date(2026, 3, 21), every=2), ["07.03", "16.03", "21.03"]),
        (by_day(31, -1, since=YEAR[0], until=date(2026, 4, 30)), ["31.01", "28.02", "31.03", "30.04"]),
        (monthly(1, -1, on="fr", until=date(2026, 2, 28)), ["02.01", "30.01", "06.02", "27.02"]),
        # a fifth Friday is not in every month
        (monthly(5, on="fr", until=date(2026, 6, 30)), ["30.01", "29.05"]),
        (by_day(15, since=date(2026, 2, 20), every=3), ["15.05", "15.08", "15.11"]),
    ],
)
def test_days_that_come_again(pattern: Pattern, expected: list[str]) -> None:
    assert days(pattern) == expected


@given(
    starts_on=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    weekdays=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    every=st.integers(1, 12),
)
def test_weeks_go_on_as_one_counts_them_on_a_wall(starts_on: date, weekdays: set[str], every: int) -> None:
    pattern = Pattern(kind=OPEN, repeats=Repeats.WEEKLY, weekdays=tuple(weekdays), every=every, starts_on=starts_on)
    expected: set[date] = set()
    monday = starts_on - timedelta(days=starts_on.weekday())
    for _ in range(60):
        expected |= {monday + timedelta(days=n) for n in range(7) if WEEKDAYS[n] in weekdays}
        monday += timedelta(weeks=every)
    window = list(days_between(starts_on - timedelta(days=10), starts_on + timedelta(days=400)))
    assert [d for d in window if falls_on(pattern, d)] == sorted(d for d in expected if starts_on <= d <= window[-1])


@given(
    month=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    weekday=st.integers(0, 6),
    week=st.sampled_from([1, 2, 3, 4, 5, -1]),
)
def test_weeks_of_a_month_are_those_of_a_printed_calendar(month: date, weekday: int, week: int) -> None:
    first = month.replace(day=1)
    pattern = Pattern(
        kind=OPEN, repeats=Repeats.MONTHLY_WEEKDAY, weekdays=(WEEKDAYS[weekday],), weeks=(week,), starts_on=first
    )
    column = [w[weekday] for w in calendar.monthcalendar(first.year, first.month) if w[weekday]]
    expected = column[week - 1 : week] if week > 0 else column[-1:]
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    assert [d.day for d in days_between(first, last) if falls_on(pattern, d)] == expected


def test_a_blocked_pattern_counts_more_than_an_open_one() -> None:
    fridays = Pattern(kind=OPEN, repeats=Repeats.WEEKLY, weekdays=("fr",), starts_on=YEAR[0])
    firsts = Pattern(kind=BLOCKED, repeats=Repeats.MONTHLY_DAY, month_days=(1,), starts_on=YEAR[0])
    assert kind_on([fridays, firsts], date(2026, 5, 1)) is BLOCKED  # a Friday
    assert kind_on([fridays, firsts], date(2026, 5, 8)) is OPEN
    assert kind_on([fridays, firsts], date(2026, 5, 9)) is None


def test_a_show_counts_most_then_a_word_on_the_day_then_feeds_then_patterns() -> None:
    fridays = Pattern(kind=BLOCKED, repeats=Repeats.WEEKLY, weekdays=("fr",), starts_on=YEAR[0])
    days = [date(2026, 5, d) for d in (1, 8, 15, 22, 23, 24)]
    known = Calendar(
        patterns=(fridays,),
        busy={days[1], days[2], days[0], days[4]},
        days={days[0]: OPEN, days[2]: OPEN},
        booked={days[0]},
    )
    assert [(known.on(day).kind, known.on(day).because) for day in days] == [
        (BLOCKED, Because.SHOW),
        (BLOCKED, Because.FEED),
        (OPEN, Because.DAY),
        (BLOCKED, Because.PATTERN),
        (BLOCKED, Because.FEED),
        (None, None),
    ]
    assert [known.may_be_asked(day) for day in days] == [False, False, True, False, False, True]
