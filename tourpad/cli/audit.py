"""`tourpad audit`: who did what to whom, and the proof that nobody has rewritten it."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.instants import instant
from tourpad.cli.output import SHORT_ID, Column, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from tourpad.core.audit.models import AuditEntry
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="The append-only log of what was done, by whom.")

FAULTY = 4
"""The exit code when the log is not as it was written."""


@app.command("list")
def list_entries(
    *,
    person: Annotated[
        str | None, typer.Option("--person", metavar="ID|MAIL", help="What they did, and what was done to them.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="ID|MAIL", help="What they did.")] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="NAME", help="One action, or a noun with a dot: user.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="TYPE[:ID]", help="What was done to it: booking:0197…")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From that day on, or 3d.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Before that day.")] = None,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page.")] = 1,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show what was done, the latest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.audit import queries

        kind, colon, target_id = (target or "").partition(":")
        wanted = queries.AuditFilter(
            actor_id=_person(work, by),
            about_id=_person(work, person),
            action=action,
            target_type=kind or None,
            target_id=_target(target_id) if colon else None,
            since=instant(since, field="--since", now=work.now) if since else None,
            until=instant(until, field="--until", now=work.now) if until else None,
        )
        rows, total = queries.list_entries(work, wanted, offset=(page - 1) * limit, limit=limit)
        names = _names(work, rows)
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    closing = f"{counted} entr{'y' if total == 1 else 'ies'}."
    if total > page * limit:
        closing += f"  Older ones:  --page {page + 1}"
    show_list(
        [_row(entry, names) for entry in rows],
        [
            Column("number", right=True, optional=True),
            Column("at", "when"),
            Column("actor", "who"),
            Column("action", "did"),
            Column("target", "to"),
            Column("reason"),
        ],
        as_json=as_json,
        key="entries",
        extra={"total": total, "page": page},
        empty="Nothing of that was done.",
        closing=closing,
    )


@app.command("verify")
def verify(
    *,
    known: Annotated[
        str | None, typer.Option("--expect", metavar="HASH", help="A hash noted earlier: it must be in the chain.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Recompute the chain of hashes over the whole log. Exit 4 when an entry was changed, removed or slipped in.

    Where this machine has noted the end of the chain (each minute, by the job
    audit-seal, under TOURPAD_HOME), an end that was cut off is found, too.
    """
    with platform() as p:
        from tourpad.core.audit import procedures, service

        noted = procedures.anchor(p, me())
        procedures.seal(p, me())
        with p.work(me()) as work:
            count, last, faults = service.verify(work, known=known, anchor=noted)
    if as_json:
        told = [{"code": f.code, "position": f.position, "number": f.number, "message": f.message} for f in faults]
        print_json({"clean": not faults, "links": count, "hash": last, "findings": told})
    else:
        for fault in faults:
            say(f"[red]{fault.code}[/red]  {fault.message}" if is_terminal() else f"{fault.code}\t{fault.message}")
        if not faults:
            say(f"All {count:,} entries are as they were written.")
        say(f"Last hash: {last}")
        if not faults and is_terminal():
            say("[dim]Note it elsewhere; later:  tourpad audit verify --expect HASH[/dim]")
    if faults:
        raise typer.Exit(FAULTY)


def _person(work: "Work", who: str | None) -> UUID | None:
    if who is None:
        return None
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity.models import User
    from tourpad.core.identity.queries import get_by_email

    return get_by_email(work, who).id if "@" in who else by_id_part(work, User, who, noun="user")


def _target(text: str) -> UUID:
    from tourpad.core.errors import invalid

    try:
        return UUID(text)
    except ValueError:
        raise invalid("--target", f"{text!r} is no whole id", hint="Like booking:0197f3a2-…") from None


def _names(work: "Work", rows: "list[AuditEntry]") -> dict[UUID, str]:
    from tourpad.core.payments import queries

    return queries.names_of(work, {i for row in rows for i in (row.actor_id, row.target_id) if i})


def _row(entry: "AuditEntry", names: dict[UUID, str]) -> dict[str, Any]:
    name = names.get(entry.actor_id) if entry.actor_id else None
    whose = names.get(entry.target_id) if entry.target_id else None
    short = entry.target_id.hex[-SHORT_ID:] if entry.target_id else ""
    return {
        "id": entry.id,
        "number": entry.number,
        "at": entry.at,
        "actor": f"{entry.actor_label} {name}" if name else entry.actor_label,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id,
        "action": entry.action,
        "target": " ".join(part for part in (entry.target_type, whose or short) if part),
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "reason": entry.reason,
        "details": entry.details,
    }
