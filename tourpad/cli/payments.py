"""`tourpad payments`: who paid what, how it stands, and giving money back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options, papers
from tourpad.cli.amounts import dollars
from tourpad.cli.context import me, platform
from tourpad.cli.instants import instant
from tourpad.cli.output import Column, confirm, human, is_terminal, print_json, say, show_list, show_one
from tourpad.cli.quotes import borne_by, quote_json
from tourpad.core.payments.states import PaymentKind, PaymentState

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.money import Money
    from tourpad.core.payments.models import MoneyIntent, Payment, Refund
    from tourpad.core.payments.queries import PaymentRow
    from tourpad.core.payments.quotes import Quote
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Payments: what came in, what went back.")

PaymentId = Annotated[
    str, typer.Argument(metavar="PAYMENT", help="Any unique part of its id, or Stripe's pi_… or ch_….")
]
COLOURS = {
    "completed": "green",
    "failed": "red",
    "disputed": "red",
    "pending": "yellow",
    "partly_refunded": "cyan",
    "refunded": "cyan",
}


@app.command("list")
def list_payments(
    *,
    state: Annotated[PaymentState | None, typer.Option("--state", help="Only those in this state.")] = None,
    kind: Annotated[PaymentKind | None, typer.Option("--kind", help="Only of this kind.")] = None,
    payer: Annotated[str | None, typer.Option("--payer", metavar="MAIL", help="Only this person's.")] = None,
    concert: Annotated[str | None, typer.Option("--concert", help="Only those of this concert's pot.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Begun from then on, or 3d.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show payments, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts.models import Concert
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.identity import queries as people
        from tourpad.core.payments import queries

        wanted = queries.PaymentFilter(
            user_id=people.get_by_email(work, payer).id if payer else None,
            concert_id=by_id_part(work, Concert, concert, noun="concert") if concert else None,
            states=(state,) if state else (),
            kinds=(kind,) if kind else (),
            since=instant(since, field="--since", now=work.now) if since else None,
        )
        found, total = queries.payments(work, wanted, limit=limit)
    columns = [
        Column("id"),
        Column("created_at", "when"),
        Column("payer"),
        Column("description"),
        Column("amount_cents", "amount", right=True, show=_money),
        Column("returned_cents", "back", right=True, show=_money),
        Column("state", style=lambda row: COLOURS.get(row["state"], "")),
    ]
    if not is_terminal():
        columns += [Column("email"), Column("stripe_payment_intent_id"), Column("stripe_charge_id")]
    counted = f"{len(found)} of {total:,}" if total > len(found) else f"{total:,}"
    narrowed = state or kind or payer or concert or since
    show_list(
        [_row(row) for row in found],
        columns,
        as_json=as_json,
        key="payments",
        extra={"total": total},
        empty="No payment matches." if narrowed else "Nobody has paid anything yet.",
        closing=f"{counted} payment{'' if total == 1 else 's'}.  One of them:  tourpad payments show ID",
    )


@app.command("show")
def show(payment: PaymentId, *, as_json: options.Json = False) -> None:
    """Show one payment with its refunds, disputes, and calls to Stripe."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payments import queries

        found = queries.get_payment(work, find_payment(work, payment))
        facts: dict[str, Any] = _row(queries.payer_of(work, found))
        facts |= {
            "reference": f"{found.reference_type} {found.reference_id}",
            "concert_id": found.concert_id,
            "fee_cents": found.fee_cents,
            "is_posted": found.stripe_balance_transaction_id is not None,
            "completed_at": found.completed_at,
            "receipt_number": found.receipt_number,
            "failure": f"{found.failure_code}: {found.failure_message}" if found.failure_code else None,
        }
        refunds: list[dict[str, Any]] = [
            {
                "id": refund.id,
                "amount_cents": refund.amount_cents,
                "state": refund.state.value,
                "reason": refund.reason,
                "stripe_refund_id": refund.stripe_refund_id,
                "failure": refund.failure_reason,
                "created_at": refund.created_at,
            }
            for refund in queries.refunds_of(work, found.id)
        ]
        disputes: list[dict[str, Any]] = [
            {
                "id": dispute.id,
                "amount_cents": dispute.amount_cents,
                "state": dispute.state.value,
                "reason": dispute.reason,
                "stripe_dispute_id": dispute.stripe_dispute_id,
                "evidence_due_at": dispute.evidence_due_at,
            }
            for dispute in queries.disputes_of(work, found.id)
        ]
        about = [found.id, *(refund["id"] for refund in refunds), *(dispute["id"] for dispute in disputes)]
        calls = [_call(call) for call in queries.calls_about(work, about)]
    if as_json:
        print_json({**facts, "refunds": refunds, "disputes": disputes, "calls": calls})
        return
    show_one(facts, as_json=False, title=f"{_money(found.amount_cents)} from {facts['payer']}")
    for noun, rows in (("refund", refunds), ("dispute", disputes)):
        for row in rows:
            said = f"{noun}  {_money(row['amount_cents'])}  {row['state']}  {row['reason']}"
            say(said + (f"  ({row['failure']})" if row.get("failure") else ""))
    for call in calls:
        tries = f"{call['tries']} tr{'y' if call['tries'] == 1 else 'ies'}"
        said = f"call to Stripe  {call['operation'].replace('_', ' ')}  {call['state']}, {tries}"
        say(said + (f"  ({call['error']})" if call["error"] else ""))
    if is_terminal():
        say(f"\nIts postings:  tourpad ledger journal --source {human(found.id)}")


