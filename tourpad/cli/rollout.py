"""`tourpad rollout`: who is let in. Admins first, then a small group, then everybody."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, is_terminal, print_json, say, show_list, show_one
from tourpad.core.rollout.states import RolloutStage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tourpad.core.rollout.service import Changed

app = typer.Typer(no_args_is_help=True, help="Who is let in: admins first, then a small group, then everybody.")

_WHO = {
    RolloutStage.ADMINS: "admins alone",
    RolloutStage.BETA: "admins and the group",
    RolloutStage.EVERYONE: "everybody",
}


@app.command("show")
def show(*, as_json: options.Json = False) -> None:
    """Show who is let in, since when and by whose hand, and who is in the group."""
    with platform() as p, p.work(me()) as work:
        from sqlalchemy import not_

        from tourpad.core.rollout import queries, rules

        change = queries.latest(work)
        stage = change.stage if change else rules.FIRST
        inside = queries.let_in(stage)
        group: list[dict[str, Any]] = [
            {
                "email": guest.email,
                "registered": guest.user_id is not None,
                "role": guest.user_type.value if guest.user_type else None,
                "added_at": guest.added_at,
                "added_by": guest.added_by,
            }
            for guest in queries.group(work)
        ]
        facts: dict[str, Any] = {
            "stage": stage.value,
            "since": change.set_at if change else None,
            "by": change.set_by if change else None,
            "people_in": queries.count_people(work, inside),
            "people_out": queries.count_people(work, not_(inside)),
            "sessions_in": queries.count_sessions(work, inside),
            "sessions_out": queries.count_sessions(work, not_(inside)),
        }
    if as_json or not is_terminal():
        show_one(facts | {"group": group}, as_json=as_json)
        return
    show_one(facts, as_json=False, title=f"Let in: {_WHO[stage]}")
    say("")
    columns = [
        Column("email", "in the group"),
        Column("registered"),
        Column("role"),
        Column("added_at", "added"),
        Column("added_by", "by", optional=True),
    ]
    known = sum(row["registered"] for row in group)
    closing = f"{_counted(len(group), 'address', 'addresses')}, {known:,} of them registered.  "
    show_list(
        group,
        columns,
        as_json=False,
        empty="Nobody is in the group.  Add somebody:  tourpad rollout set --add MAIL",
        closing=f"{closing}Change it:  tourpad rollout set --add MAIL, --remove MAIL",
    )


@app.command("set")
def set_stage(
    stage: Annotated[RolloutStage | None, typer.Argument(help="Who is let in; as it is, if not given.")] = None,
    *,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="MAIL", help="Into the group, with or without an account.")
    ] = None,
    add_file: Annotated[
        Path | None, typer.Option("--add-file", metavar="FILE", help="Likewise, one a line; `-` reads standard input.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="MAIL", help="Out of the group.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; for the audit log.")] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Change who is let in. Shows first who loses access and who gains it, then asks.

    Whoever is not let in any more is signed out at once. Shows, money, jobs and mails go on.
    """
    from tourpad.core.errors import invalid

    added = [*(add or ()), *_read(add_file)]
    if stage is None and not added and not remove:
        raise invalid("STAGE", "or somebody to add or to remove is needed", hint="Like  tourpad rollout set beta")
    with platform() as p:
        from tourpad.core.rollout import service

        given: dict[str, Any] = {"stage": stage, "add": added, "remove": remove or (), "reason": reason}
        with p.work(me()) as work:
            # All of it is done, counted and taken back: while somebody thinks, nobody is kept waiting at the door.
            planned = service.change(work, **given)
        if planned.is_nothing:
            _say_done(planned, as_json=as_json, committed=False)
            return
        if not as_json:
            _preview(planned)
        if dry_run and as_json:
            _say_done(planned, as_json=True, committed=False)
            return
        if not confirm(_question(planned), yes=yes, dry_run=dry_run):
            if not dry_run:
                say("Nothing was changed.")
            return
        with p.work(me()) as work:
            done = service.change(work, **given)
            work.commit()
    _say_done(done, as_json=as_json, committed=True)


def _read(file: Path | None) -> "Sequence[str]":
    """The addresses of a file."""
    from tourpad.core.errors import invalid
    from tourpad.core.rollout.rules import addresses_in

    if file is None:
        return ()
    try:
        return addresses_in(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise invalid("--add-file", f"{file} can't be read: {error}") from None


def _preview(planned: "Changed") -> None:
    """Who loses access, and what they have under way; who gains it."""
    if planned.before is planned.stage:
        say(f"Let in stays: {_WHO[planned.stage]}.")
    else:
        say(f"Let in now: {_WHO[planned.before]}.  Then: {_WHO[planned.stage]}.")
    for verb, addresses in (("Into the group", planned.added), ("Out of the group", planned.removed)):
        if addresses:
            say(f"{verb}: {_listed(addresses)}.")
    say(f"Lose access: {_counted(planned.shut_out, 'person', 'people')}.")
    if planned.shut_out:
        say(f"  {_counted(planned.sessions_ended, 'session ends', 'sessions end')}.")
        under = planned.under_way
        for number, what in (
            (under.shows, "of them play or host a show ahead"),
            (under.seats, "of them have asked for seats at one"),
            (under.bookings, "of them have a booking that is not settled"),
            (under.payouts, "of them wait for a payout"),
        ):
            if number:
                say(f"  {number:,} {what}.")
        if under.people:
            say("  All of that goes on, and mails about it still come. But they can't sign in to see or change it.")
    say(f"Gain access: {_counted(planned.let_in, 'person', 'people')} with an account.")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _listed(addresses: "Sequence[str]") -> str:
    """Addresses in a line; of many the first ones."""
    shown = ", ".join(addresses[:_MOST_SHOWN])
    more = len(addresses) - _MOST_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


_MOST_SHOWN = 10


def _question(planned: "Changed") -> str:
    """What is asked: it names those who have something under way, so that nobody overlooks them."""
    if not planned.shut_out:
        return "Change it?"
    people = planned.under_way.people
    busy = f", {people:,} of them with something under way" if people else ""
    return f"Shut out {_counted(planned.shut_out, 'person', 'people')}{busy}?"


def _say_done(done: "Changed", *, as_json: bool, committed: bool) -> None:
    """What was changed, or would be."""
    if as_json:
        under = done.under_way
        print_json(
            {
                "stage": done.stage.value,
                "before": done.before.value,
                "added": done.added,
                "removed": done.removed,
                "people_shut_out": done.shut_out,
                "people_let_in": done.let_in,
                "sessions_ended": done.sessions_ended,
                "under_way": {
                    "shows": under.shows,
                    "seats": under.seats,
                    "bookings": under.bookings,
                    "payouts": under.payouts,
                    "people": under.people,
                },
                "changed": committed,
            }
        )
        return
    if not committed:
        say(f"Let in: {_WHO[done.stage]}, as before. Nothing was changed.")
        return
    say(f"Let in: {_WHO[done.stage]}.  {_counted(done.sessions_ended, 'session has', 'sessions have')} ended.")
    say("Look at it:  tourpad rollout show")
