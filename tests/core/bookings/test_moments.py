"""Local times on the days on which clocks change, and on the others."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.bookings.moments import end_of, local_clock, local_instant, local_today

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "America/Anchorage",
)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        (date(2026, 3, 7), time(19, 30), "America/New_York", "2026-03-08T00:30:00+00:00"),
        (SPRING, time(19, 30), "America/New_York", "2026-03-08T23:30:00+00:00"),
        (SPRING, time(1, 59), "America/New_York", "2026-03-08T06:59:00+00:00"),
        (SPRING, time(2, 30), "America/New_York", "2026-03-08T07:30:00+00:00"),  # skipped: 03:30
        (SPRING, time(3), "America/New_York", "2026-03-08T07:00:00+00:00"),
        (AUTUMN, time(1, 30), "America/New_York", "2026-11-01T05:30:00+00:00"),  # twice: the first
        (AUTUMN, time(2), "America/New_York", "2026-11-01T07:00:00+00:00"),
        (AUTUMN, time(19, 30), "America/New_York", "2026-11-02T00:30:00+00:00"),
        (SPRING, time(2, 30), "America/Phoenix", "2026-03-08T09:30:00+00:00"),
    ],
)
def test_the_offset_is_that_of_the_day(day: date, at: time, zone: str, utc: str) -> None:
    assert local_instant(day, at, zone).isoformat() == utc


def test_a_skipped_time_is_shown_as_clocks_will_show_it() -> None:
    assert local_clock(local_instant(SPRING, time(2, 30), "America/New_York"), "America/New_York") == time(3, 30)


@pytest.mark.parametrize(
    ("day", "starts", "shown"),
    [
        (SPRING, time(1, 30), time(3, 30)),
        (AUTUMN, time(0, 30), time(1, 30)),
        (date(2026, 6, 1), time(23, 30), time(0, 30)),
    ],
)
def test_a_show_lasts_the_minutes_that_pass(day: date, starts: time, shown: time) -> None:
    instant = local_instant(day, starts, "America/New_York")
    ends = end_of(instant, 60)
    assert (ends - instant, local_clock(ends, "America/New_York")) == (timedelta(hours=1), shown)


@given(
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    at=st.times().map(lambda t: t.replace(microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_there_and_back_is_the_same_but_for_skipped_times(day: date, at: time, zone: str) -> None:
    instant = local_instant(day, at, zone)
    back = instant.astimezone(ZoneInfo(zone))
    if (back.date(), back.time()) != (day, at):
        assert back.replace(tzinfo=None) - datetime.combine(day, at) == timedelta(hours=1)
    assert instant.tzinfo is UTC


def test_today_is_the_host_s() -> None:
    late = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    assert [local_today(late, zone).day for zone in ("America/New_York", "Pacific/Honolulu", "Asia/Tokyo")] == [1, 1, 2]
