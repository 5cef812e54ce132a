"""The two servers: TourPad as it is deployed, and the bare framework with the same statements and the same bytes."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.processes import MB

SECRET = "a secret of the benchmark that is long enough to sign with"  # noqa: S105 - of people who do not exist
PATIENCE = 60


@dataclass
class Server:
    """A process that answers."""

    process: "subprocess.Popen[bytes]"
    port: int
    seconds: float
    """From its start to its first answer."""
    cpu_seconds: float
    """Of a core, until then."""

    def memory_mb(self) -> float:
        """What it holds now."""
        return psutil.Process(self.process.pid).memory_info().rss / MB

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def tourpad(url: str, folder: Path) -> Server:
    """`tourpad api serve`, limits and metrics on."""
    return _started(["-m", "tourpad", "api", "serve", "--port"], url, folder)


def timed(url: str, folder: Path) -> tuple[float, float]:
    """Seconds from a start of the API to its first answer, and those of CPU; it is stopped again."""
    server = tourpad(url, folder)
    server.stop()
    return server.seconds, server.cpu_seconds


def bare(url: str, folder: Path) -> Server:
    """Litestar and psycopg, and nothing else."""
    return _started(["-m", "bench.shows.bare"], url, folder)


def _started(arguments: list[str], url: str, folder: Path) -> Server:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "TOURPAD_HOME": str(folder / "home"),
        "TOURPAD_ENV": "test",
        "TOURPAD_SECRET": SECRET,
        "TOURPAD_GENERAL_RATE": "100000000",  # on, and never in the way
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # installed code is compiled once, not at each start
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments, str(port)], env=environment, stdout=subprocess.DEVNULL)
    while time.monotonic() < began + PATIENCE and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).is_success:
                used = psutil.Process(process.pid).cpu_times()
                return Server(process, port, time.monotonic() - began, used.user + used.system)
        time.sleep(0.01)
    raise TimeoutError(arguments[1])
