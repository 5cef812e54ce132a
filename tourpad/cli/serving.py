"""The process that answers requests: `tourpad api serve`, and what it becomes.

It holds neither the other commands nor what checks their options (Typer and pydantic): 14 MB that would stay for as
long as the API runs, and a sixth of its start. So the command line that starts it in production, `api serve` with its
options written out, is read here; any other is Typer's, which then becomes
`python -m tourpad.cli.serving HOST PORT WORKERS [--debug]`.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import Final, Never

from tourpad.core.values import Value

COMMAND: Final = ("api", "serve")
HOST: Final = "127.0.0.1"
PORT: Final = 8000
LAST_PORT: Final = 65_535
WORKERS: Final = 1
MOST_WORKERS: Final = 64


class Server(Value):
    """What is to listen where."""

    host: str = HOST
    port: int = PORT
    workers: int = WORKERS


def plainly_asked(words: Sequence[str]) -> Server | None:
    """The server that a command line asks for: `api serve`, and `--host`, `--port`, `--workers` each with its value.

    Nothing where it says anything else, or anything wrong: Typer reads it then, and explains.
    """
    command, options = tuple(words[:2]), words[2:]
    names, values = options[::2], options[1::2]
    if command != COMMAND or len(names) != len(values):
        return None
    given = dict(zip(names, values, strict=True))
    host = given.pop("--host", HOST)
    port = _number(given.pop("--port", str(PORT)), 0, LAST_PORT)
    workers = _number(given.pop("--workers", str(WORKERS)), 1, MOST_WORKERS)
    if given or not host or host.startswith("-") or port is None or workers is None:
        return None
    return Server(host=host, port=port, workers=workers)


def _number(text: str, least: int, most: int) -> int | None:
    """A number in plain digits and within its bounds."""
    if not text.isascii() or not text.isdecimal():
        return None
    return int(text) if least <= int(text) <= most else None


def serve(server: Server) -> None:
    """Serve at once, in this process, if whoever sits at the terminal may.

    Raises:
        NotAnOperator: they may not.
        ConfigurationError: as `run`.
    """
    _keep_garbage()
    from tourpad.cli.gate import enter
    from tourpad.cli.needs import needed

    path = " ".join(COMMAND)
    enter(path, needed(path))
    run(server.host, server.port, server.workers)


def _keep_garbage() -> None:
    # All that is loaded now stays for good. Looking for garbage meanwhile is a tenth of the start; the server begins
    # with it once it answers (`web/server.py`).
    gc.disable()


def become(*, host: str, port: int, workers: int, debug: bool) -> Never:
    """Go on as the server, under the same process id."""
    words = [host, str(port), str(workers), *(["--debug"] if debug else [])]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", __name__, *words])  # noqa: S606 - ourselves, without a shell


def run(host: str, port: int, workers: int) -> None:
    """Listen and answer until told to stop.

    Raises:
        ConfigurationError: the database stands at another migration, or the address is taken.
    """
    from tourpad.cli.context import check_migrated, platform

    with platform(serves=True) as p:
        check_migrated(p)
        from tourpad.web.server import address_of, listen, serve, serve_with_workers

        listening = listen(host, port)
        address = address_of(listening)

        def ready() -> None:
            print(f"API   {address}      docs  {address}/docs      stop  Ctrl-C", flush=True)

        try:
            if workers == 1:
                serve(p, listening, ready=ready)
            else:
                p.engine.dispose()
                ready()
                serve_with_workers(listening, workers=workers, database_url=p.database_url)
        finally:
            listening.close()
    print("Stopped.", flush=True)


def main(host: str, port: str, workers: str, *more: str) -> None:
    """Run, and turn any error into one line and an exit code, as every command does."""
    _keep_garbage()
    try:
        run(host, int(port), int(workers))
    except BaseException as error:  # noqa: BLE001 - this is the one way out
        from tourpad.cli import state
        from tourpad.cli.errors import leave

        state.debug = "--debug" in more
        leave(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
