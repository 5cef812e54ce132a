"""The databases that tests run on: one server a run, one migrated template, clones of it.

A clone that a test has done with is emptied and lent to the next one (10 ms of work instead of 200 for a fresh one),
unless the test changed more than rows.

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


class TestServer:
    """A PostgreSQL server on which tests may make and drop databases."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url
        self._template: str | None = None
        self._fresh: tuple[object, ...] | None = None
        self._clones: set[str] = set()
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
        return self.address(name)

    def empty(self) -> str:
        """Make a database without any table and answer its address."""
        name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
        with self._admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)

    def drop(self, url: str) -> None:
        """Be done with a database. A clone of the template that can be emptied serves again; any other is dropped."""
        if url in self._clones and self._emptied(url):
            self._free.append(url)
            return
        self._clones.discard(url)
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

    def _emptied(self, url: str) -> bool:
        """Take back what a test wrote; whether the database is like the template again."""
        try:
            with psycopg.connect(url, autocommit=True) as database:
                if not _alone(database):
                    return False  # somebody may still be writing
                database.execute(_EMPTY)
                return database.execute(_SHAPE).fetchone() == self._fresh
        except psycopg.Error:
            return False  # no superuser, or no such database any more

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
"""All but the rows that `_EMPTY` deletes. A test that changed any of it (DDL, settings, statistics, a plan) or that
wrote very much leaves a database that does not serve again."""


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
