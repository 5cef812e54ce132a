"""`tourpad stripe`: is it set up, what has it told, and one to run against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import load, me, platform
from tourpad.cli.instants import instant
from tourpad.cli.output import Column, confirm, human, is_terminal, print_json, say, show_list
from tourpad.cli.stripe_endpoints import SECRETS, endpoints
from tourpad.core.outbox.states import ItemState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tourpad.core.payments.models import StripeEvent
    from tourpad.core.platform import Platform

app = typer.Typer(no_args_is_help=True, help="Stripe: set-up, events, and a sandbox to run against.")

PORT = 8420
"""Of the sandbox, unless told otherwise: the same each time, so that STRIPE_API_BASE can name it."""
COLOURS = {"dead": "red", "waiting": "yellow", "working": "yellow", "done": "green"}
STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}

Finding = tuple[str, str, str, str | None]
"""Part, `ok`/`warning`/`failed`, what was seen, what to do."""


@app.command("doctor")
def doctor(*, as_json: options.Json = False) -> None:
    """Look at the key, the balance, webhooks, prices and the inbox. Exit 1 when something is broken."""
    with platform() as p:
        rows = [{"part": part, "state": s, "seen": seen, "advice": advice} for part, s, seen, advice in _looks(p)]
    broken = sum(row["state"] == "failed" for row in rows)
    show_list(
        rows,
        [
            Column("part"),
            Column("state", style=lambda row: STYLES[row["state"]]),
            Column("seen"),
            Column("advice"),
        ],
        as_json=as_json,
        key="parts",
        empty="Nothing to look at.",
        closing=f"{broken} of {len(rows)} parts are broken." if broken else "Stripe is set up.",
    )
    if broken:
        raise typer.Exit(1)


@app.command("setup")
def setup(*, dry_run: options.DryRun = False, as_json: options.Json = False) -> None:
    """Make Stripe's products, prices and portal agree with our plans. Safe to repeat: what agrees is kept."""
    with platform() as p:
        from tourpad.core.memberships.procedures import plan_setup, setup_stripe

        steps = [
            {"thing": s.thing.value, "name": s.name, "does": s.does.value, "says": s.says, "stripe_id": s.stripe_id}
            for s in plan_setup(p, me())
        ]
        counts = {} if dry_run else setup_stripe(p, me())
    if as_json:
        print_json({**counts, "steps": steps, "dry_run": dry_run})
        return
    show_list(
        steps,
        [
            Column("thing"),
            Column("name"),
            Column("does", style=lambda row: "" if row["does"] == "keep" else "yellow"),
            Column("says", "what"),
            Column("stripe_id", "at Stripe", show=lambda found: found or "–"),
        ],
        as_json=False,
        key="steps",
        empty="There is no plan.",
        closing="Nothing was changed." if dry_run else "",
    )
    if dry_run:
        return
    changed = [step for step in steps if step["does"] != "keep"]
    if not changed:
        say("Stripe agrees with our plans; nothing was to be done.")
    else:
        say(f"Stripe agrees with our plans now: {len(changed)} changed, {len(steps) - len(changed)} kept.")


app.command("endpoints")(endpoints)


