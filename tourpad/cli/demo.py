"""`tourpad demo`: a whole season on real parts, in about a minute."""

from pathlib import Path
from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import load


def demo(
    *,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same people.")] = 2026,
    people: Annotated[int, typer.Option("--people", min=20, max=5_000, help="How many take part.")] = 500,
    record: Annotated[
        Path | None,
        typer.Option("--record", dir_okay=False, help="Write all Stripe traffic here, a JSON line an exchange."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Play a season: people register, apply, are reviewed, pay, book, come, are paid. Exit 1 if a cent is off.

    Everything is real but the people: PostgreSQL, the migrations, the HTTP API,
    signed webhooks, mail in the local outbox, jobs on a clock. The data stays,
    for you to look at with all other commands.
    """
    from tourpad.demo.display import Display
    from tourpad.demo.story import BEGINS, ENDS, run
    from tourpad.demo.summary import show

    settings = load()
    display = Display(title="A season of house concerts", begins=BEGINS, ends=ENDS, quiet=as_json)
    with display.showing():
        summary = run(settings, seed=seed, people=people, record=record.absolute() if record else None, display=display)
    show(summary, as_json=as_json)
    if summary.faults:
        raise typer.Exit(1)
