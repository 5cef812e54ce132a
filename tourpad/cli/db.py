"""`tourpad db`: migrations, copies, PostgreSQL's own terminal, and data to try things on."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import confirm, print_json, say, show_one

if TYPE_CHECKING:
    from tourpad.core.database.copies import Copy
    from tourpad.core.platform import Platform

app = typer.Typer(no_args_is_help=True, help="The database: migrations, copies of it, and data to try things on.")


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


@app.command("backup")
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; without it a name with the time, under TOURPAD_HOME/backups.")
    ] = None,
    *,
    as_json: options.Json = False,
) -> None:
    """Copy the whole database into one file, as it is at this moment. Everybody may go on working.

    The file holds all that TourPad knows, exact addresses included: it is readable by its owner alone, and making it
    goes into the audit log. Pictures and what Stripe has are not in it. `tourpad db restore` is the way back.
    """
    from tourpad.core.database import copies

    with platform() as p:
        with p.work(me()) as work:
            work.audit("database.backup", target_type="database")
            work.commit()
        copy = copies.back_up(p.database_url, file or copies.file_for(p.settings.home, now=p.clock.now()))
    show_one(_facts(copy), as_json=as_json)


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tourpad db backup` made.")],
    *,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Put a copy in the place of everything that the database holds: all of it, or, if anything fails, nothing.

    The file is read to its end first. What is in the database now is copied before it goes. Nobody may work in it
    meanwhile: stop the API and the jobs. Stripe knows nothing of a restore; what to do next is said at the end.
    """
    from tourpad.core.audit import procedures
    from tourpad.core.database import copies, migrate

    with platform(migrated=False) as p:
        copy = copies.look_into(file)
        now = copies.standing(p.database_url)
        copies.check_restorable(p.database_url, copy)
        held = f"at {now.revision}, with {now.people:,} people" if now.revision else "empty"
        if not as_json:
            say(f"The copy   {file}, {copy.size_bytes:,} bytes, at {copy.revision}")
            say(f"Replaces   the database {now.name}, {held}")
        if not confirm("Replace all of it?", yes=yes, dry_run=dry_run):
            return
        kept = _kept(p) if now.revision else None
        copies.restore(p.database_url, copy)
        behind = copy.revision != migrate.head_revision()
        if not behind:
            procedures.begin_anew(p, me())
            with p.work(me()) as work:
                work.audit("database.restore", target_type="database", revision=copy.revision)
                work.commit()
        held_now = copies.standing(p.database_url)
    if as_json:
        replaced = _facts(kept) if kept else None
        print_json({"restored": _facts(copy), "people": held_now.people, "replaced": replaced, "needs_upgrade": behind})
        return
    say(f"Restored: {held_now.people:,} people, at {held_now.revision}.")
    if kept:
        say(f"What was there before is in {kept.file}.")
    upgrade_first = "tourpad db upgrade, " if behind else ""
    say(f"Next: {upgrade_first}tourpad reconcile --fix, then the API, and the jobs last.")


@app.command("shell")
def shell(
    *,
    command: Annotated[
        str | None, typer.Option("--command", "-c", metavar="SQL", help="One statement, no terminal.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Let statements change something.")] = False,
) -> None:
    """Open PostgreSQL's own terminal (psql) on the database. Reads only, unless --write is given; both are audited.

    The ledger and the audit log can't be changed here either: the database itself refuses.
    """
    from tourpad.core.database import copies

    with platform() as p:
        with p.work(me()) as work:
            work.audit("database.shell", target_type="database", writes=write)
            work.commit()
        code = copies.shell(p.database_url, writes=write, command=command)
    raise typer.Exit(code)


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


def _kept(p: "Platform") -> "Copy":
    """A copy of what is about to go."""
    from tourpad.core.database import copies

    name = copies.file_for(p.settings.home, now=p.clock.now())
    return copies.back_up(p.database_url, name.with_name(f"before-restore-{name.name}"))


def _facts(copy: "Copy") -> dict[str, Any]:
    return {"file": str(copy.file), "size_bytes": copy.size_bytes, "revision": copy.revision}
