"""`python -m tourpad.cli.serving HOST PORT WORKERS [--debug]`: the process that `tourpad api serve` becomes.

It reads no command line of its own, so it holds neither the other commands nor what checks their options (Typer and
pydantic), 14 MB that would stay for as long as the API runs.
"""

import gc
import os
import sys
from typing import Never


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
    from tourpad.cli.context import platform
    from tourpad.core.database import migrate
    from tourpad.core.errors import ConfigurationError

    with platform() as p:
        current, wanted = migrate.current_revision(p.engine), migrate.head_revision()
        if current != wanted:
            raise ConfigurationError(
                f"The database is at {current or 'no migration'}, and this version needs {wanted}.",
                hint="tourpad db upgrade brings it there.",
            )
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
    # All that is loaded now stays for good. Looking for garbage meanwhile is a tenth of the start; the server begins
    # with it once it answers (`web/server.py`).
    gc.disable()
    try:
        run(host, int(port), int(workers))
    except BaseException as error:  # noqa: BLE001 - this is the one way out
        from tourpad.cli import state
        from tourpad.cli.errors import leave

        state.debug = "--debug" in more
        leave(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
