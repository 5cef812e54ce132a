"""TourPad as strangers use it: processes, sockets and files. Nothing in here knows a module of the product."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import plain_http
from tests.postgres import TestServer, remove_server

PATIENCE = 120
"""Seconds until a command or server counts as stuck; the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a process left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """What it said on standard error."""
        return self.err.splitlines()


@dataclass(slots=True)
class Shell:
    """A terminal with some variables set."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def __call__(self, *arguments: str, timeout: float = PATIENCE, **more: str) -> Done:
        """Run `tourpad` with these arguments; `more` are variables for this one command."""
        done = subprocess.run(
            [sys.executable, "-m", "tourpad", *arguments],
            env=self.environment(more),
            cwd=self.home,  # no .env and no tourpad.toml of anybody's
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """The variables of a process: this machine's own, less what would name a database or a Stripe."""
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        path = f"{Path(__file__).resolve().parents[2]}{os.pathsep}{inherited.get('PYTHONPATH', '')}".rstrip(os.pathsep)
        return {**inherited, "PYTHONPATH": path, "TOURPAD_HOME": str(self.home), **self.variables, **more}

    @contextmanager
    def serving(self, *arguments: str, ready: str) -> Generator[None]:
        """Run a server until the block ends; it is ready when it answers there."""
        with (self.home / f"{arguments[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tourpad", *arguments],
                env=self.environment({}),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait(process, ready, self.home / f"{arguments[0]}.log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: "subprocess.Popen[bytes]", ready: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(httpx.TransportError):
            if plain_http.get(ready, timeout=5).is_success:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="module")
def home() -> Generator[Path]:
    """A folder whose path is short enough for a database's socket; a database left in it is stopped."""
    short = "/tmp" if len(tempfile.gettempdir()) > 50 and os.access("/tmp", os.W_OK) else None  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="tourpad-journey-", dir=short))
    yield folder
    remove_server(folder)


@pytest.fixture(scope="module")
def database_of_journey(server: TestServer) -> Generator[str]:
    """The address of an empty, migrated database, shared by the tests of a module."""
    url = server.clone()
    yield url
    server.drop(url)
