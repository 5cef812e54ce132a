"""The ground that tests stand on: what one does, the next does not see, and real commits are real."""

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tests.command import Command
from tests.postgres import TestServer

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


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table, and where every sequence stands."""
    import psycopg

    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = {
            name: sorted(str(row) for row in connection.execute(f'SELECT t::text FROM "{name}" t'.encode()))  # noqa: S608
            for (name,) in tables
        }
        rows["sequences"] = sorted(
            str(r) for r in connection.execute("SELECT sequencename, last_value FROM pg_sequences")
        )
        return rows


def test_a_database_serves_again_as_if_nobody_had_been_there(server: TestServer) -> None:
    import psycopg

    from tourpad.core.identity.models import User

    url = server.clone()
    fresh = everything(url)
    with psycopg.connect(url) as connection:  # tables that refuse it, and tables that refer to each other
        connection.execute(
            "INSERT INTO audit_log (id, at, actor_kind, actor_label, action, target_type, details)"
            " VALUES (gen_random_uuid(), now(), 'operator', 'test', 'ground.touched', 'ground', '{}')"
        )
        connection.execute("SELECT nextval('stripe_looks')")
        connection.execute("UPDATE membership_plans SET amount_cents = amount_cents + 1")  # these came with migrations
    assert User.__tablename__ in fresh
    assert everything(url) != fresh
    server.drop(url)
    assert server.clone() == url
    assert everything(url) == fresh
    server.drop(url)


def test_what_is_written_in_one_database_can_be_written_into_another(server: TestServer) -> None:
    import psycopg

    url = server.clone()
    fresh = everything(url)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO audit_log (id, at, actor_kind, actor_label, action, target_type, details)"
            " VALUES (gen_random_uuid(), now(), 'operator', 'test', 'ground.touched', 'ground', '{\"a\": 1}')"
        )
        connection.execute("SELECT nextval('stripe_looks'), nextval('stripe_looks')")
        connection.execute("UPDATE membership_plans SET stripe_price_id = 'price_1' WHERE interval = 'year'")
    lived_in, rows = everything(url), server.rows(url)
    another = server.written(rows)
    named = server.clone("named")
    assert lived_in != everything(named) == fresh
    assert everything(another) == everything(server.written(rows, into=named)) == lived_in
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD COLUMN left_behind text")
    assert server.written(rows, into=named) == named
    assert everything(server.written(rows, into=named)) == lived_in
    copy = server.clone(of=urlsplit(named).path.lstrip("/"))
    assert everything(copy) == lived_in
    for each in (url, another, named, copy):
        server.drop(each)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE left_behind ()",
        "ALTER TABLE users ADD COLUMN left_behind text",
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only",
        "UPDATE alembic_version SET version_num = '0002_identity'",
        "DROP INDEX ix_concert_search_date",
        "ANALYZE membership_plans",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$",
    ],
)
def test_a_database_that_was_changed_in_more_than_rows_does_not_serve_again(server: TestServer, change: str) -> None:
    import psycopg

    url = server.clone()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change.encode())
    server.drop(url)
    another = server.clone()
    assert another != url
    server.drop(another)


def test_an_engine_serves_as_long_as_its_database_and_no_longer(server: TestServer) -> None:
    url = server.clone()
    engine = server.engine(url, pool_size=5)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    server.drop(url)
    assert server.clone() == url
    assert server.engine(url, pool_size=5) is engine
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users ADD COLUMN left_behind text")
    engine.dispose()
    server.drop(url)
    assert server.engine(url, pool_size=5) is not engine


def test_a_database_that_somebody_still_uses_does_not_serve_again(server: TestServer) -> None:
    import psycopg

    url = server.clone()
    with psycopg.connect(url) as connection:
        server.drop(url)
        with pytest.raises(psycopg.OperationalError):  # it is gone under their feet
            connection.execute("SELECT 1")
    another = server.clone()
    assert another != url
    server.drop(another)


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
