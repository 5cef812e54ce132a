"""The ground that tests stand on: what one does, the next does not see, and real commits are real."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.command import Command

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Settings
    from tourpad.core.work import Work

AUDITED = text("SELECT count(*) FROM audit_log")


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(work: "Work", turn: int) -> None:
    before = work.session.execute(AUDITED).scalar()
    work.audit("ground.touched", target_type="ground", turn=turn)
    work.commit()

    assert (before, work.session.execute(AUDITED).scalar()) == (0, 1)


def test_a_platform_commits_for_other_connections_to_see(platform: "Platform") -> None:
    from tourpad.core.actors import NOBODY

    with platform.work(NOBODY) as work:
        work.audit("ground.touched", target_type="ground")
        work.commit()
    with platform.work(NOBODY) as work:
        work.audit("ground.touched", target_type="ground")

    with platform.engine.connect() as connection:
        assert connection.execute(AUDITED).scalar() == 1


def test_a_platform_begins_empty(platform: "Platform") -> None:
    with platform.engine.connect() as connection:
        assert connection.execute(AUDITED).scalar() == 0


def test_the_clock_stands_until_it_is_moved(work: "Work", clock: "VirtualClock") -> None:
    assert work.now.isoformat() == "2026-03-01T12:00:00+00:00"

    clock.advance(timedelta(hours=36))

    assert work.now.isoformat() == "2026-03-03T00:00:00+00:00"


def test_settings_come_from_the_test_alone(settings: "Settings") -> None:
    assert (settings.env, settings.stripe_secret_key, settings.uses_sandbox) == ("test", None, True)


def test_the_command_runs_on_the_database_of_the_test(cli: Command) -> None:
    said = cli("db", "status", "--json")

    assert (said.exit_code, said.stderr, said.json["pending"]) == (0, "", [])


def test_a_command_that_does_not_exist_is_wrong_usage(cli: Command) -> None:
    said = cli("nothing-of-the-kind")

    assert (said.exit_code, said.stdout) == (2, "")
