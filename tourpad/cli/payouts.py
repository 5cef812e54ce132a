"""`tourpad payouts`: what payees are due, why one is so, and the button."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from tourpad.cli import options, papers, payouts_approving
from tourpad.cli import payouts_explained as explained
from tourpad.cli import payouts_screen as screen
from tourpad.cli.amounts import dollars, plain
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, is_terminal, say, show_list, show_one
from tourpad.core.payouts.states import PayoutState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tourpad.core.money import Money
    from tourpad.core.payouts.queries import OpenPayout
    from tourpad.core.payouts.rules import Budget
    from tourpad.core.payouts.service import PreviewRow
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Payouts: what payees are due, why, and sending it.")

PayoutId = Annotated[str, typer.Argument(metavar="PAYOUT", help="Any unique part of its id, like po_7f3a9c21.")]
Whom = Annotated[str, typer.Argument(metavar="PAYOUT|PAYEE", help="Part of a payout's id, or a payee's mail address.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PAYOUT|PAYEE", help="Only this payout, or this payee's; may be repeated."),
]
Most = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many transfers.")]
MaxTotal = Annotated[str | None, typer.Option("--max-total", metavar="DOLLARS", help="At most so much in all: 500.00")]


@app.command("list")
def list_payouts(
    *,
    state: Annotated[PayoutState | None, typer.Option("--state", help="Only those in this state.")] = None,
    payee: Annotated[str | None, typer.Option("--payee", metavar="MAIL", help="Only this payee's.")] = None,
    concert: Annotated[str | None, typer.Option("--concert", help="Only those of this concert.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show payouts, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts.models import Concert
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.identity import queries as people
        from tourpad.core.payouts import service

        wanted = service.PayoutFilter(
            state=state,
            user_id=people.get_by_email(work, payee).id if payee else None,
            concert_id=by_id_part(work, Concert, concert, noun="concert") if concert else None,
        )
        found, total = service.list_payouts(work, wanted, page=1, limit=limit)
    columns = [
        Column("id"),
        Column("payee"),
        Column("concert_date", "concert", show=_short_day),
        Column("place", optional=True),
        Column("amount_cents", "amount", right=True),
        Column("state", style=lambda row: screen.STATE_COLOURS.get(row["state"], "")),
        Column("reason", show=lambda reason: reason.replace("_", " ") if reason else "–"),
        Column("due_at", "due", show=_short_day, optional=True),
        Column("sent_at", "sent", show=_short_day),
    ]
    if not is_terminal():
        columns += [Column("email"), Column("stripe_transfer_id")]
    narrowed = state or payee or concert
    counted = f"{len(found)} of {total:,}" if total > len(found) else f"{total:,}"
    show_list(
        [screen.list_row(row) for row in found],
        columns,
        as_json=as_json,
        key="payouts",
        extra={"total": total},
        empty="No payout matches." if narrowed else "No show has been settled yet.",
        closing=f"{counted} payout{'' if total == 1 else 's'}.  Why one is so:  tourpad payouts explain ID",
    )


@app.command("show")
def show(payout: PayoutId, *, as_json: options.Json = False) -> None:
    """Show one payout: how it stands."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payouts import service

        told = service.explain(work, payout_id=_payout(work, payout))
    facts = explained.explanation_facts(told)
    if not as_json:
        facts = {
            **{k: v for k, v in facts.items() if k not in ("came_in", "lines", "charges", "taken_back")},
            "taken_back_cents": sum(back.amount.cents for back in told.taken_back) or None,
            "charges": len(told.charges),
        }
    show_one(facts, as_json=as_json, title=f"{told.total} to {told.payee}")


