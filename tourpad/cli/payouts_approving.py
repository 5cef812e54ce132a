"""`tourpad payouts ask, approve, refuse, approvals, write-off`: what one admin asks and another decides."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.admins import As, PasswordStdin, signed_in
from tourpad.cli.amounts import dollars
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, human, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.approvals.models import Approval
    from tourpad.core.work import Work

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="Any unique part of its id, like ap_7f3a9c21.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the other admin and for whoever looks at it later.")]
COLOURS = {"asked": "yellow", "approved": "green", "refused": "red", "expired": "dim", "used": "dim"}


def list_approvals(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are done with, too.")] = False,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show what waits for a second admin, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.approvals import queries

        found, total = queries.listed(work, is_live=not every, limit=limit)
        rows = [_row(work, request) for request in found]
    columns = [
        Column("id"),
        Column("summary", "what"),
        Column("whom"),
        Column("state", style=lambda row: COLOURS.get(row["state"], "")),
        Column("asked_by"),
        Column("expires_at", "until", show=lambda at: f"{at.day} {at:%b %H:%M}"),
    ]
    if every or not is_terminal():
        columns.append(Column("decided_by"))
    if not is_terminal():
        more = ("amount_cents", "kind", "reason", "asked_at", "decided_at", "note", "used_at")
        columns += [Column(name) for name in more]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="approvals",
        extra={"total": total},
        empty="Nothing waits for a second admin." if not every else "Nothing was ever asked.",
        closing=f"{total:,} request{'' if total == 1 else 's'}.  Look and decide:  tourpad payouts approve ID",
    )


def ask(
    payouts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PAYOUT|PAYEE]...", help="Parts of payouts' ids, or mail addresses; all that wait."),
    ] = None,
    *,
    reason: Reason,
    who: As = None,
    password_stdin: PasswordStdin = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Ask another admin to let payouts leave that are above the limit for one."""
    from tourpad.cli.payouts import wanted_payouts

    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.payouts import service

            waiting = service.waiting_for_two(work)
            only: set[UUID] = set()
            for text in payouts or ():
                own = wanted_payouts(work, [text])
                # Of a payee those that wait; one that is named and does not wait is refused.
                only |= {row.payout.id for row, _ in waiting if row.payout.id in own} if "@" in text else own
            if dry_run:
                _show_payouts(
                    [
                        {"id": row.payout.id, "payee": row.name, "concert": row.concert_date, "amount_cents": amount}
                        for row, amount in waiting
                        if row.payout.id in only or not payouts
                    ],
                    as_json=as_json,
                )
                return
        with p.work(signed_in(p, who, password_stdin=password_stdin)) as work:
            request = service.ask_payouts(work, reason=reason, only=only if payouts else None)
            row = _row(work, request)
            work.commit()
    _asked(row, as_json=as_json)


def write_off(
    payee: Annotated[str, typer.Argument(metavar="PAYEE", help="A mail address, or any unique part of an id.")],
    *,
    reason: Reason,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="DOLLARS", help="How much; all that is owed if not given.")
    ] = None,
    who: As = None,
    password_stdin: PasswordStdin = False,
    as_json: options.Json = False,
) -> None:
    """Ask another admin to give up what a payee owes us. Nothing is posted before they approve it."""
    most = dollars(amount, field="--amount") if amount else None
    with platform() as p:
        with p.work(me()) as work:
            user_id = _person(work, payee)
        with p.work(signed_in(p, who, password_stdin=password_stdin)) as work:
            from tourpad.core.payouts import service

            request = service.ask_write_off(work, user_id=user_id, reason=reason, amount=most)
            row = _row(work, request)
            work.commit()
    _asked(row, as_json=as_json)


