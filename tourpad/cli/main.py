"""The `tourpad` command put together, and its one way out."""

import sys
from typing import Annotated

import typer

from tourpad import __version__
from tourpad.cli import (
    api,
    applications,
    audit,
    availability,
    bookings,
    concerts,
    config,
    db,
    demo,
    dev,
    disputes,
    doctor,
    gate,
    hosts,
    jobs,
    ledger,
    mail,
    media,
    memberships,
    payments,
    payouts,
    reconcile,
    state,
    stripe,
    users,
)

app = typer.Typer(
    name="tourpad",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="House concerts: the platform's terminal. Every command explains itself with --help.",
    epilog="Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 refused by a rule · "
    "5 an outside service failed.",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tourpad {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Options that every command has."""
    state.debug = debug


app.command("demo")(demo.demo)
app.command("dev")(dev.dev)
app.add_typer(applications.app, name="applications")
app.add_typer(users.app, name="users")
app.add_typer(hosts.app, name="hosts")
app.add_typer(availability.app, name="availability")
app.add_typer(bookings.app, name="bookings")
app.add_typer(concerts.app, name="concerts")
app.add_typer(memberships.app, name="memberships")
app.add_typer(payments.app, name="payments")
app.add_typer(disputes.app, name="disputes")
app.add_typer(payouts.app, name="payouts")
app.add_typer(ledger.app, name="ledger")
app.add_typer(stripe.app, name="stripe")
app.add_typer(audit.app, name="audit")
app.command("reconcile")(reconcile.reconcile)
app.add_typer(jobs.app, name="jobs")
app.add_typer(mail.app, name="mail")
app.add_typer(media.app, name="media")
app.add_typer(db.app, name="db")
app.add_typer(config.app, name="config")
app.add_typer(api.app, name="api")
app.command("doctor")(doctor.doctor)
gate.guard(app)


def run() -> None:
    """The console script: run a command, and turn any error into one line and an exit code."""
    # Deferred so that a module's fault shows as an error line, too.
    from tourpad.cli.errors import INTERRUPTED, leave

    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:
            # Typer turns Ctrl-C into this code without a word.
            raise KeyboardInterrupt  # noqa: TRY301 - the one way out is below
        sys.exit(code if isinstance(code, int) else 0)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - this is the one way out
        leave(error)