@app.command("explain")
def explain(
    payout: PayoutId,
    *,
    charges: Annotated[bool, typer.Option("--charges", help="Each charge of the show, too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show every cent of one payout, back to the charges."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payouts import service

        told = service.explain(work, payout_id=_payout(work, payout))
    if not charges or as_json or is_terminal():
        explained.show_explanation(told, as_json=as_json)
    if charges and not as_json:
        explained.show_charges(told)


@app.command("preview")
def preview(
    *, only: Only = None, limit: Most = None, max_total: MaxTotal = None, as_json: options.Json = False
) -> None:
    """Show what a run would send now, and why the rest stays. Changes nothing."""
    with platform() as p:
        rows, available, budget = _preview(p, only, limit, max_total)
        named = next((row.payout_id for row in rows if row.reason), rows[0].payout_id if rows else None)
        closing = "Nothing was changed."
        if any(row.pays for row in rows):
            closing += f" Pay:  tourpad payouts run{_narrowed(only, limit, budget.max_total)}"
        if named:
            closing += f"\nWhy one is so:  tourpad payouts explain po_{named.hex[-8:]}"
        with p.work(me()) as work:
            from tourpad.core.payouts import queries

            stuck = queries.to_retry(work)
        if only:
            stuck = [row for row in stuck if row.email in only or row.payout.id in (budget.only or ())]
        _show_preview(p, rows, available, as_json=as_json, closing=closing, stuck=stuck)


@app.command("run")
def run(
    *,
    only: Only = None,
    limit: Most = None,
    max_total: MaxTotal = None,
    confirm_amount: Annotated[
        str | None,
        typer.Option(
            "--confirm-amount", metavar="DOLLARS", help="The total that you expect; anything else is refused."
        ),
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Send what may leave. Shows it first and asks; in production the total is typed."""
    with platform() as p:
        rows, available, budget = _preview(p, only, limit, max_total)
        pays = budget.total
        if not as_json or dry_run:
            _banner(p, as_json=as_json)
            _show_preview(p, rows, available, as_json=as_json, closing="")
        if dry_run:
            if not as_json:
                say("\nNothing was changed (--dry-run).")
            return
        _check_amount(pays, confirm_amount)
        if pays is None:
            _nothing(as_json=as_json)
            return
        if not _may_send(p, pays, confirm_amount, yes=yes):
            say("Nothing was sent.")
            return
        # What was shown is what may be sent: these payouts, and not a cent more in all.
        shown = frozenset(row.payout_id for row in rows if row.pays)
        _run(p, shown, pays, as_json=as_json)


@app.command("retry")
def retry(payout: PayoutId) -> None:
    """Plan a payout again that Stripe refused, or that came back. The next run sends it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payouts import service

        planned = service.retry(work, payout_id=_payout(work, payout))
        work.commit()
    say(f"po_{planned.id.hex[-8:]} is planned. Look:  tourpad payouts preview")


@app.command("hold")
def hold(
    whom: Whom,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever looks at it later.")],
) -> None:
    """Keep a payout back, or everything that a payee is due, until it is released."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity import queries as people
        from tourpad.core.payouts import service

        if "@" in whom:
            service.hold_payee(work, user_id=people.get_by_email(work, whom).id, reason=reason)
        else:
            service.hold(work, payout_id=_payout(work, whom), reason=reason)
        work.commit()
    say(f"{whom} is held. Let go:  tourpad payouts release {whom}")


@app.command("release")
def release(whom: Whom) -> None:
    """Let go of a payout or a payee that was held by hand."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity import queries as people
        from tourpad.core.payouts import service

        if "@" in whom:
            service.release_payee(work, user_id=people.get_by_email(work, whom).id)
        else:
            service.release(work, payout_id=_payout(work, whom))
        work.commit()
    say(f"{whom} is released. Look:  tourpad payouts preview")


app.command("earnings")(papers.earnings)
payouts_approving.add_to(app)


def _short_day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else "–"


def _payout(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.payouts.models import Payout

    return by_id_part(work, Payout, text, noun="payout")


def _preview(
    p: "Platform", only: list[str] | None, limit: int | None, max_total: str | None
) -> "tuple[list[PreviewRow], Money, Budget]":
    """What would be sent, from what, and the budget that it used up. `--only` leaves other payees out."""
    from tourpad.core.payments import behind
    from tourpad.core.payouts import procedures, service
    from tourpad.core.payouts.rules import Budget

    behind.check(p, me())
    most = dollars(max_total, field="--max-total") if max_total else None
    available = procedures.available_balance(p)
    with p.work(me()) as work:
        budget = Budget(limit=limit, max_total=most, only=wanted_payouts(work, only) if only else None)
        rows = service.preview(work, available=available, budget=budget)
    if budget.only is not None:
        payees = {row.user_id for row in rows if row.payout_id in budget.only}
        rows = [row for row in rows if row.user_id in payees]
    return rows, available, budget


def _narrowed(only: list[str] | None, limit: int | None, max_total: "Money | None") -> str:
    """The options of a preview once more, for the run that sends exactly what it showed."""
    from shlex import quote

    said = "".join(f" --only {quote(whom)}" for whom in only or ())
    said += f" --limit {limit}" if limit else ""
    return said + (f" --max-total {plain(max_total)}" if max_total else "")


def wanted_payouts(work: "Work", only: list[str]) -> "frozenset[UUID]":
    """The payouts that `--only` names: one by its id, or all open ones of a payee."""
    from tourpad.core.identity import queries as people
    from tourpad.core.payouts import queries

    ids: set[UUID] = set()
    for text in only:
        if "@" in text:
            user = people.get_by_email(work, text)
            ids.update(row.payout.id for row in queries.open_payouts(work, [user.id]))
        else:
            ids.add(_payout(work, text))
    return frozenset(ids)


def _show_preview(
    p: "Platform",
    rows: "list[PreviewRow]",
    available: "Money",
    *,
    as_json: bool,
    closing: str,
    stuck: "Sequence[OpenPayout]" = (),
) -> None:
    from tourpad.core.money import usd

    screen.show_preview(
        rows,
        available=available,
        now=p.clock.now(),
        hold_days=p.settings.payout_hold_business_days,
        minimum=usd(p.settings.payout_minimum_cents),
        as_json=as_json,
        closing=closing,
        stuck=stuck,
    )


def _is_production(p: "Platform") -> bool:
    from tourpad.core.settings import Env

    return p.settings.env is Env.PRODUCTION


def _banner(p: "Platform", *, as_json: bool) -> None:
    if _is_production(p) and not as_json:
        say("[bold red]⚠ PRODUCTION[/bold red]  ·  Stripe's live account\n")


def _check_amount(pays: "Money | None", confirm_amount: str | None) -> None:
    from tourpad.core.money import usd
    from tourpad.core.payouts.errors import TotalMismatchError

    if confirm_amount is None:
        return
    expected, now = dollars(confirm_amount, field="--confirm-amount"), pays or usd(0)
    if expected != now:
        msg = f"You expect {expected}, and {now} would be sent now. Nothing was sent."
        raise TotalMismatchError(
            msg, hint="tourpad payouts preview shows why.", expected_cents=expected.cents, total_cents=now.cents
        )


def _may_send(p: "Platform", pays: "Money", confirm_amount: str | None, *, yes: bool) -> bool:
    """Ask, as the place demands. `--confirm-amount` was compared with the total before."""
    from tourpad.core.errors import RefusedError
    from tourpad.core.payouts.errors import TotalMismatchError

    if not _is_production(p):
        return confirm(f"\nThis sends {pays}. Go on?", yes=yes or confirm_amount is not None)
    if confirm_amount is not None:
        return True
    if yes or not sys.stdin.isatty():
        msg = f"In production the total is confirmed as a number, not by {'--yes' if yes else 'silence'}."
        raise RefusedError(msg, hint=f"Add --confirm-amount {plain(pays)}")
    typed: str = typer.prompt(f"\nThis sends {pays}. Type the total to go on")
    if dollars(typed, field="total") != pays:
        msg = f"You typed {typed}, the total is {pays}. Nothing was sent."
        raise TotalMismatchError(msg)
    return True


def _nothing(*, as_json: bool) -> None:
    if as_json:
        from tourpad.core.payouts.procedures import RunResult

        screen.show_result(RunResult(()), is_balanced=True, as_json=True)
        return
    say("\nNothing leaves now.")


def _run(p: "Platform", shown: "frozenset[UUID]", pays: "Money", *, as_json: bool) -> None:
    from tourpad.core.ledger import service as ledger
    from tourpad.core.payouts import procedures

    result = procedures.run_payouts(p, me(), only=shown, max_total=pays)
    with p.work(me()) as work:
        is_balanced = not ledger.verify(work)
    screen.show_result(result, is_balanced=is_balanced, as_json=as_json)
    if result.rows_in(PayoutState.SENDING):
        raise typer.Exit(5)
    if result.rows_in(PayoutState.FAILED) or not is_balanced:
        raise typer.Exit(1)
