"""`tourpad doctor`: look at every part that this installation needs, and say what to do about what is not well."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from tourpad.cli import options
from tourpad.cli.context import load
from tourpad.cli.output import Column, show_list

if TYPE_CHECKING:
    from tourpad.core.gateways.scanner import ScannerGateway
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Settings

_REPLICA_BEHIND = timedelta(minutes=1)
"""So far search may be behind."""

Finding = tuple[str, str, str, str | None]
"""Part, `ok`/`warning`/`failed`, what was seen, what to do."""


def doctor(*, as_json: options.Json = False) -> None:
    """Look at settings, database, migrations, Stripe, mail, media and jobs. Exit 1 when something is broken."""
    rows = [{"part": p, "state": s, "seen": seen, "advice": advice} for p, s, seen, advice in _findings()]
    styles = {"ok": "green", "warning": "yellow", "failed": "red"}
    columns = [
        Column("part"),
        Column("state", style=lambda row: styles[row["state"]]),
        Column("seen"),
        Column("advice"),
    ]
    broken = sum(row["state"] == "failed" for row in rows)
    closing = (
        f"{broken} of {len(rows)} parts are broken." if broken else "Everything that this installation needs is well."
    )
    show_list(rows, columns, as_json=as_json, key="parts", empty="Nothing to look at.", closing=closing)
    if broken:
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    from tourpad.core.errors import TourPadError

    try:
        settings = load()
    except TourPadError as error:
        yield "settings", "failed", error.message, error.hint
        return
    yield "settings", "ok", f"environment {settings.env}, home {settings.home}", None
    yield from _files(settings)
    from tourpad.core.platform import Platform

    try:
        platform = Platform.open(settings)
    except TourPadError as error:
        yield "database", "failed", error.message, error.hint
        return
    try:
        for look in (_database, _replica, _clock, _rollout, _stripe, _inbox, _mail, _media, _jobs, _given_up):
            yield from _guarded(look, platform)
    finally:
        platform.close()


def _guarded(look: "Callable[[Platform], Iterator[Finding]]", platform: "Platform") -> Iterator[Finding]:
    part = look.__name__.strip("_")
    try:
        yield from look(platform)
    except Exception as error:  # noqa: BLE001 - the doctor reports whatever it meets
        text = str(error).strip().splitlines()
        yield part, "failed", f"{type(error).__name__}: {text[0] if text else ''}", None


def _files(settings: "Settings") -> Iterator[Finding]:
    import shutil

    free = shutil.disk_usage(settings.home if settings.home.exists() else settings.home.anchor).free // 1_000_000
    state = "ok" if free > 500 else "warning"  # noqa: PLR2004 - MB; PostgreSQL and media want some room
    yield (
        "home",
        state,
        f"{settings.home}, {free:,} MB free",
        None if state == "ok" else "Make room, or set TOURPAD_HOME.",
    )


def _database(platform: "Platform") -> Iterator[Finding]:
    from sqlalchemy import text

    from tourpad.core.database import migrate

    with platform.engine.connect() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
    major = int(str(version).split(".")[0])
    kind = "embedded" if platform.settings.database_url is None else "DATABASE_URL"
    if major < 15:  # noqa: PLR2004 - the oldest version that the contract names
        yield "database", "failed", f"PostgreSQL {version} ({kind})", "TourPad needs PostgreSQL 15 or newer."
    else:
        yield "database", "ok", f"PostgreSQL {version} ({kind})", None
    status = migrate.status(platform.database_url)
    yield _extension(platform)
    if status.pending:
        behind = "1 migration" if len(status.pending) == 1 else f"{len(status.pending)} migrations"
        seen = f"at {status.current or 'nothing'}, {behind} behind"
        yield "migrations", "failed", seen, "tourpad db upgrade"
    else:
        yield "migrations", "ok", f"at {status.current}", None


def _replica(platform: "Platform") -> Iterator[Finding]:
    """How far the copy is behind that search and business metrics are read from, where there is one."""
    from tourpad.core.database import replica

    if platform.settings.database_replica_url is None:
        return
    seen = replica.look(platform.read_engine)
    if not seen.is_copy:
        yield "replica", "warning", "a database of its own, no copy", "DATABASE_REPLICA_URL must name a standby."
        return
    told = "nothing was copied yet" if seen.behind is None else f"{seen.behind.total_seconds():.0f} s behind"
    if seen.behind is None or seen.behind > _REPLICA_BEHIND:
        yield "replica", "warning", told, "Take DATABASE_REPLICA_URL out until it has caught up."
    else:
        yield "replica", "ok", told, None


def _extension(platform: "Platform") -> Finding:
    """What search needs of the server: it comes with PostgreSQL, but not every installation has it."""
    from tourpad.core.database import likeness
    from tourpad.core.errors import ConfigurationError

    with platform.engine.connect() as connection:
        if likeness.is_installed(connection):
            return "search", "ok", f"extension {likeness.EXTENSION} is there", None
        try:
            likeness.require_extension(connection)
        except ConfigurationError as error:
            return "search", "failed", error.message, error.hint
        # The connection is given back without a commit: `tourpad db upgrade` makes it.
        return "search", "warning", f"extension {likeness.EXTENSION} is not there yet", "tourpad db upgrade"


def _clock(platform: "Platform") -> Iterator[Finding]:
    from tourpad.core.clock import SystemClock

    now = platform.clock.now()
    real = SystemClock().now()
    if abs((now - real).total_seconds()) < 5:  # noqa: PLR2004 - seconds
        yield "clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC", None
    else:
        left = platform.settings.home / "clock"
        why = (
            "moved by a demo or tourpad clock; delete the file to be back in the present"
            if left.is_file()
            else "TOURPAD_CLOCK"
        )
        yield "clock", "warning", f"{now:%Y-%m-%d %H:%M:%S} UTC, not the machine's time", why


def _rollout(platform: "Platform") -> Iterator[Finding]:
    """Who is let in, where that is not everybody: nothing is broken, but somebody may have forgotten it."""
    from tourpad.core.actors import NOBODY
    from tourpad.core.rollout import queries
    from tourpad.core.rollout.states import RolloutStage

    with platform.work(NOBODY) as work:
        change = queries.latest(work)
    if change is not None and change.stage is not RolloutStage.EVERYONE:
        who = (
            "only admins are let in" if change.stage is RolloutStage.ADMINS else "only admins and the group are let in"
        )
        yield "rollout", "warning", f"{who}, since {change.set_at:%Y-%m-%d %H:%M} UTC", "tourpad rollout show"


def _stripe(platform: "Platform") -> Iterator[Finding]:
    from tourpad.core.money import Money, format_money

    balance = platform.stripe.get_balance()
    amounts = [Money(item["amount"], item["currency"].upper()) for item in balance["available"]]
    available = ", ".join(format_money(amount) for amount in amounts)
    where = "local sandbox" if platform.settings.uses_sandbox else platform.settings.stripe_api_base or "api.stripe.com"
    yield "stripe", "ok", f"{where} answers; available {available or 'nothing'}", None


def _inbox(platform: "Platform") -> Iterator[Finding]:
    """Stripe's events: only what is wrong with them; `tourpad stripe doctor` looks closer."""
    from tourpad.cli.stripe import inbox

    yield from (finding for finding in inbox(platform) if finding[1] == "failed")


