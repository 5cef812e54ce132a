"""`tourpad disputes`: which charges payers' banks dispute, and until when to answer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, is_terminal, say, show_list, show_one
from tourpad.core.payments.states import DisputeState

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.payments.queries import DisputeRow
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Disputes: charges that payers' banks take back.")

COLOURS = {"needs_response": "red", "under_review": "yellow", "won": "green", "lost": "dim"}


@app.command("list")
def list_disputes(
    *,
    state: Annotated[DisputeState | None, typer.Option("--state", help="Only those in this state.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    limit: options.Limit = 50,
    as_json: options.Json = False,
) -> None:
    """Show open disputes, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payments import queries, rules

        states = (state,) if state else () if every else tuple(rules.OPEN_DISPUTE)
        found, total = queries.disputes(work, states=states, limit=limit)
    columns = [
        Column("id"),
        Column("opened_at", "opened"),
        Column("payer"),
        Column("description"),
        Column("amount_cents", "amount", right=True, show=_money),
        Column("reason"),
        Column("state", style=lambda row: COLOURS.get(row["state"], "")),
        Column("evidence_due_at", "answer by"),
    ]
    if not is_terminal():
        columns += [Column("stripe_dispute_id"), Column("payment_id")]
    show_list(
        [_row(row) for row in found],
        columns,
        as_json=as_json,
        key="disputes",
        extra={"total": total},
        empty="No dispute is open." if not (state or every) else "No dispute matches.",
        closing=f"{total:,} dispute{'' if total == 1 else 's'}. Answer them on Stripe's dashboard."
        "  One of them:  tourpad disputes show ID",
    )


@app.command("show")
def show(
    dispute: Annotated[
        str, typer.Argument(metavar="DISPUTE", help="Any unique part of its id, or Stripe's dp_… or du_….")
    ],
    *,
    as_json: options.Json = False,
) -> None:
    """Show one dispute: what was withdrawn, what it cost, how it ended."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payments import queries

        row = queries.dispute_row(work, _dispute_id(work, dispute))
    facts = _row(row) | {
        "withdrawn_cents": row.dispute.withdrawn_cents,
        "fee_cents": row.dispute.fee_cents,
        "lost_cents": row.dispute.lost_cents,
        "charge": row.payment.stripe_charge_id,
        "concert_id": row.payment.concert_id,
        "closed_at": row.dispute.closed_at,
    }
    if not as_json and is_terminal():
        facts = {
            name: _money(value) if name.endswith("_cents") and isinstance(value, int) else value
            for name, value in facts.items()
        }
    show_one(facts, as_json=as_json, title=f"Dispute of {_money(row.dispute.amount_cents)} by {row.payer_name}")
    if not as_json and is_terminal():
        say(f"\nIts postings:  tourpad ledger journal --source {row.dispute.stripe_dispute_id}")


def _dispute_id(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.payments import queries
    from tourpad.core.payments.models import Dispute

    if text.startswith(("dp_", "du_")):
        found = queries.dispute_by_stripe_name(work, text)
        if found is not None:
            return found
    return by_id_part(work, Dispute, text, noun="dispute")


def _row(row: "DisputeRow") -> dict[str, Any]:
    dispute = row.dispute
    return {
        "id": dispute.id,
        "opened_at": dispute.opened_at,
        "payer": row.payer_name,
        "description": row.payment.description,
        "amount_cents": dispute.amount_cents,
        "currency": dispute.currency,
        "reason": dispute.reason,
        "state": dispute.state.value,
        "evidence_due_at": dispute.evidence_due_at,
        "stripe_dispute_id": dispute.stripe_dispute_id,
        "payment_id": row.payment.id,
    }


def _money(cents: int | None) -> str:
    from tourpad.core.money import format_money, usd

    return "–" if not cents else format_money(usd(cents))
