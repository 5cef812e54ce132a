"""Which days a report is about, and what its bars stand for."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.analytics import rules
from tourpad.core.analytics.rules import Span, Step
from tourpad.core.errors import InvalidInputError

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, Span(date(2026, 9, 2), TODAY)),
        (date(2026, 11, 30), None, Span(TODAY, TODAY)),
        (None, date(2026, 1, 1), Span(date(2025, 10, 4), date(2026, 1, 1))),
        (date(2026, 1, 1), date(2026, 12, 31), Span(date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_the_last_ninety_days_unless_told_otherwise(first: date | None, last: date | None, expected: Span) -> None:
    assert rules.span_of(first, last, today=TODAY) == expected


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 12, 1), None), (date(2026, 2, 2), date(2026, 2, 1)), (date(2016, 1, 1), None)]
)
def test_days_that_end_before_they_begin_or_are_too_many_are_refused(first: date, last: date | None) -> None:
    with pytest.raises(InvalidInputError):
        rules.span_of(first, last, today=TODAY)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 900), st.sampled_from(Step))
def test_each_day_is_in_one_bar_and_the_days_before_end_where_these_begin(first: date, days: int, step: Step) -> None:
    span = Span(first, first + timedelta(days=days - 1))
    assert span.days == days == span.before.days
    assert span.before.end == span.start
    begins = span.steps(step)
    assert begins == sorted(set(begins))
    assert begins[0] <= span.first
    assert begins[-1] <= span.last
    following = [*begins[1:], (begins[-1] + timedelta(days={"day": 1, "week": 7, "month": 31}[step.value]))]
    assert following[0] > span.first
    assert following[-1] > span.last
    lengths = {(b - a).days for a, b in pairwise(begins)}
    assert lengths <= {Step.DAY: {1}, Step.WEEK: {7}, Step.MONTH: {28, 29, 30, 31}}[step]
    assert step is not Step.WEEK or {day.weekday() for day in begins} == {0}


@pytest.mark.parametrize(
    ("days", "step"), [(1, Step.DAY), (31, Step.DAY), (32, Step.WEEK), (182, Step.WEEK), (183, Step.MONTH)]
)
def test_bars_are_few_enough_to_be_seen_at_once(days: int, step: Step) -> None:
    assert rules.step_for(Span(TODAY - timedelta(days=days - 1), TODAY)) is step


def test_more_bars_than_anybody_reads_are_refused() -> None:
    rules.check_steps(Span(TODAY - timedelta(days=119), TODAY), Step.DAY)
    with pytest.raises(InvalidInputError, match="more than 120"):
        rules.check_steps(Span(TODAY - timedelta(days=120), TODAY), Step.DAY)


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 0, None), (0, 3, 0), (1, 3, 33), (2, 3, 67), (1, 200, 1), (1, 201, 0), (7, 7, 100)]
)
def test_shares_are_whole_per_cent_and_nothing_has_none(part: int, whole: int, share: int | None) -> None:
    assert rules.percent(part, whole) == share