@app.command("events")
def events(
    *,
    state: Annotated[ItemState | None, typer.Option("--state", help="Only those in this state.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up; like --state dead.")] = False,
    type: Annotated[  # Stripe's word
        str | None, typer.Option("--type", metavar="BEGINNING", help="Only types that begin so: charge.dispute")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Received from then on, or 3d.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show what Stripe has told, the newest first, and what came of it."""
    if dead and state not in (None, ItemState.DEAD):
        from tourpad.core.errors import invalid

        raise invalid("state", f"--dead asks for dead ones, --state for {state}; give one of them")
    state = ItemState.DEAD if dead else state
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payments import queries

        found, total = queries.events(
            work,
            states=(state,) if state else (),
            type_prefix=type,
            since=instant(since, field="--since", now=work.now) if since else None,
            limit=limit,
        )
    counted = f"{len(found)} of {total:,}" if total > len(found) else f"{total:,}"
    given_up = any(event.item_state is ItemState.DEAD for event in found)
    show_list(
        [_event_row(event) for event in found],
        [
            Column("received_at", "received"),
            Column("stripe_event_id", "event"),
            Column("type"),
            Column("object_id", "about", optional=True),
            Column("state", style=lambda row: COLOURS.get(row["state"], "")),
            Column("attempts", right=True, optional=True),
            Column("outcome", optional=True),
            Column("error", optional=not any(event.last_error for event in found)),
        ],
        as_json=as_json,
        key="events",
        extra={"total": total},
        empty="No event matches." if (state or type or since) else "Stripe has told nothing yet.",
        closing=f"{counted} event{'' if total == 1 else 's'}."
        + ("  Once the cause is mended:  tourpad stripe revive EVENT" if given_up else ""),
    )


@app.command("revive")
def revive(
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="Stripe's id of a dead event, evt_…; or its beginning.")
    ],
) -> None:
    """Let a dead event be tried again, now."""
    with platform() as p:
        from tourpad.core.database.lookup import by_name_part
        from tourpad.core.payments import queries, service
        from tourpad.core.payments.procedures import work_inbox

        with p.work(me()) as work:
            named = by_name_part(queries.events_by_stripe_name(work, event), event, noun="event")
            revived = service.revive(work, stripe_event_id=named or event)
            work.commit()
        work_inbox(p, me())
        with p.work(me()) as work:
            found = work.session.get_one(type(revived), revived.id)
    say(f"{found.stripe_event_id} ({found.type}) is {found.item_state}: {found.outcome or found.last_error}")


@app.command("accept")
def accept(
    stripe_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="Stripe's id of a transfer, refund or reversal; or its beginning."),
    ],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why nothing here can do it again.")],
) -> None:
    """Put on record that what Stripe has done, and the books will never know, is dealt with: it stops no payout."""
    with platform() as p:
        from tourpad.core.payments import behind

        stripe_id = behind.find_made(p, stripe_id)
        with p.work(me()) as work:
            behind.accept(work, stripe_id=stripe_id, reason=reason)
            work.commit()
    say(f"{stripe_id} is on record. Look:  tourpad stripe doctor")


@app.command("replay")
def replay(
    *,
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="From then on, or 3d; Stripe keeps 30 days.")],
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """List Stripe's events, process those that never came, and try those again that were given up."""
    with platform() as p:
        from tourpad.core.payments import procedures

        start = instant(since, field="--since", now=p.clock.now())
        counts = procedures.replay(p, me(), since=start, dry_run=dry_run)
        if not dry_run:
            counts |= procedures.work_inbox(p, me())
    if as_json:
        print_json({"since": start, **counts})
        return
    given_up = f", {counts['revived']:,} had been given up" if counts["revived"] else ""
    said = (
        f"Stripe lists {counts['listed']:,} events since {human(start)}; {counts['missing']:,} had not come{given_up}."
    )
    if dry_run:
        confirm("", yes=False, dry_run=True)
    elif counts["missing"] or counts["revived"]:
        said += f" Processed {counts['processed']:,}, {counts['retried']:,} are tried again, {counts['dead']:,} dead."
    say(said)


@app.command("sandbox")
def sandbox(
    *,
    host: Annotated[str, typer.Option("--host", help="Where it listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = PORT,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Append every exchange, a JSON line each.")
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="FOLDER", help="Where its state lies; TOURPAD_HOME unless given.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The same ids each run.")] = None,
    rate_limit: Annotated[
        int | None,
        typer.Option(
            "--rate-limit", min=1, metavar="N", help="429 beyond N calls a second of one endpoint, as Stripe."
        ),
    ] = None,
) -> None:
    """Run a Stripe for local work in the foreground; its webhooks go to TOURPAD_BASE_URL."""
    settings = load(serves=True)
    from tourpad.core.errors import ConfigurationError
    from tourpad.core.gateways.stripe.wanted import endpoints
    from tourpad.core.platform import clock_of
    from tourpad.sandbox import RunningSandbox, WebhookTarget, run_forever

    clock = clock_of(settings)
    targets = [WebhookTarget(*endpoint) for endpoint in endpoints(settings)]

    def ready(running: RunningSandbox) -> None:
        say(f"The Stripe sandbox answers on {running.url}")
        say(f"Use it:       STRIPE_API_BASE={running.url} STRIPE_SECRET_KEY={running.secret_key}")
        for target in targets:
            say(f"Webhooks to   {target.url}")
        say(f"Faults, time: {running.url}/_sandbox   Ctrl-C ends it.")

    try:
        run_forever(
            home or settings.home,
            host=host,
            port=port,
            webhook_targets=targets,
            record=record or settings.stripe_record,
            clock=lambda: clock.now().timestamp(),
            seed=seed,
            rate_limit=rate_limit,
            ready=ready,
        )
    except OSError as error:
        msg = f"The sandbox could not start on {host}:{port}: {error.strerror or error}."
        raise ConfigurationError(msg, hint="Give another --port (0 takes a free one) or --home.") from error


def _looks(p: "Platform") -> "Iterator[Finding]":
    from tourpad.core.errors import TourPadError

    settings = p.settings
    key = settings.stripe_secret_key
    mode = "local sandbox" if settings.uses_sandbox else "live" if key and "_live_" in key else "test"
    yield "key", "ok", f"{mode}, {p.stripe.base_url}", None
    try:
        yield _balance(p)
    except TourPadError as error:
        yield "balance", "failed", error.message, error.hint or "Check STRIPE_SECRET_KEY and STRIPE_API_BASE."
        return
    yield _books(p)
    yield from _secrets(p)
    yield _prices(p)
    yield from inbox(p)


def _balance(p: "Platform") -> Finding:
    from tourpad.core.money import Money, format_money

    balance = p.stripe.get_balance()
    sums = {
        part: ", ".join(format_money(Money(row["amount"], row["currency"].upper())) for row in balance[part])
        for part in ("available", "pending")
    }
    return "balance", "ok", f"{sums['available']} available, {sums['pending']} pending", None


def _books(p: "Platform") -> Finding:
    from tourpad.core.payments import behind
    from tourpad.core.payments.errors import BooksBehindError

    try:
        behind.check(p, me(), at_once=True)
    except BooksBehindError as error:
        return "books", "failed", error.message, error.hint
    return "books", "ok", "they know what our calls made last", None


def _secrets(p: "Platform") -> "Iterator[Finding]":
    for name, secret in (
        (SECRETS["platform"], p.settings.webhook_secret),
        (SECRETS["connect"], p.settings.connect_webhook_secret),
    ):
        if secret is None:
            yield (
                "webhooks",
                "failed",
                f"{name} is not set: its endpoint answers 404",
                "Copy it from Stripe's dashboard; what to enter there: tourpad stripe endpoints",
            )
        else:
            yield "webhooks", "ok", f"{name} is set", None


def _prices(p: "Platform") -> Finding:
    from tourpad.core.memberships import queries

    with p.work(me()) as work:
        missing = [plan.code for plan in queries.plans(work) if plan.stripe_price_id is None]
    if missing:
        return "prices", "warning", f"plans without a price at Stripe: {', '.join(missing)}", "tourpad stripe setup"
    return "prices", "ok", "every plan has its price", None


def inbox(p: "Platform") -> "Iterator[Finding]":
    """How Stripe's events stand, for both doctors."""
    from datetime import timedelta

    from tourpad.core.payments import queries

    with p.work(me()) as work:
        newest, total = queries.events(work, limit=1)
        late = queries.unhandled_since(work, work.now - timedelta(minutes=10))
    if not total:
        yield "events", "warning", "none has ever come", "tourpad stripe replay --since 3d"
    else:
        yield "events", "ok", f"{total:,} came, the last {human(newest[0].received_at)}", None
    if late:
        dead = sum(event.item_state is ItemState.DEAD for event in late)
        parts = [f"{dead:,} given up"] if dead else []
        parts += [f"{len(late) - dead:,} unhandled for ten minutes"] if len(late) > dead else []
        yield "inbox", "failed", ", ".join(parts), "tourpad stripe events --dead" if dead else "tourpad jobs start"


def _event_row(event: "StripeEvent") -> dict[str, Any]:
    error = event.last_error
    return {
        "received_at": event.received_at,
        "created_at": event.created_at,
        "stripe_event_id": event.stripe_event_id,
        "type": event.type,
        "object_id": event.object_id,
        "endpoint": event.endpoint,
        "state": event.item_state.value,
        "attempts": event.attempts,
        "outcome": event.outcome,
        "error": error[:60] + "…" if error and is_terminal() and len(error) > 60 else error,  # noqa: PLR2004 - columns
        "processed_at": event.processed_at,
    }
