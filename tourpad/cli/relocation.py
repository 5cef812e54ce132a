"""`tourpad import` and `tourpad export`: people and their history, from another system and back."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, Row, confirm, console, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.relocation.procedures import Brought, Invitations, Progress
    from tourpad.core.relocation.service.planning import Plan
    from tourpad.core.relocation.shape import Fault

_SHOWN = 40
"""Faults on a terminal; a pipe and JSON have them all."""
_REFUSED = 4


def import_records(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder with a manifest.json, or a ZIP file of one.")],
    *,
    match_emails: Annotated[
        bool,
        typer.Option("--match-emails", help="Whoever has an account with the same mail address keeps it as it is."),
    ] = False,
    skip_faulty: Annotated[
        bool, typer.Option("--skip-faulty", help="Leave out the lines that are at fault, and bring the others.")
    ] = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Mail everybody who has no way in yet a link that sets a password.")
    ] = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Bring people and their past from another system. Reads all of it first, shows what would come in, and asks.

    Nothing is written while a line is at fault. Safe to repeat: what was brought before is known by its id there and
    stays as it is here, and an import that was cut short goes on where it stopped. Nobody gets a password, or a mail
    unless --invite is given. A pipe and --json get every record, with its id there and here.
    """
    from tourpad.core.errors import RefusedError

    with platform() as p:
        from tourpad.core.relocation import procedures

        found = procedures.survey(p, me(), path, match_emails=match_emails)
        invited = procedures.to_invite(p, me(), found) if invite else None
        stuck = bool(found.faults) and not skip_faulty
        wanted = not stuck and bool(found.coming or (invited and invited.now))
        spoken = is_terminal() and not as_json
        if spoken:
            _preview(found, path)
        if spoken and wanted:
            _say_of_mails(found, invited)
        done: Brought | None = None
        if wanted and not (dry_run and not spoken) and confirm("Bring them in?", yes=yes, dry_run=dry_run):
            with _bar(spoken=spoken) as on_progress:
                done = procedures.bring(p, me(), found, path=path, invites=invite, on_progress=on_progress)
        if not spoken:
            _every_record(p, found, done, as_json=as_json)
    if stuck:
        hint = "Mend them, or leave those lines out: --skip-faulty"
        raise RefusedError(f"{_how_many(found.faults)}: nothing was written.", hint=hint)
    if spoken:
        _say_what_came(path, done, wanted=wanted)
    if done is not None and done.refused:
        raise typer.Exit(_REFUSED)


