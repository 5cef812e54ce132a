"""Time comes from one place, and can be moved where that is allowed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tourpad.core.clock import SharedClock, SystemClock, VirtualClock, clock_from, parse_instant
from tourpad.core.errors import ConfigurationError

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_virtual_clock_stands_still_until_moved() -> None:
    clock = VirtualClock(START)
    assert clock.now() == START
    assert clock.advance(timedelta(days=1)) == START + timedelta(days=1)
    clock.set(START)
    assert clock.now() == START


def test_a_shared_clock_is_seen_by_another_reader(tmp_path: Path) -> None:
    mover = SharedClock(tmp_path / "clock", START)
    reader = SharedClock(tmp_path / "clock")
    mover.advance(timedelta(hours=5, microseconds=7))
    assert reader.now() == START + timedelta(hours=5, microseconds=7)


def test_a_shared_clock_that_is_let_go_flows_on_from_where_it_stood(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock", START)
    clock.let_go()
    first = clock.now()
    assert timedelta(0) <= first - START < timedelta(minutes=1)
    assert clock.now() >= first


def test_tourpad_clock_starts_the_process_at_an_instant() -> None:
    clock = clock_from("2026-12-01T09:00:00Z")
    assert timedelta(0) <= clock.now() - datetime(2026, 12, 1, 9, tzinfo=UTC) < timedelta(minutes=1)


def test_without_a_setting_it_is_the_machines_time() -> None:
    assert abs(clock_from(None).now() - SystemClock().now()) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-01", "2026-12-01T09:00:00", "2026-13-01T09:00:00Z"])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        clock_from(text)
    assert text in caught.value.message
    assert "2026-12-01T09:00:00Z" in str(caught.value.hint)


def test_instants_of_other_zones_become_utc() -> None:
    assert parse_instant("2026-12-01T09:00:00+02:00") == datetime(2026, 12, 1, 7, tzinfo=UTC)
