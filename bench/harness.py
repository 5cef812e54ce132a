"""What every benchmark needs: a database of its own, tables on the screen, numbers in a file."""

import importlib.metadata
import os
import platform as machine
import shutil
import statistics
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psutil
import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

VERSIONS = ("sqlalchemy", "psycopg", "stripe", "litestar")


class Report:
    """What a benchmark found, for people and for a file."""

    def __init__(self, name: str, n: int, options: Mapping[str, Any]) -> None:
        self.name = name
        self.n = n
        self._options = dict(options)
        self._results: dict[str, Any] = {}
        self._versions: dict[str, str] = {"python": machine.python_version()}
        self._versions |= {package: importlib.metadata.version(package) for package in VERSIONS}
        self._began = datetime.now(UTC)
        # Without a terminal: tab-separated lines, as every list of ours.
        self._console = Console()

    def server(self, version: str) -> None:
        """Note PostgreSQL's version."""
        self._versions["postgresql"] = version

    def say(self, text: str) -> None:
        """One line of progress, to the terminal only."""
        if self._console.is_terminal:
            self._console.print(f"[dim]{text}[/dim]")

    def table(
        self, key: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], note: str = ""
    ) -> None:
        """Show a table and keep its rows, one object each, under `key`."""
        self._results[key] = [dict(zip(columns, row, strict=True)) for row in rows]
        if not self._console.is_terminal:
            print(f"# {title}")
            print("\t".join(columns))
            for row in rows:
                print("\t".join(shown(value) for value in row))
            print(f"# {note}" if note else "", flush=True)
            return
        table = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
        for place, column in enumerate(columns):
            table.add_column(column, justify="left" if place == 0 else "right")
        for row in rows:
            table.add_row(*(shown(value) for value in row))
        self._console.print(table)

    def keep(self, key: str, value: Any) -> None:
        """Keep something that no table shows."""
        self._results[key] = value

    def save(self, folder: Path) -> Path:
        """Write it all to `NAME-N.json`; answers where."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.name}-{self.n}.json"
        document = {
            "name": self.name,
            "n": self.n,
            "options": self._options,
            "began_at": self._began,
            "ended_at": datetime.now(UTC),
            "machine": {
                "cores": os.cpu_count(),
                "memory_mb": psutil.virtual_memory().total // 2**20,
                "system": f"{machine.system()} {machine.machine()}",
                "load_before": os.getloadavg()[0],
            },
            "versions": self._versions,
            "results": self._results,
        }
        path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
        return path


class Bench:
    """A run's folder and its PostgreSQL server, both gone afterwards."""

    def __init__(self, report: Report, results: Path) -> None:
        self.report = report
        self.results = results
        """Where numbers are kept, those of earlier runs too."""
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        # A socket's path holds 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="tourpad-bench-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._server = os.environ.get("DATABASE_URL") or self._embedded()
        with psycopg.connect(self._server) as connection:
            self.report.server(str(connection.info.server_version))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def database(self) -> str:
        """A migrated database of its own; answers its address."""
        from tourpad.core.database import migrate

        name = f"tourpad_bench_{uuid.uuid4().hex[:10]}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        self._stack.callback(self._drop, name)
        url = urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))
        migrate.upgrade(url)
        return url

    def defer(self, action: Any, *arguments: Any) -> None:
        """Do this at the end, whatever happens."""
        self._stack.callback(action, *arguments)

    def _drop(self, name: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _embedded(self) -> str:
        from tourpad.core.database import embedded

        url = embedded.start(self.folder, database="postgres")
        self._stack.callback(_stop_server, self.folder / "postgres" / "postmaster.pid")
        return url


def shown(value: Any) -> str:
    """A number as people read it."""
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"  # noqa: PLR2004 - digits that mean something
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def median(values: Sequence[float]) -> float:
    """The middle one: what a noisy machine leaves of a truth."""
    return statistics.median(values)


def _stop_server(pid_file: Path) -> None:
    """Stop the server of this run, which holds nothing worth a checkpoint."""
    try:
        postmaster = psutil.Process(int(pid_file.read_text(encoding="ascii").split("\n", 1)[0]))
        postmaster.send_signal(3)  # SIGQUIT: at once
        postmaster.wait(10)
    except (OSError, ValueError, psutil.Error):
        return
