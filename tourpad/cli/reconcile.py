"""`tourpad reconcile`: do Stripe and the books agree, to the cent?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.instants import instant
from tourpad.cli.output import Column, human, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from tourpad.core.reconcile.procedures import Report

DISAGREE = 4
"""The exit code when anything is found."""


def reconcile(
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Replay what is missing, and look again.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Read Stripe's lists from the beginning.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Read them from that day on; or like 3d.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Compare every cent at Stripe with the books. Exit code 4 when anything differs.

    Without --all or --since Stripe's lists are read from two days before the last time that all was well.
    """
    with platform() as p:
        from tourpad.core.reconcile import procedures

        start = instant(since, field="--since", now=p.clock.now()) if since else None
        report = procedures.reconcile(p, me(), fix=fix, whole=whole, since=start)
    _show(report, as_json=as_json, fix=fix)
    if not report.is_clean:
        raise typer.Exit(DISAGREE)


def _show(report: "Report", *, as_json: bool, fix: bool) -> None:
    from tourpad.core.reconcile.advice import can_be_replayed

    rows = [_row(finding) for finding in report.findings]
    fixed = [_row(finding) for finding in report.fixed]
    if as_json:
        print_json(
            {
                "clean": report.is_clean,
                "findings": rows,
                "fixed": fixed,
                "replayed": report.replayed,
                "since": report.since,
                "checked": report.checked,
                "ledger_cents": report.ledger,
                "stripe_cents": report.balance,
            }
        )
        return
    columns = [
        Column("code", "finding", style="red"),
        Column("message", ""),
        Column("hint", "", style="dim", show=_plain),
    ]
    if not is_terminal():
        show_list(rows, [*columns, Column("subject")], as_json=False, empty="")
        return
    _show_scope(report)
    for finding in report.fixed:
        say(f"[green]mended[/green]  {finding.message}")
    if rows:
        show_list(rows, columns, as_json=False, empty="")
        counted = f"{len(rows)} finding{'' if len(rows) == 1 else 's'}."
        missing = not fix and any(map(can_be_replayed, report.findings))
        say(f"\n{counted}" + ("  Replay what is missing:  tourpad reconcile --fix" if missing else ""))
    elif all(report.ledger.get(c, 0) == report.balance.get(c, 0) for c in {*report.ledger, *report.balance}):
        say("Stripe and the books agree to the cent.")
    else:
        say("Nothing is missing: what differs has come from Stripe just now, and is being worked on.")


def _show_scope(report: "Report") -> None:
    """What was compared, and both sums."""
    from tourpad.core.money import Money

    things = ", ".join(
        f"{count:,} {name.replace('_', ' ').removesuffix('s' if count == 1 else ' ')}"
        for name, count in report.checked.items()
    )
    since = f"since {human(report.since)} UTC" if report.since else "from the beginning"
    say(f"Compared {since}: {things}.")
    for currency in sorted({*report.ledger, *report.balance}):
        stripe = Money(report.balance.get(currency, 0), currency)
        say(f"Stripe's balance {stripe} · the ledger's {Money(report.ledger.get(currency, 0), currency)}")
    say("")


def _plain(text: str | None) -> str:
    return text or ""


def _row(finding: Any) -> dict[str, Any]:
    return {
        "code": finding.code,
        "subject": finding.subject,
        "message": finding.message,
        "hint": finding.hint,
    }
