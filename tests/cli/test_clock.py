"""`tourpad clock`: the time of a home, which whatever runs on it follows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.command import Command
from tourpad.core.clock import HomeClock


@pytest.fixture
def here(cli: Command, tmp_path: Path) -> Command:
    """Commands on a home of their own, whose clock nobody has set."""
    cli.environment |= {"TOURPAD_HOME": str(tmp_path), "TOURPAD_CLOCK": ""}
    return cli


def _far(clock: HomeClock) -> timedelta:
    return clock.now() - datetime.now(UTC)


def test_what_runs_already_follows_and_time_goes_on(here: Command, tmp_path: Path) -> None:
    running = HomeClock(tmp_path / "clock")
    assert abs(_far(running)) < timedelta(seconds=1)
    assert here("clock", "show", "--json").json["is_moved"] is False
    assert here("clock", "move", "30d").exit_code == 0
    assert abs(_far(running) - timedelta(days=30)) < timedelta(seconds=30)
    before = running.now()
    assert running.now() > before
    moved = here("clock", "move", "90m", "--json").json
    assert datetime.fromisoformat(moved["now"]) - datetime.fromisoformat(moved["from"]) == timedelta(minutes=90)
    assert "30 days ahead of this machine" in here("clock", "show").stdout


def test_there_is_no_way_back_and_none_beside_a_set_clock(here: Command, tmp_path: Path) -> None:
    for to in ("2020-01-01", "0d", "soon"):
        assert here("clock", "move", to).exit_code == 2
    here.environment["TOURPAD_CLOCK"] = "2026-12-01T09:00:00Z"
    refused = here("clock", "move", "1d")
    assert (refused.exit_code, "TOURPAD_CLOCK" in refused.stderr) == (4, True)
    here.environment |= {"TOURPAD_CLOCK": "", "TOURPAD_ENV": "staging"}
    assert here("clock", "move", "1d").exit_code == 4
    assert not (tmp_path / "clock").exists()