def approve(
    request: Request,
    *,
    who: As = None,
    password_stdin: PasswordStdin = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Look at a request of another admin, and approve it. A debt is written off by that at once."""
    with platform() as p:
        with p.work(me()) as work:
            found = _request(work, request)
            row, payouts = _row(work, found), _payouts_of(work, found)
        if not as_json:
            _show(row, payouts)
        if dry_run:
            if as_json:
                print_json(row)
            return
        actor = signed_in(p, who, password_stdin=password_stdin)
        if not confirm("\nApprove it?", yes=yes or password_stdin):
            say("Nothing was changed.")
            return
        with p.work(actor) as work:
            from tourpad.core.payouts import service

            done = service.approve(work, approval_id=found.id)
            row = _row(work, done)
            work.commit()
        if as_json:
            print_json(row)
        elif done.used_at:
            say(f"Done: {done.summary}. Its posting:  tourpad ledger journal --source {done.id}")
        else:
            say(f"Approved until {human(done.expires_at)} UTC. Pay:  tourpad payouts run")


def refuse(
    request: Request,
    *,
    reason: Reason,
    who: As = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Say no to a request, or take back one's own."""
    with platform() as p:
        with p.work(me()) as work:
            found = _request(work, request)
        with p.work(signed_in(p, who, password_stdin=password_stdin)) as work:
            from tourpad.core.payouts import service

            done = service.refuse_request(work, approval_id=found.id, reason=reason)
            work.commit()
    say(f"Refused: {done.summary}.")


def add_to(app: typer.Typer) -> None:
    """Make these commands of `tourpad payouts`."""
    app.command("approvals")(list_approvals)
    app.command("ask")(ask)
    app.command("approve")(approve)
    app.command("refuse")(refuse)
    app.command("write-off")(write_off)


def _asked(row: dict[str, Any], *, as_json: bool) -> None:
    from tourpad.core.approvals.rules import short

    if as_json:
        print_json(row)
        return
    say(f"Asked to {_what(row)}. The other admins have a mail.")
    say(f"One of them, until {human(row['expires_at'])} UTC:  tourpad payouts approve {short(row['id'])}")


def _what(row: dict[str, Any]) -> str:
    return f"{row['summary']} ({row['whom']})" if row["whom"] else str(row["summary"])


def _request(work: "Work", text: str) -> "Approval":
    from tourpad.core.approvals import queries
    from tourpad.core.approvals.models import Approval
    from tourpad.core.database.lookup import by_id_part

    found = by_id_part(work, Approval, text, noun="request", list_command="tourpad payouts approvals")
    return queries.get(work, found)


def _person(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity import queries as people
    from tourpad.core.identity.models import User

    if "@" in text:
        return people.get_by_email(work, text).id
    return by_id_part(work, User, text, noun="person", list_command="tourpad users list")


def _payouts_of(work: "Work", request: "Approval") -> list[dict[str, Any]]:
    """What a request is about, payout by payout, as it was asked."""
    from uuid import UUID

    from tourpad.core.money import Money
    from tourpad.core.payouts import queries

    rows: list[dict[str, Any]] = []
    for payout_id, cents in request.params.get("payouts", {}).items():
        row = queries.described(work, UUID(payout_id))
        if row:
            amount = Money(cents, request.currency)
            rows.append({"id": row.payout.id, "payee": row.name, "concert": row.concert_date, "amount_cents": amount})
    return rows


def _show(row: dict[str, Any], payouts: list[dict[str, Any]]) -> None:
    say(f"{row['asked_by']} wants to {_what(row)}.")
    say(f"The reason given: {row['reason']}")
    say(f"Asked {human(row['asked_at'])} UTC, to be used until {human(row['expires_at'])} UTC.")
    if payouts:
        say("")
        _show_payouts(payouts, as_json=False)


def _show_payouts(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    show_list(
        rows,
        [Column("id"), Column("payee"), Column("concert"), Column("amount_cents", "amount", right=True)],
        as_json=as_json,
        key="payouts",
        empty="No payout waits for a second admin.",
        closing="Why one is so:  tourpad payouts explain ID",
    )


def _row(work: "Work", request: "Approval") -> dict[str, Any]:
    """One request for every form of output, with what its people are called now."""
    from tourpad.core.approvals.rules import state_at
    from tourpad.core.identity import queries as people

    involved = (request.asked_by_id, request.decided_by_id, request.subject_id)
    names = people.names_of(work, [user_id for user_id in involved if user_id])
    decided_by = request.decided_by_id and names.get(request.decided_by_id, request.decided_by)
    return {
        "id": request.id,
        "kind": request.kind.value,
        "amount_cents": request.amount_cents,
        "currency": request.currency,
        "summary": request.summary,
        "reason": request.reason,
        "state": state_at(request.state, request.expires_at, work.now).value,
        "whom": names.get(request.subject_id) if request.subject_id else None,
        "params": request.params,
        "asked_by": names.get(request.asked_by_id, request.asked_by),
        "asked_by_id": request.asked_by_id,
        "asked_at": request.asked_at,
        "expires_at": request.expires_at,
        "decided_by": decided_by,
        "decided_by_id": request.decided_by_id,
        "decided_at": request.decided_at,
        "note": request.note,
        "used_at": request.used_at,
    }
