"""The databases that tests run on: one server a run, one migrated template, clones of it.

Without `DATABASE_URL` the server is the embedded one, in a folder of its own that goes away with the run.
With it, databases named `tourpad_test_*` are made on that server; the template stays there for the next run,
named by what the migrations are.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import uuid
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

PREFIX = "tourpad_test_"
TEMPLATE_LOCK = 7_264_002
"""The advisory lock under which the template is made: the first worker does, the others wait."""


class TestServer:
    """A PostgreSQL server on which tests may make and drop databases."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url
        self._template: str | None = None

    @classmethod
    def start(cls, folder: Path) -> "TestServer":
        """Use `DATABASE_URL` where it is set, else start (or join) the embedded server under `folder`."""
        given = os.environ.get("DATABASE_URL")
        if given:
            return cls(given)
        from tourpad.core.database import embedded

        return cls(embedded.start(folder, database="postgres", fast=True))

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
        name = f"{PREFIX}{name or uuid.uuid4().hex[:12]}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name), sql.Identifier(of or self.template()), sql.SQL("file_copy")
        )
        with self._admin() as admin:
            admin.execute(statement)
        return self.address(name)

    def empty(self) -> str:
        """Make a database without any table and answer its address."""
        name = f"{PREFIX}{uuid.uuid4().hex[:12]}"
        with self._admin() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)

    def drop(self, url: str) -> None:
        """Drop a database that `clone` made, whoever is still connected to it."""
        name = urlsplit(url).path.lstrip("/")
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

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
