"""What only reads asks the replica, where one is set; what changes or decides asks the database itself."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import settings_of
from tests.factories.profiles import make_artist
from tourpad.core.actors import operator
from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from tests.command import Command
    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock

ME = operator("test")
COUNT = text("SELECT count(*) FROM artists")


@pytest.fixture
def halves(
    server: "TestServer", database: str, environment: dict[str, str], tmp_path: Path, clock: "VirtualClock"
) -> "tuple[Platform, str]":
    """A platform whose replica is a database of its own, so that one sees who answered; and the replica's address."""
    replica = server.clone()
    given = {**environment, "DATABASE_URL": database, "DATABASE_REPLICA_URL": replica}
    return Platform.open(settings_of(given, tmp_path), clock=clock), replica


def test_search_and_reports_ask_the_replica(halves: "tuple[Platform, str]", server: "TestServer") -> None:
    platform, replica = halves
    try:
        with platform.work(ME) as work:
            make_artist(work)
            work.session.commit()
        counted: dict[str, int] = {}
        for name in ("work", "reading", "searching"):
            with getattr(platform, name)(ME) as work:
                counted[name] = work.session.execute(COUNT).scalar_one()
        assert counted == {"work": 1, "reading": 0, "searching": 0}
    finally:
        platform.close()
        server.drop(replica)


def test_what_only_reads_can_not_write_and_sees_one_moment(platform: Platform) -> None:
    with platform.reading(ME) as work:
        assert work.session.execute(COUNT).scalar_one() == 0
        with platform.work(ME) as other:
            make_artist(other)
            other.session.commit()
        assert work.session.execute(COUNT).scalar_one() == 0
        with pytest.raises(DBAPIError, match="read-only transaction"):
            work.session.execute(text("DELETE FROM artists"))
    with platform.work(ME) as work:  # the connection goes back as it was
        make_artist(work)
        work.session.commit()
        assert work.session.execute(COUNT).scalar_one() == 2


def test_the_doctor_knows_a_copy_from_another_database(cli: "Command", server: "TestServer") -> None:
    def seen(url: str | None) -> list[tuple[str, str]]:
        cli.environment |= {"DATABASE_REPLICA_URL": url} if url else {}
        parts = json.loads(cli("doctor", "--json").stdout)["parts"]
        return [(part["state"], part["seen"]) for part in parts if part["part"] == "replica"]

    assert seen(None) == []
    other = server.clone()
    assert seen(other) == [("warning", "a database of its own, no copy")]
    server.drop(other)
    ((state, said),) = seen(f"{other}_gone")
    assert state == "failed"
    assert "connection" in said