@app.command("refund")
def refund(
    payment: PaymentId,
    *,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="DOLLARS", help="So much of it, like 15.00; all unless given.")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="For the audit log, and for the payer, who reads it.")
    ] = "decided by an operator",
    quote_id: Annotated[
        str | None, typer.Option("--quote", metavar="ID", help="Only if it is still this quote.")
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Give money back: all that is left of a payment, or an amount. Shows what it does, and asks."""
    with platform() as p:
        from tourpad.core.memberships.service import refunding
        from tourpad.core.payments import queries, service
        from tourpad.core.payments.procedures import send_refunds

        with p.work(me()) as work:
            found = queries.get_payment(work, find_payment(work, payment))
            wanted = dollars(amount, field="--amount") if amount else None
            seen, sources = service.quote_refund(work, payment_id=found.id, amount=wanted)
            seen.check(quote_id)
            borne = borne_by(work, sources)
            ended = None if seen.stays else refunding.ends_with(work, found.id)
            credit = None if seen.stays else refunding.credit_of(work, found.id)
        facts = {
            "payment_id": found.id,
            "payer": seen.parts[0].to,
            "description": found.description,
            "amount_cents": seen.back,
            "left_after_cents": seen.stays,
            "currency": seen.currency,
            "reason": reason,
            "taken_from": [{"account": account, "amount_cents": part} for account, part in sources],
            "ends_membership": ended is not None,
            "voided_credit_cents": credit or 0,
            "quote": quote_json(seen),
        }
        if not as_json:
            _preview(found, seen, borne)
            if ended:
                say("  and with it      the membership that it paid for ends at once, and does not renew")
            if credit:
                say(f"  and with it      {credit} of credit at Stripe is voided, left of it by a smaller plan")
        if as_json and dry_run:
            print_json({**facts, "state": "not planned"})
            return
        if not confirm(f"Refund {seen.back}?", yes=yes, dry_run=dry_run):
            return
        with p.work(me()) as work:
            planned = service.plan_refund(
                work, payment_id=found.id, amount=seen.back, reason=reason, quote_id=quote_id or seen.id
            )
            work.commit()
        send_refunds(p, me(), refund_id=planned.id)
        with p.work(me()) as work:
            done = queries.get_refund(work, planned.id)
    if as_json:
        print_json(
            {
                **facts,
                "refund_id": planned.id,
                "state": done.state.value,
                "stripe_refund_id": done.stripe_refund_id,
            }
        )
    else:
        say_what_became_of(done)


app.command("receipt")(papers.receipt)


def say_what_became_of(refund: "Refund") -> None:
    """Say what Stripe made of a refund that was asked for.

    Raises:
        OutsideError: it refused.
    """
    if refund.stripe_refund_id:
        say(f"{_money(refund.amount_cents)} is on its way back: {refund.stripe_refund_id}, {refund.state}.")
    elif refund.failure_reason:
        from tourpad.core.errors import OutsideError

        msg = f"The refund was not made: {refund.failure_reason}."
        raise OutsideError(msg, hint="Its money is back where it was.")
    else:
        say("The refund is planned; Stripe has not answered yet, and it is tried again by itself.")


def _preview(found: "Payment", seen: "Quote", borne: "list[tuple[str, Money]]") -> None:
    say(f"{found.description}, paid by {seen.parts[0].to}")
    say(f"  goes back        {seen.back}")
    for words, part in borne:
        say(f"  taken from       {part}  {words}")
    say(f"  left of it then  {seen.stays or '–'}")
    if seen.fees:
        say(f"  kept by Stripe   {seen.fees}  fees, which we bear")
    say(f"  quote            {seen.id}")


def find_payment(work: "Work", text: str) -> "UUID":
    """A payment by part of its id, or by the beginning of one of Stripe's ids.

    Raises:
        NotFoundError: there is none.
        RefusedError: there are several.
    """
    from tourpad.core.database.lookup import by_id_part, by_name_part
    from tourpad.core.payments import queries
    from tourpad.core.payments.models import Payment

    if text.startswith(("pi_", "ch_", "py_")):
        found = queries.payments_by_stripe_name(work, text)
        if name := by_name_part(found, text, noun="payment"):
            return found[name]
    return by_id_part(work, Payment, text, noun="payment")


def _call(call: "MoneyIntent") -> dict[str, Any]:
    return {
        "id": call.id,
        "operation": call.operation.value,
        "state": call.state.value,
        "tries": call.tries,
        "idempotency_key": call.idempotency_key,
        "due_at": call.due_at,
        "stripe_object_id": call.stripe_object_id,
        "error": f"{call.error_code}: {call.error_message}" if call.error_code else None,
    }


def _row(row: "PaymentRow") -> dict[str, Any]:
    payment: Payment = row.payment
    return {
        "id": payment.id,
        "created_at": payment.created_at,
        "payer": row.payer_name,
        "email": row.payer_email,
        "kind": payment.kind.value,
        "description": payment.description,
        "amount_cents": payment.amount_cents,
        "returned_cents": payment.refunded_cents + payment.lost_cents,
        "currency": payment.currency,
        "state": payment.state.value,
        "stripe_payment_intent_id": payment.stripe_payment_intent_id,
        "stripe_charge_id": payment.stripe_charge_id,
    }


def _money(cents: int | None) -> str:
    from tourpad.core.money import format_money, usd

    return "–" if not cents else format_money(usd(cents))
