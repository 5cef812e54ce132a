"""The databases that tests run on: one server a run, one migrated template, clones of it.

A clone that a test has done with is emptied and lent to the next one (5 ms of work instead of 130 for a fresh one),
unless the test changed more than rows. Whoever empties it stays connected: what a backend first learns of so many
tables costs more than the work.

Without `DATABASE_URL` the server is the embedded one, in a folder of its own that goes away with the run.
With it, databases named `tourpad_test_*` are made on that server; the template stays there for the next run,
named by what the migrations are.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import time
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from sqlalchemy import Engine

PREFIX = "tourpad_test_"
TEMPLATE_LOCK = 7_264_002
"""The advisory lock under which the template is made: the first worker does, the others wait."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is written in a database: each table that holds anything, as COPY tells it, and how far sequences are."""

    tables: dict[str, bytes]
    counters: list[tuple[str, int]]


class TestServer:
    """A PostgreSQL server on which tests may make and drop databases."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url
        self._template: str | None = None
        self._fresh: tuple[object, ...] | None = None
        self._plans = ""
        self._clones: set[str] = set()
        self._keepers: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
        self._free: list[str] = []
        self._engines: dict[tuple[str, int, str], Engine] = {}

    @classmethod
    def start(cls, folder: Path) -> "TestServer":
        """Use `DATABASE_URL` where it is set, else start (or join) the embedded server under `folder`."""
        given = os.environ.get("DATABASE_URL")
        if given:
            return cls(given)
        from tourpad.core.database import embedded

        started = cls(embedded.start(folder, database="postgres", fast=True))
        with started._admin() as admin:
            # It would wake for every clone, and plans would depend on whether it came by.
            admin.execute("ALTER SYSTEM SET autovacuum = off")
            admin.execute("SELECT pg_reload_conf()")
        return started

    def template(self) -> str:
        """The name of a migrated database, made if nobody has made it yet."""
        if self._template is None:
            name = f"{PREFIX}template_{_migrations_hash()}"
            with self._admin() as admin:
                admin.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
                if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                    self._make_template(admin, name)
            self._template = name
        return self._template

    def clone(self, name: str = "", *, of: str | None = None) -> str:
        """Make a database like the template, or like another one (`of`: its name), and answer its address."""
        like_template = not name and of is None
        if like_template and self._free:
            return self._free.pop()
        if of is not None:
            self._leave(self.address(of))  # whoever copies a database wants nobody connected to it
        name = f"{PREFIX}{name or uuid.uuid4().hex[:12]}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name), sql.Identifier(of or self.template()), sql.SQL("file_copy")
        )
        with self._admin() as admin:
            admin.execute(statement)
        if like_template:
            self._clones.add(self.address(name))
            if self._fresh is None:
                # Of a clone, since whoever copies the template wants nobody connected to it.
                with psycopg.connect(self.address(name), autocommit=True) as fresh:
                    self._fresh = fresh.execute(_SHAPE).fetchone()
                    self._plans = _plans(fresh)
        return self.address(name)

    def empty(self) -> str:
        """Make a database without any table and answer its address."""
        name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
        with self._admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)

    def rows(self, url: str) -> Rows:
        """All that is written in a database like the template."""
        with psycopg.connect(url) as database:
            named = [str(name) for (name,) in database.execute(_WRITTEN)]
            tables: dict[str, bytes] = {}
            for name in named:
                with database.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)".encode()) as out:
                    tables[name] = b"".join(out)
            counters = [(str(name), value) for name, value in database.execute(_COUNTED)]
        return Rows(tables, counters)

    def written(self, rows: Rows, *, into: str | None = None) -> str:
        """The address of a clone in which all that is written: quicker (20 ms) than a copy of the database (300 ms).

        `into`: one that was made by its name before and that others are done with; it keeps its address.
        """
        if into is None:
            url = self.clone()
        elif self._emptied(url := into):
            pass
        else:
            self.drop(url)
            self.clone(urlsplit(url).path.removeprefix(f"/{PREFIX}"))
        self.write(rows, url)
        return url

    def write(self, rows: Rows, url: str) -> None:
        """Write all that into a clone in which nobody has written yet."""
        with psycopg.connect(url) as database:
            database.execute("SET session_replication_role = replica")  # the rows are right as they are
            database.execute("DELETE FROM membership_plans")
            for name, copied in rows.tables.items():
                with database.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)".encode()) as table:
                    table.write(copied)
            for name, value in rows.counters:
                database.execute("SELECT setval(%s::regclass, %s)", (name, value))

    def drop(self, url: str) -> None:
        """Be done with a database. A clone of the template that can be emptied serves again; any other is dropped."""
        if url in self._clones and self._emptied(url):
            self._free.append(url)
            return
        self._clones.discard(url)
        self._leave(url)
        for key in [key for key in self._engines if key[0] == url]:
            self._engines.pop(key).dispose()
        name = urlsplit(url).path.lstrip("/")
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def engine(self, url: str, *, pool_size: int, whose: str = "test") -> "Engine":
        """An engine on a clone, lent with it: what one test has compiled (1 ms a statement), the next one finds."""
        from tourpad.core.database.engine import make_engine

        key = (url, pool_size, whose)
        if key not in self._engines:
            self._engines[key] = make_engine(url, pool_size=pool_size)
        return self._engines[key]

    def close(self) -> None:
        """Drop the clones that wait for another test."""
        self._clones.clear()
        for url in self._free:
            self.drop(url)
        self._free.clear()
        for url in list(self._keepers):
            self._leave(url)  # of a test that failed before it dropped its own

    def _emptied(self, url: str) -> bool:
        """Take back what a test wrote; whether the database is like the template again."""
        try:
            if url not in self._keepers:
                self._keepers[url] = psycopg.connect(url, autocommit=True)
            keeper = self._keepers[url]
            if not _alone(keeper):
                return False  # somebody may still be writing
            keeper.execute(_EMPTY)
            if _plans(keeper) != self._plans:
                with keeper.transaction():
                    keeper.execute("DELETE FROM membership_plans")
                    keeper.execute(_PLANS_AGAIN, (self._plans,))
            return keeper.execute(_SHAPE).fetchone() == self._fresh
        except psycopg.Error:
            return False  # no superuser, or no such database any more

    def _leave(self, url: str) -> None:
        """End the connection by which a clone is emptied, if there is one."""
        if url in self._keepers:
            self._keepers.pop(url).close()

    def address(self, name: str) -> str:
        """The address of one database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def _make_template(self, admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
        from tourpad.core.database import migrate

        unfinished = f"{name}_new"
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        migrate.upgrade(self.address(unfinished))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )

    @contextlib.contextmanager
    def _admin(self) -> "Generator[psycopg.Connection[tuple[object, ...]]]":
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection


