"""`tourpad dev`: everything for local work in one process."""

from typing import TYPE_CHECKING, Annotated

import typer

from tourpad.cli.context import check_migrated, platform
from tourpad.cli.output import say

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def dev(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the API.")] = 8000,
) -> None:
    """Run database, API, jobs, Stripe sandbox and mail outbox together, until Ctrl-C."""
    with platform(serves=True) as p:
        from dataclasses import replace

        from tourpad.core.gateways.stripe import open_stripe
        from tourpad.core.settings import Settings
        from tourpad.jobs.scheduler import start
        from tourpad.web.server import address_of, listen, serve

        if p.settings.database_url is None:
            _upgrade(p)
        check_migrated(p)
        listening = listen(host, port)
        address = address_of(listening)
        if p.settings.base_url == Settings().base_url:
            # Nobody has said otherwise: links in mails, and Stripe's news, are for the port that was taken.
            p.settings = replace(p.settings, base_url=address)
        elsewhere = p.settings.base_url == address != Settings().base_url
        # Payment links in mails of earlier runs lead to the port that the home keeps.
        p.stripe = stripe = open_stripe(p.settings, p.clock, stays=True)
        scheduler = start(p)

        def ready() -> None:
            say(f"API       {address}        reference  {address}/docs")
            say(f"Stripe    {stripe.base_url}   {'(local sandbox)' if p.settings.uses_sandbox else ''}")
            say(f"mail      {p.settings.home / 'outbox'}        tourpad mail list")
            if elsewhere:
                # They don't know of this process, and write mails with links, too.
                say(f"links     for commands beside it:  export TOURPAD_BASE_URL={address}")
            say("Sign in:  tourpad users create-admin you@example.com      Stop: Ctrl-C")

        try:
            serve(p, listening, ready=ready, stands_in=True)
        finally:
            listening.close()
            scheduler.shutdown(wait=True)
    say("Stopped.")


def _upgrade(opened: "Platform") -> None:
    """A local database that an older version made is brought along: nobody else looks after it."""
    from tourpad.core.database import migrate

    current, wanted = migrate.current_revision(opened.engine), migrate.head_revision()
    if current != wanted and (migrate.migrations_folder() / "versions" / f"{current}.py").is_file():
        migrate.upgrade(opened.database_url)
        say(f"database  brought from {current} to {wanted}")
