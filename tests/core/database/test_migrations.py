"""The migrations and the models say the same, and every migration can be taken back."""

import re
import subprocess

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import TestServer
from tourpad.core.database import embedded, migrate
from tourpad.core.database.engine import driver_url, plain_url
from tourpad.core.database.likeness import require_extension
from tourpad.core.models import Base


def _schema(url: str) -> list[str]:
    """Tables, columns, indexes and constraints as PostgreSQL writes them; triggers and functions left out."""
    dump = subprocess.run(
        [embedded.program("pg_dump"), "--schema-only", "--no-owner", "--exclude-table=alembic_version", plain_url(url)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    statements = re.split(r";\n\n", re.sub(r"(?m)^(--.*|SET .*|SELECT pg_catalog.*|\\.*)$\n?", "", dump))
    kept: list[str] = []
    for statement in (s.strip() for s in statements):
        if statement.startswith("CREATE TABLE"):
            # The order of columns means nothing, and differs where a later migration added one.
            head, _, body = statement.partition("(\n")
            kept.append(head + " | ".join(sorted(line.strip().rstrip(",") for line in body.splitlines())))
        elif statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX", "ALTER TABLE")):
            kept.append(re.sub(r"\s+", " ", statement))
    return sorted(kept)


def test_the_migrations_make_what_the_models_say(server: TestServer, database: str) -> None:
    empty = server.empty()
    try:
        engine = create_engine(driver_url(empty))
        with engine.begin() as connection:
            require_extension(connection)
        Base.metadata.create_all(engine)
        engine.dispose()
        assert _schema(database) == _schema(empty)
    finally:
        server.drop(empty)


def test_every_migration_can_be_taken_back_and_applied_again(database: str) -> None:
    head = migrate.status(database).head
    for _ in migrate.migrations_folder().glob("versions/0*.py"):
        migrate.downgrade(database, "-1")
    assert migrate.status(database).current is None
    engine = create_engine(driver_url(database))
    with engine.connect() as connection:
        left = connection.execute(
            text(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE nspname = 'public' AND relname NOT LIKE 'alembic%'"
            )
        ).scalar_one()
        functions = connection.execute(
            text("SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'")
        ).scalar_one()
    engine.dispose()
    assert (left, functions) == (0, 0)
    migrate.upgrade(database)
    status = migrate.status(database)
    assert (status.current, status.pending) == (head, ())


@pytest.mark.parametrize("table", ["ledger_journals", "ledger_lines", "audit_log"])
def test_what_must_last_refuses_truncation(database: str, table: str) -> None:
    engine = create_engine(driver_url(database))
    with engine.connect() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    engine.dispose()
