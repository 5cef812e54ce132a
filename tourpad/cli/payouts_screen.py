"""How payouts look: the table before and after the button, and the explanation of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tourpad.cli.output import Column, console, folded, human, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from tourpad.core.money import Money
    from tourpad.core.payouts.procedures import RunResult, SentRow
    from tourpad.core.payouts.queries import OpenPayout
    from tourpad.core.payouts.service import PayoutRow, PreviewRow

STATE_COLOURS = {
    "sent": "green",
    "settled": "green",
    "held": "yellow",
    "sending": "yellow",
    "failed": "red",
    "reversed": "red",
    "carried": "dim",
}


def amount_or_dash(value: "Money | None") -> str:
    """Money, with a dash for nothing."""
    return str(value) if value else "–"


PREVIEW_COLUMNS = (
    Column("payee"),
    Column("concert"),
    Column("earned_cents", "earned", right=True),
    Column("carried_cents", "carried", right=True, show=amount_or_dash),
    Column("held_cents", "held back", right=True, show=amount_or_dash),
    Column("pays_cents", "pays", right=True, style=lambda row: "green" if row["pays_cents"] else ""),
    Column("why", "", style="dim", show=str),
)
WIDE = 140
"""From so many columns on, why each stays fits beside its row."""

PIPED_COLUMNS = (
    Column("id"),
    Column("email"),
    Column("payee"),
    Column("concert_date"),
    Column("place"),
    Column("earned_cents"),
    Column("carried_cents"),
    Column("held_cents"),
    Column("pays_cents"),
    Column("reason"),
    Column("note"),
)


def preview_rows(rows: Sequence["PreviewRow"]) -> list[dict[str, Any]]:
    """Rows of a preview as every form of output takes them."""
    return [
        {
            "id": row.payout_id,
            "payee": row.payee,
            "email": row.email,
            "concert_date": row.concert_date,
            "place": row.place,
            "earned_cents": row.earned,
            "carried_cents": row.carried,
            "held_cents": row.held,
            "pays_cents": row.pays,
            "reason": row.reason.value if row.reason else None,
            "note": row.note or None,
            "command": row.command,
        }
        for row in rows
    ]


def preview_totals(rows: Sequence["PreviewRow"], available: "Money") -> dict[str, Any]:
    """What stands below a preview. Sums of the rows above it, and nothing else."""
    from tourpad.core.money import total

    paid = [row for row in rows if row.pays]
    held = [row for row in rows if row.held]
    pays = total([row.pays for row in paid])
    return {
        "transfers": len(paid),
        "payees": len({row.user_id for row in paid}),
        "total_cents": pays,
        "held": len(held),
        "held_total_cents": total([row.held for row in held]),
        "available_cents": available,
        "after_cents": available - pays,
    }


def show_preview(
    rows: Sequence["PreviewRow"],
    *,
    available: "Money",
    now: datetime,
    hold_days: int,
    minimum: "Money",
    as_json: bool,
    closing: str,
    stuck: "Sequence[OpenPayout]" = (),
) -> None:
    """The table of what would be sent, with sums that add up on the screen; and what no run sends by itself."""
    table, totals = preview_rows(rows), preview_totals(rows, available)
    if as_json:
        print_json({"payouts": table, **totals, "to_retry": [_stuck(row) for row in stuck], "as_of": now})
        return
    if not is_terminal():
        show_list(table, PIPED_COLUMNS, as_json=False, empty="")
        return
    days = f"{hold_days} business day{'' if hold_days == 1 else 's'}"
    say(f"Due on {human(now.date())} · hold of {days} · minimum {minimum}\n")
    for row in table:
        day = row["concert_date"]
        row["concert"] = f"{day:%a} {day.day} {day:%b}  {row['place']}"
        row["note"] = f"{row['reason'].replace('_', ' ')}: {row['note']}" if row["reason"] else row["note"]
        row["why"] = " · ".join(text for text in (row["note"], row["command"]) if text)
    if not table:
        say("No payout waits. Shows are settled when they are over.")
        _say_stuck(stuck)
        return
    columns = [c for c in PREVIEW_COLUMNS if c.key != "carried_cents" or any(r["carried_cents"] for r in table)]
    if console().width >= WIDE:
        show_list(table, columns, as_json=False, empty="")
    else:
        _show_narrow(table, columns[:-1], width=console().width)
    transfers, payees = totals["transfers"], totals["payees"]
    say("")
    say(
        f"  {transfers} transfer{'' if transfers == 1 else 's'} to {payees} payee{'' if payees == 1 else 's'}"
        f"  [bold]{totals['total_cents']}[/bold]      {totals['held']} held  {totals['held_total_cents']}"
    )
    say(f"  Stripe balance available  {available}      after  {totals['after_cents']}")
    _say_stuck(stuck)
    if closing:
        say(f"\n{closing}")


def _stuck(row: "OpenPayout") -> dict[str, Any]:
    """A payout that Stripe refused for good, or that came back."""
    return {
        "id": row.payout.id,
        "payee": row.name,
        "email": row.email,
        "amount_cents": row.payout.amount_cents,
        "state": row.payout.state.value,
        "why": row.payout.failure_message or "the transfer was taken back",
        "command": f"tourpad payouts retry {short_name(row.payout.id)}",
    }


def _say_stuck(stuck: "Sequence[OpenPayout]") -> None:
    from rich.markup import escape

    from tourpad.core.money import Money

    for row in stuck:
        told = _stuck(row)
        amount = Money(row.payout.amount_cents, row.payout.currency)
        say(f"\n  [red]{told['state']}[/red]  {escape(row.name)}  {amount}: no run sends it by itself")
        for part in folded(told["why"], max(console().width - 4, 30)):
            say(f"    [dim]{escape(part)}[/dim]")
        say(f"    [dim]{told['command']}[/dim]")


def _show_narrow(table: Sequence[dict[str, Any]], columns: Sequence[Column], *, width: int) -> None:
    """The same table where there is no room beside it for why each stays: below each row, then."""
    from rich.text import Text

    cells = [[(c.show or human)(row[c.key]) for c in columns] for row in table]
    widths = [
        max(len(text) for text in (c.title, *column))
        for c, column in zip(columns, zip(*cells, strict=True), strict=True)
    ]
    gaps = 2 * (len(columns) - 1)
    room = max(width - gaps - sum(widths[2:]), 24)
    widths[1] = min(widths[1], max(room - widths[0], room // 2))
    widths[0] = min(widths[0], room - widths[1])
    out = console()

    def line(texts: Sequence[str], style: str = "") -> None:
        fitted = [text if len(text) <= w else text[: w - 1] + "…" for text, w in zip(texts, widths, strict=True)]
        both = zip(columns, fitted, widths, strict=True)
        out.print(Text("  ".join(t.rjust(w) if c.right else t.ljust(w) for c, t, w in both).rstrip(), style=style))

    line([column.title for column in columns], "dim")
    for row, texts in zip(table, cells, strict=True):
        line(texts, "green" if row["pays_cents"] else "")
        for part in folded(row["note"], width - 4) if row["note"] else ():
            out.print(Text(f"    {part}", style="dim"))
        if row["command"]:
            out.print(Text(f"    {row['command']}", style="dim"), soft_wrap=True)


def show_result(result: "RunResult", *, is_balanced: bool, as_json: bool) -> None:
    """What a run did, row by row, and the line that counts."""
    rows = [_result_row(row) for row in result.rows]
    sent = sum(row.is_sent for row in result.rows)
    failed = sum(row["state"] == "failed" for row in rows)
    unknown = sum(row["state"] == "sending" for row in rows)
    if as_json:
        print_json(
            {
                "payouts": rows,
                "sent": sent,
                "failed": failed,
                "uncertain": unknown,
                "sent_total_cents": result.sent,
                "waiting_for_approval": result.waiting,
                "stopped": result.stopped,
                "ledger_balanced": is_balanced,
            }
        )
        return
    columns = [
        Column("payee", ""),
        Column("amount_cents", "", right=True),
        Column("stripe_transfer_id", ""),
        Column("state", "", style=lambda row: STATE_COLOURS.get(row["state"], "")),
        Column("failure_message", "", style="dim", show=lambda text: text or ""),
    ]
    if is_terminal():
        say("")
    else:
        columns = [Column("id"), Column("email"), *columns]
    show_list(rows, columns, as_json=False, empty="Nothing was sent.")
    if not is_terminal():
        return
    counted = f"{sent} sent ({result.sent}), {failed} failed"
    if unknown:
        counted += f", {unknown} without an answer: they are looked up within minutes (tourpad jobs run payouts-resume)"
    say(f"\n{counted}, ledger {'balanced' if is_balanced else '[red]NOT BALANCED[/red]'}.")
    if result.waiting:
        waits = "waits" if result.waiting == 1 else "wait"
        say(f"{result.waiting} {waits} for a second admin:  tourpad payouts ask")
    if failed:
        first = next(row for row in rows if row["state"] == "failed")
        say(f"Try one again:  tourpad payouts retry {short_name(first['id'])}")


def _result_row(row: "SentRow") -> dict[str, Any]:
    return {
        "id": row.payout_id,
        "payee": row.payee,
        "email": row.email,
        "concert_date": row.concert_date,
        "amount_cents": row.amount,
        "state": row.state.value,
        "stripe_transfer_id": row.stripe_transfer_id,
        "failure_code": row.failure_code,
        "failure_message": row.failure_message,
    }


def short_name(payout_id: Any) -> str:
    """A payout as it is called on the terminal."""
    return f"po_{human(payout_id)}"


def list_row(row: "PayoutRow") -> dict[str, Any]:
    """One payout of a list."""
    return {
        "id": row.payout_id,
        "payee": row.payee,
        "email": row.email,
        "side": row.side.value,
        "concert_id": row.concert_id,
        "concert_date": row.concert_date,
        "place": row.place,
        "earned_cents": row.earned,
        "carried_cents": row.carried,
        "amount_cents": row.amount,
        "currency": row.amount.currency,
        "state": row.state.value,
        "reason": row.hold_reason.value if row.hold_reason else None,
        "note": row.hold_note or row.failure_message,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
        "stripe_transfer_id": row.stripe_transfer_id,
        "taken_back_cents": sum(back.amount.cents for back in row.taken_back),
        "carried_into": row.carried_into,
    }
