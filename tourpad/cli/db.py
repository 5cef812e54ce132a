"""`tourpad db`: migrations, and data to try things on."""

import sys
from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import platform
from tourpad.cli.output import confirm, print_json, say, show_one

app = typer.Typer(no_args_is_help=True, help="The database: migrations, and data to try things on.")


@app.command("status")
def status(*, as_json: options.Json = False) -> None:
    """Show where the database stands against this version's migrations."""
    from tourpad.core.database import migrate

    with platform(migrated=False) as p:
        found = migrate.status(p.database_url)
    facts = {
        "current": found.current,
        "head": found.head,
        "pending": list(found.pending),
        "up_to_date": not found.pending,
    }
    show_one(facts, as_json=as_json)


@app.command("upgrade")
def upgrade(
    revision: Annotated[str, typer.Argument(help="A revision, or head.")] = "head",
    *,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Bring the database to the newest migration. Safe to repeat; two at once wait for each other."""
    from tourpad.core.database import migrate

    with platform(migrated=False) as p:
        before = migrate.status(p.database_url)
        if not dry_run:
            migrate.upgrade(p.database_url, revision)
        after = before if dry_run else migrate.status(p.database_url)
    if as_json:
        print_json({"from": before.current, "to": after.current, "pending": list(after.pending)})
    elif dry_run:
        say(f"Would apply {', '.join(before.pending) or 'nothing'}. Nothing was changed.")
    elif before.current == after.current:
        say(f"Already at {after.current}.")
    else:
        say(f"From {before.current or 'an empty database'} to {after.current}.")


@app.command("downgrade")
def downgrade(
    revision: Annotated[str, typer.Argument(help="A revision, -1 for one back, or base for nothing.")],
    *,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
) -> None:
    """Take migrations back. What is in the tables that go is lost."""
    from tourpad.core.database import migrate

    with platform(migrated=False) as p:
        before = migrate.status(p.database_url)
        say(f"The database is at {before.current or 'nothing'}.")
        say(f"Going back to {revision} drops tables with all that is in them.")
        if not confirm("Go on?", yes=yes, dry_run=dry_run):
            return
        migrate.downgrade(p.database_url, revision)
        after = migrate.status(p.database_url)
    say(f"From {before.current} to {after.current or 'an empty database'}.")


@app.command("seed")
def seed(
    *,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same people.")] = 2026,
    people: Annotated[int, typer.Option("--people", min=20, max=2_000, help="How many, one admin among them.")] = 60,
    as_json: options.Json = False,
) -> None:
    """Fill an empty database: people in every state, hosts with addresses, bookings, open concerts. Dev and test only.

    Six weeks lead up to the present: members pay, shows are played and settled,
    all by the sandbox, so that the books agree. Prints who can sign in, and the
    one password.
    """
    with platform() as p:
        from tourpad.demo.seeding import plan, report

        made = plan.seed(p, seed=seed, people=people)
    for note in made.notes:
        print(note, file=sys.stderr)
    report.show(made.document, as_json=as_json)