_EMPTY = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica; -- no foreign keys, no guards of append-only tables
        FOR name IN
            SELECT oid::regclass FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
              AND relname NOT IN ('alembic_version', 'membership_plans')
        LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
        FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'S' LOOP
            PERFORM setval(name::regclass, seqstart, false) FROM pg_sequence WHERE seqrelid = name::regclass;
        END LOOP;
    END $$
"""
_WRITTEN = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
      AND relname <> 'alembic_version'
"""
_COUNTED = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"
_PLANS_AGAIN = "INSERT INTO membership_plans SELECT * FROM json_populate_recordset(NULL::membership_plans, %s)"
"""The rows that migrations brought; a test of memberships has them told to Stripe, and so changed."""
_SHAPE = """
    SELECT (SELECT array_agg(version_num) FROM alembic_version),
        (SELECT array_agg(plans::text ORDER BY id) FROM membership_plans plans),
        (SELECT count(*) FROM pg_db_role_setting), (SELECT count(*) FROM pg_statistic),
        (SELECT sum(pg_relation_size(oid)) < 16e6 FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace),
        (SELECT array_agg((catalog, counted.rows, counted.writers)::text) FROM (
            SELECT 'class' AS catalog, count(*) AS rows, sum(xmin::text::bigint) AS writers FROM pg_class
            UNION ALL SELECT 'attribute', count(*), sum(xmin::text::bigint) FROM pg_attribute
            UNION ALL SELECT 'default', count(*), sum(xmin::text::bigint) FROM pg_attrdef
            UNION ALL SELECT 'constraint', count(*), sum(xmin::text::bigint) FROM pg_constraint
            UNION ALL SELECT 'index', count(*), sum(xmin::text::bigint) FROM pg_index
            UNION ALL SELECT 'type', count(*), sum(xmin::text::bigint) FROM pg_type
            UNION ALL SELECT 'function', count(*), sum(xmin::text::bigint) FROM pg_proc
            UNION ALL SELECT 'trigger', count(*), sum(xmin::text::bigint) FROM pg_trigger
            UNION ALL SELECT 'rule', count(*), sum(xmin::text::bigint) FROM pg_rewrite
            UNION ALL SELECT 'schema', count(*), sum(xmin::text::bigint) FROM pg_namespace
            UNION ALL SELECT 'extension', count(*), sum(xmin::text::bigint) FROM pg_extension
            UNION ALL SELECT 'large object', count(*), sum(xmin::text::bigint) FROM pg_largeobject_metadata
            UNION ALL SELECT 'publication', count(*), sum(xmin::text::bigint) FROM pg_publication
        ) counted)
"""
"""All but the rows that `_EMPTY` deletes. A test that changed any of it (DDL, settings, statistics) or that wrote very
much leaves a database that does not serve again."""


def _plans(database: "psycopg.Connection[tuple[object, ...]]") -> str:
    row = database.execute("SELECT json_agg(plans ORDER BY ctid)::text FROM membership_plans plans").fetchone()
    return str(row[0]) if row else ""


def _alone(database: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Whether nobody else is connected; closed connections take a moment to be gone."""
    for _ in range(25):
        others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if database.execute(others).fetchone() is None:
            return True
        time.sleep(0.004)
    return False


def _migrations_hash() -> str:
    from tourpad.core.database import migrate

    digest = hashlib.sha256()
    for path in sorted(migrate.migrations_folder().rglob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def remove_server(folder: Path) -> None:
    """Stop the embedded server of a run, if it still runs, and remove its folder."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        pid = int((folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        postmaster = psutil.Process(pid)
        postmaster.send_signal(signal.SIGQUIT)  # nothing in it is worth a checkpoint
        postmaster.wait(10)
    shutil.rmtree(folder, ignore_errors=True)
