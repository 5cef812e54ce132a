"""`tourpad api serve` as a process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from tests import plain_http

if TYPE_CHECKING:
    from tests.command import Command

SERVE = (sys.executable, "-c", "from tourpad.cli.main import run; run()", "api", "serve", "--port", "0")


@contextmanager
def serving(cli: "Command", *more: str) -> "Generator[tuple[str, subprocess.Popen[str]]]":
    """The server, and where it listens."""
    with subprocess.Popen(
        [*SERVE, *more],
        env={**os.environ, **cli.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            assert f"docs  {found[0]}/docs" in line
            yield found[0], process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def refusal(cli: "Command", port: str) -> "subprocess.CompletedProcess[str]":
    """What a server says that can't begin."""
    environment = {**os.environ, **cli.environment}
    return subprocess.run([*SERVE[:-1], port], env=environment, capture_output=True, text=True, check=False)


def answered(url: str) -> httpx.Response:
    """The first answer of a server that may still be starting."""
    for _ in range(200):
        with suppress(httpx.TransportError):
            return plain_http.get(url, timeout=10)
        time.sleep(0.1)
    raise AssertionError(url)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_stop(cli: "Command", stop: signal.Signals) -> None:
    with serving(cli) as (address, process):
        assert plain_http.get(f"{address}/readyz").json() == {"status": "ok", "problems": {}}
        response = plain_http.get(f"{address}/nowhere")
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
        assert "server" not in response.headers
        process.send_signal(stop)
        assert process.stdout is not None
        assert process.stdout.read() == "Stopped.\n"
        assert process.wait(20) == 0
    with pytest.raises(httpx.TransportError):
        plain_http.get(f"{address}/healthz")


def test_several_workers_share_their_metrics(cli: "Command") -> None:
    with serving(cli, "--workers", "2") as (address, _):
        assert answered(f"{address}/readyz").status_code == 200
        for _ in range(20):
            plain_http.get(f"{address}/healthz")
        line = 'tourpad_http_requests_total{method="GET",route="/healthz",status="200"} 20.0'
        assert line in plain_http.get(f"{address}/metrics").text


def test_a_database_without_tables_is_refused_with_a_hint(cli: "Command") -> None:
    from sqlalchemy import create_engine

    from tourpad.core.database.engine import driver_url

    engine = create_engine(driver_url(cli.environment["DATABASE_URL"]), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002_identity'")
    engine.dispose()
    refused = refusal(cli, "0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "0002_identity" in refused.stderr
    assert "tourpad db upgrade" in refused.stderr


def test_a_port_that_is_taken_is_one_line(cli: "Command") -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = refusal(cli, str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "address already in use" in refused.stderr


def test_the_newest_revision_is_the_one_that_alembic_knows() -> None:
    from alembic.script import ScriptDirectory

    from tourpad.core.database import migrate

    script = ScriptDirectory.from_config(migrate.config("postgresql://"))
    assert migrate.head_revision() == script.get_current_head()