def export_records(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new folder, or a new file that ends in .zip.")],
    *,
    source: Annotated[
        str | None, typer.Option("--source", help="Only what was brought from this system, by its ids there.")
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Write out everything that `tourpad import` reads: people, profiles, homes with their addresses, media.

    It holds exact addresses and mail addresses: files are their owner's alone, and the export goes into the audit
    log. Admins, passwords, money and whoever was erased are not in it.
    """
    from rich.markup import escape

    with platform() as p:
        from tourpad.core.relocation.exports import procedures

        counts = procedures.what_goes(p, me(), source=source)
        rows: list[Row] = [{"kind": kind.value, "records": count} for kind, count in counts.items()]
        spoken = is_terminal() and not as_json
        if spoken:
            show_list(rows, [Column("kind"), Column("records")], as_json=False, empty="There is nothing.")
            say(f"\nIt holds exact addresses: {escape(str(path))} will be yours alone to read. It goes on record.\n")
        written = False
        if not (dry_run and not spoken) and confirm("Write it?", yes=yes, dry_run=dry_run):
            with _bar(spoken=spoken) as on_progress:
                counts = procedures.export(p, me(), to=path, source=source, on_progress=on_progress)
            written = True
            rows = [{"kind": kind.value, "records": count} for kind, count in counts.items()]
    if as_json:
        print_json({"path": str(path), "written": written, "records": {kind.value: n for kind, n in counts.items()}})
    elif not spoken:
        show_list(rows, [Column("kind"), Column("records")], as_json=False, empty="")
    elif written:
        say(f"{sum(counts.values()):,} records are in {escape(str(path))}.")


def _preview(found: "Plan", path: Path) -> None:
    """What stands in it, and how it stands to what is here."""
    from rich.markup import escape

    from tourpad.core.relocation.states import Kind, Standing

    rows: list[Row] = []
    for kind in Kind:
        counts = found.counts(kind)
        if total := sum(counts.values()):
            rows.append({"kind": kind.value, "lines": total} | {s.value: counts[s] for s in Standing})
    always = (Standing.NEW, Standing.HERE, Standing.AT_FAULT)
    titles = {
        Standing.MATCHED: "has an account",
        Standing.HERE: "here already",
        Standing.DIFFERS: "reads differently",
        Standing.ERASED: "erased here",
        Standing.AT_FAULT: "at fault",
    }
    columns = [Column("kind"), Column("lines")] + [
        Column(s.value, titles.get(s), style=_red if s is Standing.AT_FAULT else None)
        for s in Standing
        if s in always or any(row[s.value] for row in rows)
    ]
    say(f"From [bold]{escape(found.source)}[/bold], {escape(str(path))}\n")
    show_list(rows, columns, as_json=False, empty="There is nothing in it.")
    if any(row[Standing.DIFFERS.value] for row in rows):
        say("\nWhat reads differently now than when it was brought stays as it is here.")
    _show_faults(found.faults)


def _red(row: Row) -> str:
    return "red" if row["at_fault"] else ""


def _show_faults(faults: "Sequence[Fault]") -> None:
    if not faults:
        return
    rows = [_fault(fault) for fault in faults if not fault.follows]
    more = f"And {len(rows) - _SHOWN:,} more:  tourpad import … | cat" if len(rows) > _SHOWN else None
    say("")
    columns = [Column("place", "where", style="red"), Column("field"), Column("message", "what")]
    show_list(rows[:_SHOWN], columns, as_json=False, empty="", closing=more)
    say("")


def _how_many(faults: "Sequence[Fault]") -> str:
    """`3 faults, and 2 lines that hang on that`."""
    first = sum(not fault.follows for fault in faults)
    waiting = len({fault.place for fault in faults if fault.follows} - {f.place for f in faults if not f.follows})
    said = "1 fault" if first == 1 else f"{first:,} faults"
    if not waiting:
        return said
    return f"{said}, and {waiting:,} {'line that hangs' if waiting == 1 else 'lines that hang'} on that"


def _fault(fault: "Fault") -> dict[str, Any]:
    return {
        "place": fault.place,
        "file": fault.file,
        "line": fault.line,
        "field": fault.field,
        "message": fault.message,
    }


def _say_of_mails(found: "Plan", invited: "Invitations | None") -> None:
    if found.faults:
        say("\nLines at fault are left out (--skip-faulty).")
    if invited is None:
        say("\nNobody gets a mail, or a password. --invite mails links; “Forgot password” works for everybody.\n")
        return
    people = "1 person gets" if invited.now == 1 else f"{invited.now:,} people get"
    say(f"\n{people} a mail with a link that sets a password, good for 7 days.")
    if invited.later:
        others = "1 person is" if invited.later == 1 else f"{invited.later:,} people are"
        say(f"{others} not let in yet (tourpad rollout show): run it again with --invite once they are.")
    say("")


def _say_what_came(path: Path, done: "Brought | None", *, wanted: bool) -> None:
    """The last lines on a terminal."""
    from rich.markup import escape

    if done is None:
        if not wanted:
            say("\nAll of it is here already. Nothing was changed.")
        return
    brought = ", ".join(f"{n:,} {kind if n != 1 or kind == 'media' else kind[:-1]}" for kind, n in done.counts.items())
    say(f"Brought in: {brought or 'nobody'}.")
    if done.files:
        say("Looked at files:  " + ", ".join(f"{n:,} {what}" for what, n in done.files.items()))
    if set(done.files) - {"published"}:
        say("What waits or was refused, and why:  tourpad media list")
    if done.invited:
        say(f"{'1 mail waits' if done.invited == 1 else f'{done.invited:,} mails wait'} to be sent:  tourpad mail list")
    if done.refused:
        say("\nThese did not come in after all:")
        _show_faults(done.refused)
    say("See them:  tourpad users list")
    say(f"Which is which:  tourpad import {escape(str(path))} --dry-run | cat")


def _every_record(p: "Platform", found: "Plan", done: "Brought | None", *, as_json: bool) -> None:
    """For a pipe and for programs: every record with its id there and here, and why it can't come in."""
    from tourpad.core.relocation import procedures
    from tourpad.core.relocation.states import Kind, Standing

    ours = procedures.ids_here(p, me(), found)
    rows: list[Row] = [
        {
            "kind": kind.value,
            "id": entry.line.id,
            "standing": entry.standing.value,
            "our_id": ours.get((kind, entry.line.id)),
            "place": entry.line.place,
        }
        for kind in Kind
        for entry in found.entries[kind]
    ]
    faults = [_fault(fault) for fault in [*found.faults, *(done.refused if done else ())]]
    if as_json:
        counts = {kind.value: {s.value: found.counts(kind)[s] for s in Standing} for kind in Kind}
        brought = None
        if done is not None:
            brought = {kind.value: done.counts[kind] for kind in Kind} | {"mails": done.invited, "files": done.files}
        print_json({"source": found.source, "counts": counts, "brought": brought, "records": rows, "faults": faults})
        return
    why: dict[str, list[str]] = {}
    for fault in faults:
        why.setdefault(fault["place"], []).append(": ".join(filter(None, (fault["field"], fault["message"]))))
    listed = [{**row, "why": "; ".join(why.pop(row["place"], []))} for row in rows]
    listed += [{"place": place, "standing": Standing.AT_FAULT.value, "why": "; ".join(w)} for place, w in why.items()]
    names = ("kind", "id", "standing", "our_id", "place", "why")
    show_list(listed, [Column(name) for name in names], as_json=False, empty="")


@contextmanager
def _bar(*, spoken: bool) -> "Generator[Progress]":
    """A bar on a terminal for each thing that is done."""
    if not spoken:
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as shown:
        bars: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what, total=total)
            shown.update(bars[what], completed=done)

        yield report
