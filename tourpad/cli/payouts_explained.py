"""How one payout is explained: its lines, the charges behind it, how it stands."""

from typing import TYPE_CHECKING, Any

from tourpad.cli.output import Column, console, folded, is_terminal, print_json, say, show_list
from tourpad.cli.payouts_screen import amount_or_dash, short_name

if TYPE_CHECKING:
    from tourpad.core.payouts.service import Explanation


def explanation_facts(told: "Explanation") -> dict[str, Any]:
    """An explanation for programs."""
    return {
        "id": told.payout_id,
        "payee": told.payee,
        "email": told.email,
        "concert_id": told.concert_id,
        "concert_date": told.concert_date,
        "place": told.place,
        "state": told.state.value,
        "came_in": [_line(line) for line in told.came_in],
        "lines": [_line(line) for line in told.lines],
        "total_cents": told.total,
        "currency": told.total.currency,
        "charges": [
            {
                "payment_id": c.payment_id,
                "charge": c.charge_id,
                "kind": c.kind,
                "amount_cents": c.amount_cents,
                "refunded_cents": c.refunded_cents,
                "lost_cents": c.lost_cents,
                "fee_cents": c.fee_cents,
                "completed_at": c.completed_at,
            }
            for c in told.charges
        ],
        "reason": told.hold_reason.value if told.hold_reason else None,
        "note": told.note,
        "command": told.command,
        "due_at": told.due_at,
        "stripe_transfer_id": told.stripe_transfer_id,
        "sent_at": told.sent_at,
        "taken_back": [
            {"reversal": back.reversal_id, "amount_cents": back.amount, "at": back.at, "why": back.why}
            for back in told.taken_back
        ],
        "carried_into": told.carried_into,
    }


def _line(line: Any) -> dict[str, Any]:
    return {"kind": line.kind.value, "amount_cents": line.amount, "description": line.description}


def show_explanation(told: "Explanation", *, as_json: bool) -> None:
    """Every cent of one payout. The lines add up to the sum below them."""
    if as_json:
        print_json(explanation_facts(told))
        return
    if not is_terminal():
        rows = [_line(line) for line in told.lines]
        rows.append({"kind": "total", "amount_cents": told.total, "description": told.note or told.state.value})
        columns = [Column("kind"), Column("amount_cents"), Column("description")]
        show_list(rows, columns, as_json=False, empty="")
        return
    day = told.concert_date
    say(f"[bold]{told.total}[/bold] to {told.payee} for {day:%A} {day.day} {day:%B %Y}, {told.place}\n")
    for line in told.came_in:
        say(f"  The show took in {line.amount}: {line.description}" if line.amount else f"  {line.description}")
    if told.came_in:
        say("")
    _show_lines(told)
    say("")
    _show_standing(told)


def show_charges(told: "Explanation") -> None:
    """The charges behind a payout's show. What is left of them is what the show took in."""
    from tourpad.core.money import Money

    def money(cents: int) -> Money:
        return Money(cents, told.total.currency)

    rows = [
        {
            "charge": c.charge_id or "not posted yet",
            "kind": c.kind.replace("_", " "),
            "paid": c.completed_at.date() if c.completed_at else None,
            "amount_cents": money(c.amount_cents),
            "refunded_cents": money(c.amount_cents - c.left_cents),
            "left_cents": money(c.left_cents),
            "fee_cents": money(c.fee_cents or 0),
        }
        for c in told.charges
    ]
    left = money(sum(c.left_cents for c in told.charges))
    fees = money(sum(c.fee_cents or 0 for c in told.charges if c.left_cents))
    columns = [
        Column("charge"),
        Column("kind"),
        Column("paid", show=lambda day: f"{day.day} {day:%b}" if day else "–"),
        Column("amount_cents", "amount", right=True),
        Column("refunded_cents", "given back", right=True, show=amount_or_dash),
        Column("left_cents", "left", right=True, show=amount_or_dash),
        Column("fee_cents", "card fee", right=True, show=amount_or_dash),
    ]
    if is_terminal():
        say("")
    show_list(
        rows,
        columns,
        as_json=False,
        empty="Nothing was paid for this show.",
        closing=f"{len(rows)} charge{'' if len(rows) == 1 else 's'}, {left} left of them."
        f" Card fees on what is left: {fees}.",
    )


def _show_lines(told: "Explanation") -> None:
    from rich.text import Text

    texts = [(line.description, amount_or_dash(line.amount)) for line in told.lines]
    width = max([len(text) for text, _ in texts] + [40])
    right = max([len(amount) for _, amount in texts] + [len(str(told.total))])
    room = max(40, console().width - right - 6)
    for text, amount in texts:
        *above, last = folded(text, min(width, room))
        for part in above:
            console().print(Text(f"  {part}"))
        console().print(Text(f"  {last.ljust(min(width, room))}  {amount.rjust(right)}"))
    console().print(Text(f"  {'':{min(width, room)}}  {'-' * right}"))
    console().print(Text(f"  {'':{min(width, room)}}  {str(told.total).rjust(right)}", style="bold"))


def _show_standing(told: "Explanation") -> None:
    """The charges behind it, the transfer, and what keeps it back."""
    charged = len(told.charges)
    if charged:
        ids = next((c.charge_id for c in told.charges if c.charge_id), "not posted yet")
        more = f" and {charged - 1} more" if charged > 1 else ""
        name = short_name(told.payout_id)
        say(f"  Charges   {ids}{more}")
        say(f"            tourpad payouts explain {name} --charges")
        say(f"  Books     tourpad ledger journal --payout {name}")
    if told.stripe_transfer_id:
        at = told.sent_at
        sent = f" sent {at.day} {at:%b %Y %H:%M:%S} UTC" if at else ""
        say(f"  Transfer  {told.stripe_transfer_id}{sent}")
    for back in told.taken_back:
        at = back.at
        say(f"  Back      {back.amount} on {at.day} {at:%b %Y}, {back.why} ({back.reversal_id})")
    if told.taken_back:
        from tourpad.core.money import total

        say(f"            {told.total - total([back.amount for back in told.taken_back])} of the transfer is left")
    if told.note:
        word = told.hold_reason.value.replace("_", " ") if told.hold_reason else told.state.value
        from rich.markup import escape

        first, *rest = folded(f"{word}: {told.note}", max(console().width - 12, 30))
        say(f"  Now       {escape(first)}")
        for part in rest:
            say(f"            {escape(part)}")
    if told.command and not told.command.endswith(f" explain {short_name(told.payout_id)}"):
        say(f"            {told.command}")
