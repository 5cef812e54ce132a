"""`tourpad dev`: everything for local work in one process."""

from typing import Annotated

import typer

from tourpad.cli.context import platform
from tourpad.cli.output import say


def dev(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the API.")] = 8000,
) -> None:
    """Run database, API, jobs, Stripe sandbox and mail outbox together, until Ctrl-C."""
    with platform() as p:
        import uvicorn

        from tourpad.jobs.scheduler import start
        from tourpad.web.app import create_app

        stripe = p.stripe
        scheduler = start(p)
        say(f"API       http://{host}:{port}        reference  http://{host}:{port}/docs")
        say(f"Stripe    {stripe.base_url}   {'(local sandbox)' if p.settings.uses_sandbox else ''}")
        say(f"mail      {p.settings.home / 'outbox'}        tourpad mail list")
        say("Sign in:  tourpad users create-admin you@example.com      Stop: Ctrl-C")
        try:
            uvicorn.run(create_app(p), host=host, port=port, log_level="warning", access_log=False)
        finally:
            scheduler.shutdown(wait=True)
