"""`tourpad stats`: is the platform growing, do people find each other, does money come through?"""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.instants import instant
from tourpad.cli.output import Column, console, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from datetime import datetime

    from tourpad.core.analytics.figures import Report
    from tourpad.core.analytics.measures import Amount, Measure

_BARS = " ▏▎▍▌▋▊▉█"
_WIDEST = 24
"""Cells of the longest bar."""


def stats(
    *,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="From that day (UTC) on; or like 30d. Else 90 days.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="To that day (UTC), that day too. Else today.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="STEP", help="A bar for each day, week or month.")] = None,
    as_json: options.Json = False,
) -> None:
    """Show business metrics with bars: who joins, what is booked, played and paid, who takes part.

    Each figure stands beside that of as many days before. Read from the replica, where there is one.
    """
    with platform() as p, p.reading(me()) as work:
        from tourpad.core.analytics import rules, service
        from tourpad.core.analytics.measures import measures
        from tourpad.core.papers.record import record

        span = rules.span_of(_day(since, "--since", work.now), _day(until, "--until", work.now), today=work.now.date())
        found = service.report(work, span=span, step=rules.step_named(by) if by else None)
    lines = measures(found)
    if as_json:
        print_json(record(found))
    elif is_terminal():
        _screen(found, lines)
    else:
        show_list(
            [{"group": m.group, "name": m.name, "now": _piped(m.now, m), "before": _piped(m.before, m)} for m in lines],
            [Column("group"), Column("name"), Column("now"), Column("before")],
            as_json=False,
            empty="",
        )


def _day(text: str | None, field: str, now: "datetime") -> date | None:
    return None if text is None else instant(text, field=field, now=now).date()


def _screen(found: "Report", lines: "list[Measure]") -> None:
    now = found.now
    days = (now.last - now.first).days + 1
    console().print(f"[bold]{now.first} to {now.last}[/bold]  ({days} days; beside them the {days} days before)")
    group = None
    width = max(len(line.name) for line in lines)
    for line in lines:
        if line.group != group:
            group = line.group
            console().print(f"\n[dim]{group}[/dim]")
        print(f"  {line.name.ljust(width)}  {_said(line.now, line):>12}  {_said(line.before, line):>12}{_change(line)}")
    say(f"\nBy {found.step}, from its first day on: shows played, and money paid")
    most = max((bar.paid_cents for bar in found.bars), default=0)
    for bar in found.bars:
        from tourpad.core.money import Money

        print(
            f"  {bar.first}  {bar.shows_played:>4} {'show ' if bar.shows_played == 1 else 'shows'}"
            f"  {Money(bar.paid_cents)!s:>12}  {_bar(bar.paid_cents, most)}".rstrip()
        )
    say("\nThe same for programs:  tourpad stats --json")


def _piped(value: "Amount", line: "Measure") -> str | None:
    """Dollars stay dollars, and shares shares: in one column cents and counts could not be told apart."""
    return None if value is None else _said(value, line)


def _said(value: "Amount", line: "Measure") -> str:
    if value is None:
        return "–"
    return f"{value} %" if line.is_share else str(value)


def _change(line: "Measure") -> str:
    """How much more or less, where that says anything."""
    if not isinstance(line.now, int) or not isinstance(line.before, int) or line.is_share or line.before == 0:
        return ""
    change = round(100 * (line.now - line.before) / line.before)
    return f"  {change:+d} %" if change else ""


def _bar(value: int, most: int) -> str:
    """In eighths of a cell."""
    eighths = 0 if most == 0 else round(value / most * _WIDEST * 8)
    return "█" * (eighths // 8) + _BARS[eighths % 8].strip()
