"""`tourpad api`: the HTTP API on a socket."""

from typing import Annotated

import typer

from tourpad.cli.context import platform
from tourpad.cli.output import say

app = typer.Typer(no_args_is_help=True, help="The HTTP API.")


@app.callback()
def api() -> None:
    """Keep `serve` a command of its own."""


@app.command("serve")
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")] = 1,
) -> None:
    """Serve the API until Ctrl-C. Jobs run elsewhere (`tourpad jobs start`); `tourpad dev` has everything in one."""
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
            say(f"API   {address}      docs  {address}/docs      stop  Ctrl-C")

        try:
            if workers == 1:
                serve(p, listening, ready=ready)
            else:
                p.engine.dispose()
                ready()
                serve_with_workers(listening, workers=workers, database_url=p.database_url)
        finally:
            listening.close()
    say("Stopped.")
