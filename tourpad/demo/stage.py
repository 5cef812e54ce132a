"""The real parts that the season is played on: PostgreSQL, migrations, the API and the Stripe sandbox as processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import text

from tourpad.core.clock import SharedClock
from tourpad.core.database import embedded, migrate
from tourpad.core.errors import ConfigurationError, RefusedError
from tourpad.core.platform import Platform
from tourpad.core.settings import Settings
from tourpad.core.values import replace

MARK = "tourpad demo"
"""The comment on a database that a demo made, and that a later one may make anew."""

PASSWORD_MEMORY_KIB = 512
"""Five hundred invented passwords need no protection, and real cost would be a minute of hashing."""

READY_WITHIN = 90.0
"""Seconds."""


@dataclass(slots=True)
class Stage:
    """What is running. Close it to stop it; the data stays."""

    platform: Platform
    clock: SharedClock
    api_url: str
    sandbox_url: str
    home: Path
    processes: list["subprocess.Popen[bytes]"]

    def close(self) -> None:
        """Stop the processes (the sandbox last: it holds the payments) and let the clock flow on from here."""
        self.clock.let_go()
        self.platform.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                _kill(process)


def set_up(settings: Settings, *, begins: datetime, record: Path | None = None) -> Stage:
    """Make an empty platform and start its processes.

    Raises:
        RefusedError: the database holds data that no demo made.
        ConfigurationError: a process did not start; the message says where its log is.
    """
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    url = settings.database_url or embedded.start(home, fast=True)
    _empty(url)
    for name in ("sandbox", "outbox", "stripe", "audit-anchors"):
        shutil.rmtree(home / name, ignore_errors=True)
    for leftover in home.glob("sandbox.sqlite3*"):
        leftover.unlink()
    clock = SharedClock(home / "clock", begins)
    api_port, sandbox_port = _free_ports(2)
    sandbox_url, api_url = f"http://127.0.0.1:{sandbox_port}", f"http://127.0.0.1:{api_port}"
    settings = replace(
        settings,
        database_url=url,
        stripe_secret_key=None,
        stripe_api_base=sandbox_url,
        base_url=api_url,
        password_memory_kib=PASSWORD_MEMORY_KIB,
    )
    environment = {
        "TOURPAD_HOME": str(home),
        "TOURPAD_CLOCK": f"file:{clock.path}",
        "TOURPAD_SECRET": ",".join(settings.secret),
        "TOURPAD_BASE_URL": api_url,
        "TOURPAD_RATE_LIMITS": "off",
        "TOURPAD_PASSWORD_MEMORY_KIB": str(PASSWORD_MEMORY_KIB),
        "DATABASE_URL": url,
    }
    recording = ["--record", str(record)] if record else []
    processes: list[subprocess.Popen[bytes]] = []
    try:
        # It needs no database, and starts while that is made ready.
        processes.append(
            _start(home, "sandbox", ["stripe", "sandbox", "--port", str(sandbox_port), *recording], environment)
        )
        migrate.upgrade(url)
        processes.append(
            _start(
                home,
                "api",
                ["api", "serve", "--port", str(api_port), "--workers", "2"],
                {**environment, "STRIPE_API_BASE": sandbox_url},
            )
        )
        _wait(f"{sandbox_url}/_sandbox/clock", processes[0], home / "sandbox.log")
        _wait(f"{api_url}/readyz", processes[1], home / "api.log")
    except BaseException:
        for process in processes:
            _kill(process)
        raise
    return Stage(
        platform=Platform(settings=settings, database_url=url, clock=clock),
        clock=clock,
        api_url=api_url,
        sandbox_url=sandbox_url,
        home=home,
        processes=processes[::-1],
    )


def _empty(url: str) -> None:
    """Clear a database that a demo made, or take an empty one and mark it."""
    from tourpad.core.database.engine import make_engine

    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            comment = connection.execute(
                text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
            ).scalar()
            tables = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
            people = 0
            if tables and connection.execute(text("SELECT to_regclass('users')")).scalar():
                people = connection.execute(text("SELECT count(*) FROM users")).scalar_one()
            if people and comment != MARK:
                msg = f"The database holds {people} people whom no demo made. It stays as it is."
                raise RefusedError(msg, hint="Play in a folder of its own:  TOURPAD_HOME=~/tourpad-demo tourpad demo")
            if tables:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            name = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
            connection.execute(text(f"COMMENT ON DATABASE {name} IS '{MARK}'"))
    finally:
        engine.dispose()


def _start(home: Path, name: str, command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """One process of ours, its output in a log under the home."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE_", "SENDGRID_"))}
    with (home / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tourpad", *command],
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its workers, which it leads since it was started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    with httpx.Client(timeout=2, trust_env=False) as client:  # one: each reads all certificates of the machine
        while time.monotonic() < end and process.poll() is None:
            with suppress(httpx.TransportError):
                if client.get(url).is_success:
                    return
            time.sleep(0.05)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    msg = f"{log.stem} did not start: {lines[-1] if lines else 'it said nothing'}"
    raise ConfigurationError(msg, hint=f"All that it said is in {log}.")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [int(s.getsockname()[1]) for s in sockets]
    finally:
        for s in sockets:
            s.close()
