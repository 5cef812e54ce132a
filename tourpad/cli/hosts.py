"""`tourpad hosts`: who was shown where a host lives."""

from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import find_person, me, platform
from tourpad.cli.output import Column, Row, show_list

app = typer.Typer(no_args_is_help=True, help="Hosts: who was shown their exact address.")

Who = Annotated[str, typer.Argument(metavar="HOST", help="A mail address, or any unique part of an account's id.")]


@app.command("looks")
def looks(who: Who, *, limit: options.Limit = 30, as_json: options.Json = False) -> None:
    """Show who was shown a host's exact address, when and why, the last first. The host reads the same list."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.errors import NotFoundError
        from tourpad.core.hosts import queries

        user = find_person(work, who)
        host = queries.get_by_user(work, user.id)
        if host is None:
            msg = f"{user.name} is no host."
            raise NotFoundError(msg, hint="tourpad users list --role host shows them.")
        found, total = queries.looks(work, host_id=host.id, page=1, limit=limit)
        rows: list[Row] = [
            {"at": look.at, "who": look.who, "reason": look.reason, "concert_id": look.concert_id} for look in found
        ]
    columns = [Column("at"), Column("who"), Column("reason", "why"), Column("concert_id", "concert")]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="looks",
        extra={"total": total, "host_id": host.id},
        empty=f"Nobody was shown where {user.name} lives.",
        closing=f"{len(rows)} of {total:,}.  A concert:  tourpad concerts show ID",
    )
