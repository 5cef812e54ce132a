"""`tourpad jobs`: what happens by itself, when, and what came of it."""

from typing import Annotated

import typer

from tourpad.cli import options, state
from tourpad.cli.context import me, only_for_development, platform
from tourpad.cli.counts import in_words
from tourpad.cli.output import Column, say, show_list

app = typer.Typer(no_args_is_help=True, help="Background jobs: the timetable, one slot by hand, all of them, history.")


@app.command("list")
def list_jobs(*, as_json: options.Json = False) -> None:
    """Show the timetable, and when each job last ran."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.scheduling import queries
        from tourpad.jobs.timetable import TIMETABLE

        last = queries.latest(work)
        now = p.clock.now()
        rows = [
            {
                "job": job.name,
                "schedule": str(job.schedule),
                "next_at": job.schedule.following(now),
                "last_slot": last[job.name].slot if job.name in last else None,
                "last_state": last[job.name].state.value if job.name in last else None,
                "what": job.doc,
            }
            for job in TIMETABLE
        ]
    columns = [
        Column("job"),
        Column("schedule"),
        Column("next_at", "next"),
        Column("last_slot", "last slot"),
        Column("last_state", "came to", style=lambda row: "red" if row["last_state"] == "failed" else ""),
        Column("what"),
    ]
    closing = f"{len(rows)} jobs.  Run them all:  tourpad jobs start      one now:  tourpad jobs run NAME"
    show_list(rows, columns, as_json=as_json, key="jobs", empty="There are no jobs.", closing=closing)


@app.command("run")
def run_job(
    name: Annotated[str, typer.Argument(help="A job of `tourpad jobs list`.")],
    *,
    at: Annotated[
        str | None, typer.Option("--at", help="As of this instant (dev and test), like 2026-12-01T09:00:00Z.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run one slot of one job now, or as of an instant. Safe to repeat: a slot that is done is not done again."""
    from tourpad.core.clock import VirtualClock, parse_instant
    from tourpad.core.errors import TourPadError, invalid

    if at is not None:
        only_for_development("jobs run --at", hint="Without --at the job runs as of now.")
    with platform() as p:
        from tourpad.jobs.runner import find, run_slot

        job = find(name)
        slot = p.clock.now()
        if at is not None:
            try:
                instant = parse_instant(at)
            except ValueError as error:
                raise invalid("at", f"{at!r} is no instant; write it like 2026-12-01T09:00:00Z") from error
            p.clock = VirtualClock(instant)
            slot = job.schedule.latest(instant)
        outcome = run_slot(p, job, slot, logs=state.debug)
    if outcome.error:
        raise TourPadError(f"{name} failed: {outcome.error.splitlines()[0]}", hint=f"tourpad jobs history --job {name}")
    row = {"job": name, "slot": outcome.slot, "ran": outcome.done is not None, "done": outcome.done or {}}
    if as_json:
        from tourpad.cli.output import print_json

        print_json(row)
    elif outcome.done is None:
        say(f"{name}: the slot of {outcome.slot:%Y-%m-%d %H:%M:%S} UTC is done already. Nothing was changed.")
    else:
        say(f"{name}: {in_words(outcome.done) or 'nothing to do'}.")


@app.command("start")
def start() -> None:
    """Run all jobs until stopped. Any number of these may run, on any number of machines: each slot is run once."""
    with platform(serves=True) as p:
        from tourpad.jobs.scheduler import run_forever
        from tourpad.jobs.timetable import TIMETABLE

        say(f"{len(TIMETABLE)} jobs run until Ctrl-C.  What they did:  tourpad jobs history")
        run_forever(p)
    say("Stopped; nothing was left half done.")


@app.command("history")
def history(
    *,
    job: Annotated[str | None, typer.Option("--job", help="Of one job only.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Failed runs only.")] = False,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show runs, newest first: when, how long, what was done, what failed."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.scheduling import queries

        rows = [
            {
                "id": run.id,
                "job": run.job,
                "slot": run.slot,
                "state": run.state.value,
                "attempts": run.attempts,
                "duration_ms": run.duration_ms,
                "done": run.done,
                "error": run.error,
                "worker": run.worker,
            }
            for run in queries.history(work, job=job, limit=limit, failed_only=failed)
        ]
    columns = [
        Column("slot"),
        Column("job"),
        Column("state", style=lambda row: {"failed": "red", "running": "yellow"}.get(row["state"], "green")),
        Column("duration_ms", "ms", right=True),
        Column("done", "did"),
        Column("error"),
    ]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="runs",
        empty="No job has run yet.  tourpad jobs start",
        closing=f"{len(rows)} runs.",
    )


@app.command("dead")
def dead(
    *,
    kind: Annotated[str | None, typer.Option("--kind", help="Of one kind only: mails, rsvp_news, …")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show work that was given up after all its tries, of every kind, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.errors import invalid
        from tourpad.core.outbox import queries

        if kind is not None and kind not in queries.kinds():
            raise invalid("kind", f"{kind} is no kind of work", hint="There are: " + ", ".join(queries.kinds()))
        found, total = queries.dead(work, kind=kind, limit=limit)
        rows = [
            {
                "kind": row.kind,
                "id": row.id,
                "attempts": row.attempts,
                "due_at": row.due_at,
                "last_error": row.last_error,
            }
            for row in found
        ]
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        [Column("kind"), Column("id"), Column("attempts", right=True), Column("due_at", "since"), Column("last_error")],
        as_json=as_json,
        key="items",
        extra={"total": total},
        empty="Nothing was given up.",
        closing=f"{counted} given up.  Once the cause is mended:  tourpad jobs revive KIND [ID]",
    )


@app.command("revive")
def revive(
    kind: Annotated[str, typer.Argument(help="Which kind, as `tourpad jobs dead` names it.")],
    item: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Any unique part of its id; all of the kind unless given.")
    ] = None,
) -> None:
    """Let work that was given up be tried again, now: by its job, with all its tries before it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.outbox import queries, service

        model = queries.kinds().get(kind)
        found = None
        if item is not None and model is not None:
            found = by_id_part(work, model, item, noun=f"work item of {kind}", list_command="tourpad jobs dead")
        revived = service.revive(work, kind=kind, item_id=found)
        work.commit()
    say(f"{revived:,} of {kind} {'is' if revived == 1 else 'are'} tried again by the next run of the job.")
