"""`tourpad disputes`: which charges payers' banks dispute, until when to answer, and what they are answered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.disputes_screen import COLOURS, dispute_row, money, time_left, what_next, words
from tourpad.cli.output import (
    Column,
    confirm,
    console,
    folded,
    human,
    is_terminal,
    print_json,
    say,
    show_list,
    show_one,
)
from tourpad.cli.quotes import borne_by
from tourpad.core.payments.states import DisputeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from tourpad.core.evidence.service import Draft
    from tourpad.core.payments.queries import DisputeRow
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Disputes: charges that payers' banks take back.")

FIRST = 60
"""Characters of a text in a preview."""

DisputeId = Annotated[
    str, typer.Argument(metavar="DISPUTE", help="Any unique part of its id, or the beginning of Stripe's du_….")
]


@app.command("list")
def list_disputes(
    *,
    state: Annotated[DisputeState | None, typer.Option("--state", help="Only those in this state.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    limit: options.Limit = 50,
    as_json: options.Json = False,
) -> None:
    """Show open disputes, the most urgent first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.payments import queries, rules

        states = (state,) if state else () if every else tuple(rules.OPEN_DISPUTE)
        found, total = queries.disputes(work, states=states, limit=limit)
        now = work.now
    columns = [
        Column("id"),
        Column("payer"),
        Column("description"),
        Column("amount_cents", "amount", right=True, show=money),
        Column("reason", show=words),
        Column("is_inquiry", "", show=lambda asks: "inquiry" if asks else ""),
        Column("state", show=words, style=lambda row: COLOURS.get(row["state"], "")),
        Column("evidence_due_at", "answer by"),
        Column("left", "", style=lambda row: "red" if row["is_urgent"] else ""),
    ]
    if not is_terminal():
        columns = [*columns[:-1], Column("stripe_dispute_id"), Column("payment_id"), Column("opened_at")]
    show_list(
        [dispute_row(row) | time_left(row, now) for row in found],
        columns,
        as_json=as_json,
        key="disputes",
        extra={"total": total},
        empty="No dispute is open." if not (state or every) else "No dispute matches.",
        closing=f"{total:,} dispute{'' if total == 1 else 's'}.  {what_next(found)}",
    )


@app.command("show")
def show(dispute: DisputeId, *, as_json: options.Json = False) -> None:
    """Show one dispute: what was withdrawn, what it cost, how it ended."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.evidence import queries as evidence
        from tourpad.core.payments import queries, rules

        row = queries.dispute_row(work, _dispute_id(work, dispute))
        newest = evidence.newest(work, row.dispute.id)
    facts = dispute_row(row) | {
        "withdrawn_cents": row.dispute.withdrawn_cents,
        "fee_cents": row.dispute.fee_cents,
        "lost_cents": row.dispute.lost_cents,
        "charge": row.payment.stripe_charge_id,
        "concert_id": row.payment.concert_id,
        "submissions": row.dispute.submissions,
        "evidence": f"version {newest.version} by {newest.made_by}" if newest else None,
        "submitted_at": newest.submitted_at if newest else None,
        "closed_at": row.dispute.closed_at,
    }
    kind = "Inquiry about" if row.dispute.is_inquiry else "Dispute of"
    show_one(facts, as_json=as_json, title=f"{kind} {money(row.dispute.amount_cents)} by {row.payer_name}")
    if not as_json and is_terminal():
        say(f"\nIts postings:  tourpad ledger journal --source {row.dispute.stripe_dispute_id}")
        if row.dispute.state is DisputeState.NEEDS_RESPONSE:
            say(f"Its evidence:  tourpad disputes evidence {human(row.dispute.id)}")
        if row.dispute.is_inquiry and row.dispute.state in rules.OPEN_DISPUTE:
            say(f"Or refund all:  tourpad payments refund {human(row.payment.id)}")


@app.command("evidence")
def evidence(
    dispute: DisputeId,
    *,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="Change one field; without a text it goes.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change it in $EDITOR.")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Take it from a file, in the form of the editor.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin again with what is known now.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what the bank would be told, drafted from what is known; change it. Nothing is sent."""
    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.evidence import service

            dispute_id = _dispute_id(work, dispute)
            draft = service.draft(work, dispute_id=dispute_id, fresh=fresh)
        wanted = _changed(p, dispute_id, draft.fields, sets=sets or [], edit=edit, source=source)
        saved = wanted != draft.fields or fresh
        if saved:
            with p.work(me()) as work:
                service.save(work, dispute_id=dispute_id, fields=wanted)
                work.commit()
                draft = service.draft(work, dispute_id=dispute_id)
    if as_json:
        print_json({"dispute_id": dispute_id, **_draft(draft)})
        return
    for name, text in draft.fields.items():
        if is_terminal():
            say(f"[bold]{name}[/bold]")
            print("\n".join(folded(text, console().width)) + "\n")
        else:
            print(f"## {name}\n{text}\n")
    _say_doubts(draft)
    say(f"{_status(draft, saved=saved)}  Send it:  tourpad disputes submit {human(dispute_id)}")