def _mail(platform: "Platform") -> Iterator[Finding]:
    if platform.settings.sendgrid_api_key:
        yield "mail", "ok", f"SendGrid, from {platform.settings.mail_from}", "tourpad mail send-test ADDRESS"
    else:
        yield "mail", "ok", "local outbox: nothing leaves this machine", "tourpad mail list"


def _media(platform: "Platform") -> Iterator[Finding]:
    closed = platform.storage.closed_to(platform.settings.page_origins)
    if closed:
        yield "media", "warning", f"browsers may not send uploads from {', '.join(closed)}", "tourpad media cors"
    else:
        yield "media", "ok", platform.storage.name, None
    if platform.scanner is not None:
        yield _scanner(platform.scanner)


def _scanner(scanner: "ScannerGateway") -> Finding:
    """While it is away uploads wait in quarantine: nothing is lost, and nothing is published."""
    from tourpad.core.gateways.scanner import ScannerDown

    try:
        return "scanner", "ok", f"{scanner.name}: {scanner.version()}", None
    except ScannerDown as error:
        return "scanner", "failed", error.message, "uploads wait in quarantine; start it, then  tourpad media scan"


def _jobs(platform: "Platform") -> Iterator[Finding]:
    from tourpad.core.actors import NOBODY
    from tourpad.core.scheduling import queries

    with platform.work(NOBODY) as work:
        last = queries.latest(work)
    failed = sorted(name for name, run in last.items() if run.state == "failed")
    if failed:
        yield "jobs", "failed", f"failed when last run: {', '.join(failed)}", "tourpad jobs history --failed"
    elif not last:
        yield "jobs", "warning", "none has ever run", "tourpad jobs start"
    else:
        newest = max(run.slot for run in last.values())
        yield "jobs", "ok", f"last slot {newest:%Y-%m-%d %H:%M:%S} UTC", None


def _given_up(platform: "Platform") -> Iterator[Finding]:
    """Work of any kind that nobody tries again; Stripe's events have a part of their own."""
    from tourpad.core.actors import NOBODY
    from tourpad.core.outbox import queries

    with platform.work(NOBODY) as work:
        dead = {one.kind: one.dead for one in queries.standings(work) if one.dead and one.kind != "stripe_events"}
    if dead:
        seen = ", ".join(f"{count:,} of {kind}" for kind, count in dead.items())
        yield "given up", "failed", seen, "tourpad jobs dead"
