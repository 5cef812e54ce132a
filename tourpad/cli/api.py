"""`tourpad api`: the HTTP API on a socket."""

from typing import Annotated

import typer

from tourpad.cli import serving

app = typer.Typer(no_args_is_help=True, help="The HTTP API.")


@app.callback()
def api() -> None:
    """Keep `serve` a command of its own."""


@app.command("serve")
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for every one.")] = serving.HOST,
    port: Annotated[
        int, typer.Option("--port", min=0, max=serving.LAST_PORT, help="Port; 0 takes a free one.")
    ] = serving.PORT,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=serving.MOST_WORKERS, help="Processes that answer.")
    ] = serving.WORKERS,
) -> None:
    """Serve the API until Ctrl-C. Jobs run elsewhere (`tourpad jobs start`); `tourpad dev` has everything in one."""
    from tourpad.cli import state

    serving.become(host=host, port=port, workers=workers, debug=state.debug)
