"""The `tourpad` command put together of its nouns and verbs."""

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from tourpad import __version__
from tourpad.cli import gate, state

COMMANDS: Final = {
    "demo": "demo:demo",
    "dev": "dev:dev",
    "reconcile": "reconcile:reconcile",
    "stats": "stats:stats",
    "doctor": "doctor:doctor",
    "import": "relocation:import_records",
    "export": "relocation:export_records",
}
"""Commands of one word, and the function that each is, by its module here."""
GROUPS: Final = (
    "applications",
    "users",
    "rollout",
    "hosts",
    "availability",
    "bookings",
    "concerts",
    "memberships",
    "payments",
    "disputes",
    "payouts",
    "ledger",
    "stripe",
    "audit",
    "jobs",
    "mail",
    "media",
    "db",
    "clock",
    "config",
    "api",
)
"""Groups of commands, in the order of the help; each is the `app` of a module of that name."""


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tourpad {__version__}")
        raise typer.Exit


def options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Options that every command has."""
    state.debug = debug


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The command: all of it, or what a command line needs of it.

    Args:
        words: what was typed. Where it names a command, only that one is loaded: the others would take longer than
            most commands do.
    """
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
    app.callback()(options)
    named = next((word for word in words if not word.startswith("-")), None)
    only = {named} if named in (*COMMANDS, *GROUPS) else {*COMMANDS, *GROUPS}
    for name, place in COMMANDS.items():
        if name in only:
            module, _, function = place.partition(":")
            app.command(name)(getattr(import_module(f"tourpad.cli.{module}"), function))
    for name in GROUPS:
        if name in only:
            app.add_typer(import_module(f"tourpad.cli.{name}").app, name=name)
    gate.guard(app)
    return app
