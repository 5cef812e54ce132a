"""`tourpad clock`: the time of a local home, and moving it, so that a renewal need not be waited for."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import load, platform
from tourpad.cli.counts import in_words
from tourpad.cli.instants import instant
from tourpad.cli.output import print_json, say

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The clock of a local home: what it says, and moving it.")

_LENGTH = re.compile(r"(?P<count>[1-9]\d{0,4})(?P<unit>[smhdw])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HINT = "Like 30d, 12h, 2027-01-31, or 2027-01-31T09:00:00Z."


@app.callback()
def _group() -> None:
    """The clock of a local home: what it says, and moving it."""


@app.command("show")
def show(*, as_json: options.Json = False) -> None:
    """Show what time it is here, and whether that is the machine's time."""
    settings = load()
    from tourpad.core.clock import SystemClock
    from tourpad.core.platform import clock_of

    now, machine = clock_of(settings).now(), SystemClock().now()
    ahead = now - machine
    is_moved = abs(ahead) > timedelta(seconds=1)
    if as_json:
        print_json({"now": now, "machine": machine, "is_moved": is_moved})
        return
    say(f"{_said(now)}, {_apart(ahead) if is_moved else 'the time of this machine'}.")
    say("Move it on:  tourpad clock move 30d")


@app.command("move")
def move(
    to: Annotated[str, typer.Argument(metavar="TO", help="How far on (30d, 12h, 45m), or a later day or instant.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Move the clock on, for all that runs on this home, and run every job once. Time goes on from there.

    What Stripe has to tell of the time in between (a renewal) is heard by a running `tourpad dev`, within seconds.
    """
    settings = load()
    _refuse_a_set_clock(settings)
    with platform() as p:
        from tourpad.core.clock import move_home_clock
        from tourpad.core.platform import HOME_CLOCK
        from tourpad.jobs.runner import tick

        before = p.clock.now()
        then = _target(to, before)
        move_home_clock(settings.home / HOME_CLOCK, then)
        # A job of every ten minutes would otherwise wait for ten of the machine's.
        ran = [outcome for outcome in tick(p) if outcome.error or any((outcome.done or {}).values())]
    if as_json:
        jobs = [{"job": outcome.job, "done": outcome.done, "error": outcome.error} for outcome in ran]
        print_json({"from": before, "now": then, "jobs": jobs})
        return
    say(f"{_said(before)}  →  {_said(then)}")
    for outcome in ran:
        say(f"  {outcome.job:<20} {outcome.error or in_words(outcome.done or {})}")
    say("Access tokens may have run out.")


def _refuse_a_set_clock(settings: "Settings") -> None:
    """A clock that each process was given can't be moved from here."""
    if settings.clock is not None:
        from tourpad.core.errors import RefusedError

        msg = f"TOURPAD_CLOCK says what time it is ({settings.clock})."
        raise RefusedError(msg, hint="Unset it, and start what runs anew: then the home has its own clock.")


def _target(to: str, now: datetime) -> datetime:
    """The instant that was asked for, which must be later."""
    from tourpad.core.errors import invalid

    length = _LENGTH.fullmatch(to.strip())
    then = (
        now + timedelta(**{_UNITS[length["unit"]]: int(length["count"])})
        if length
        else instant(to, field="TO", now=now, hint=HINT)
    )
    if then <= now:
        raise invalid("TO", f"it is {_said(now)} here already; books and ids know no way back", hint=HINT)
    return then


def _said(at: datetime) -> str:
    return f"{at:%a %-d %b %Y %H:%M:%S} UTC"


def _apart(ahead: timedelta) -> str:
    hours = round(abs(ahead).total_seconds() / 3600)
    far = f"{hours // 24:,} days" if hours >= 48 else f"{hours} hours" if hours >= 1 else "less than an hour"  # noqa: PLR2004 - two days
    return f"{far} {'ahead of' if ahead > timedelta(0) else 'behind'} this machine"