@app.command("attach")
def attach(
    dispute: DisputeId,
    field: Annotated[str, typer.Argument(metavar="FIELD", help="receipt, customer_communication, …")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A PDF, JPEG or PNG file, at most 5 MB.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Upload a file as part of the evidence, and save a version that names it. The bank gets it with the answer."""
    from tourpad.core.errors import FieldError, InvalidInputError

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInputError(FieldError("FILE", f"can't be read: {error}")) from error
    with platform() as p:
        from tourpad.core.evidence import procedures

        with p.work(me()) as work:
            dispute_id = _dispute_id(work, dispute)
        saved = procedures.attach(p, me(), dispute_id=dispute_id, field=field, name=file.name, content=content)
    if as_json:
        print_json({"dispute_id": dispute_id, "version": saved.version, "field": field, "file": saved.fields[field]})
        return
    say(f"{field} is {file.name}, {len(content):,} bytes, in version {saved.version} of the evidence.")
    say(f"Look at it:  tourpad disputes evidence {human(dispute_id)}")


@app.command("submit")
def submit(
    dispute: DisputeId,
    *,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Send the evidence to the bank, which reads one answer only. Shows it, and asks."""
    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.evidence import service
            from tourpad.core.evidence.procedures import submit as send
            from tourpad.core.payments import queries

            row = queries.dispute_row(work, _dispute_id(work, dispute))
            service.check_answerable(work, row.dispute)
            draft = service.draft(work, dispute_id=row.dispute.id)
        if not as_json:
            _preview(row, draft)
        if not confirm("Send it? The bank reads one answer only.", yes=yes, dry_run=dry_run):
            if as_json:
                print_json({"dispute_id": row.dispute.id, **_draft(draft), "state": "not sent"})
            return
        with p.work(me()) as work:
            service.save(work, dispute_id=row.dispute.id, fields=draft.fields)
            work.commit()
        counts = send(p, me(), dispute_id=row.dispute.id)
        _tell(p, row.dispute.id, counts, done="The bank has it", as_json=as_json)


@app.command("accept")
def accept(
    dispute: DisputeId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="For the audit log.")] = "decided by an operator",
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Give a dispute up: it is lost at once. Shows who bears it, and asks. Of an inquiry: leave it unanswered."""
    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.evidence.procedures import accept as give_up
            from tourpad.core.payments import queries, service

            row = queries.dispute_row(work, _dispute_id(work, dispute))
            bearers = service.borne_by(work, dispute_id=row.dispute.id)
            borne = borne_by(work, bearers)
        if not as_json:
            say(f"{money(row.dispute.amount_cents)} of {row.payer_name}: {row.payment.description}")
            for bearer, amount in borne:
                say(f"  {amount!s:>12}  {bearer}")
            if row.dispute.is_inquiry:
                say("  The bank only asks, and has taken nothing; unanswered, it may. A refund of all answers it:")
                say(f"  tourpad payments refund {human(row.payment.id)}")
            else:
                say(f"  {money(row.dispute.fee_cents):>12}  Stripe's fee, which does not come back")
        question = "Leave it unanswered?" if row.dispute.is_inquiry else "Give it up? It is lost for good."
        if not confirm(question, yes=yes, dry_run=dry_run):
            if as_json:
                shares = {account: amount.cents for account, amount in bearers}
                print_json({"dispute_id": row.dispute.id, "borne_by": shares, "state": row.dispute.state.value})
            return
        counts = give_up(p, me(), dispute_id=row.dispute.id, reason=reason)
        _tell(p, row.dispute.id, counts, done="It is given up", as_json=as_json)


def _changed(
    p: "Platform",
    dispute_id: "UUID",
    fields: "Mapping[str, str]",
    *,
    sets: list[str],
    edit: bool,
    source: Path | None,
) -> dict[str, str]:
    """The texts as the person wants them. What can't be used after editing is kept in a file."""
    from tourpad.core.errors import FieldError, InvalidInputError, TourPadError
    from tourpad.core.evidence import rules

    wanted = dict(fields)
    if source is not None:
        try:
            wanted = rules.check(rules.from_text(source.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(FieldError("--from", f"can't be read: {error}")) from error
    for pair in sets:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InvalidInputError(FieldError("--set", f"is FIELD=TEXT, not {pair!r}"))
        wanted[name.strip()] = text
    wanted = rules.check(wanted)
    if not edit:
        return wanted
    import click

    text = click.edit(rules.as_text(wanted), extension=".md")
    if text is None:
        return wanted
    try:
        return rules.check(rules.from_text(text))
    except TourPadError as error:
        p.settings.home.mkdir(parents=True, exist_ok=True)
        kept = p.settings.home / f"evidence-{dispute_id}.md"
        kept.write_text(text, encoding="utf-8")
        error.hint = f"Your text is kept: mend it, then  tourpad disputes evidence {dispute_id} --from {kept}"
        raise


def _preview(row: "DisputeRow", draft: "Draft") -> None:
    say(f"{money(row.dispute.amount_cents)} of {row.payer_name}: {row.payment.description} ({row.dispute.reason})")
    room = max(min(FIRST, console().width - 43), 20)
    for name, text in draft.fields.items():
        first = text.replace("\n", " ")
        print(f"  {name:<32} {len(text):>6,}  {first if len(first) <= room else first[: room - 1] + '…'}")
    length = sum(len(text) for text in draft.fields.values())
    until = human(row.dispute.evidence_due_at)
    say(f"  {len(draft.fields)} fields, {length:,} characters. The bank takes it until {until}.")
    _say_doubts(draft)


def _say_doubts(draft: "Draft") -> None:
    for doubt in draft.doubts:
        say(f"[yellow]Against us:[/yellow] {doubt}")


def _tell(p: "Platform", dispute_id: "UUID", counts: "Mapping[str, int]", *, done: str, as_json: bool) -> None:
    """What came of an answer; Stripe's refusal is an error."""
    with p.work(me()) as work:
        from tourpad.core.gateways.stripe import StripeDeclined
        from tourpad.core.payments import queries

        row = queries.dispute_row(work, dispute_id)
        calls = queries.intents_of(work, dispute_id)
    call = max(calls, key=lambda intent: intent.created_at)
    if counts["refused"]:
        raise StripeDeclined(call.error_message or "Stripe refused it.", code=call.error_code)
    sent = bool(counts["sent"])
    if as_json:
        print_json({"dispute_id": dispute_id, "state": row.dispute.state.value, "sent": sent, "call": call.state.value})
    elif sent:
        say(f"{done}: {row.dispute.state.value.replace('_', ' ')}.")
    else:
        say(f"Not yet: {call.error_message or 'it is being sent'}. The job disputes-send goes on with it.")


def _draft(draft: "Draft") -> dict[str, Any]:
    return {
        "version": draft.version,
        "saved_by": draft.saved_by,
        "saved_at": draft.saved_at,
        "submitted_at": draft.submitted_at,
        "fields": draft.fields,
        "against_us": draft.doubts,
    }


def _status(draft: "Draft", *, saved: bool) -> str:
    if draft.version is None:
        return "Drafted from what is known; nobody has changed it."
    if draft.submitted_at is not None:
        return f"Version {draft.version}, sent on {human(draft.submitted_at)}."
    return f"Version {draft.version} by {draft.saved_by}{', saved now' if saved else ''}."


def _dispute_id(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part, by_name_part
    from tourpad.core.payments import queries
    from tourpad.core.payments.models import Dispute

    if text.startswith(("dp_", "du_")):
        found = queries.disputes_by_stripe_name(work, text)
        if name := by_name_part(found, text, noun="dispute"):
            return found[name]
    return by_id_part(work, Dispute, text, noun="dispute")
