"""`tourpad memberships gifts`: who gave a membership to whom, a new code, and the money back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, human, print_json, say, show_list, show_one
from tourpad.cli.payments import say_what_became_of
from tourpad.core.memberships.states import GiftState
from tourpad.core.money import Money

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.memberships.models import MembershipGift
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Gifts: memberships that somebody paid for another person.")

GiftId = Annotated[str, typer.Argument(metavar="GIFT", help="Any unique part of its id.")]
_COLOURS = {"redeemed": "green", "paid": "yellow", "crediting": "yellow", "lapsed": "red", "refunded": "cyan"}


@app.command("list")
def list_gifts(
    *,
    state: Annotated[GiftState | None, typer.Option("--state", help="Only those in this state.")] = None,
    search: Annotated[str | None, typer.Option("--search", help="Part of the receiver's name or address.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show gifts, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships import queries

        found, total = queries.gifts(work, state=state, search=search, limit=limit)
        rows = [_row(work, gift) for gift in found]
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        [
            Column("id"),
            Column("giver"),
            Column("to_address", "for"),
            Column("plan"),
            Column("amount_cents", "price", right=True, show=lambda cents: str(Money(cents))),
            Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
            Column("redeem_until", "redeem until"),
        ],
        as_json=as_json,
        key="gifts",
        extra={"total": total},
        empty="No gift matches." if state or search else "Nobody has given a membership yet.",
        closing=f"{counted} gift{'' if total == 1 else 's'}.  Money back:  tourpad memberships gifts refund GIFT",
    )


@app.command("show")
def show(gift: GiftId, *, as_json: options.Json = False) -> None:
    """Show one gift: from whom, for whom, what became of it. The code is only in the receiver's mail."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships import queries

        found = queries.gift(work, _id(work, gift))
        facts = _row(work, found)
    show_one(facts, as_json=as_json, title=f"A gift of {facts['giver']}  ·  {facts['state']}")


@app.command("resend")
def resend(
    gift: GiftId,
    *,
    to: Annotated[str | None, typer.Option("--to", metavar="MAIL", help="To another address from now on.")] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Mail a new code; the one mailed before is void."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships.gifts import service

        found = service.send_again(work, gift_id=_id(work, gift), to_address=to)
        facts = _row(work, found)
        if not as_json:
            say(f"A new code goes to {found.to_address}; the old one is void.")
        if not _may(facts, "Mail it?", yes=yes, dry_run=dry_run, as_json=as_json):
            return
        work.commit()
    if as_json:
        print_json({**facts, "dry_run": False})
    else:
        say("Mailed.")


@app.command("refund")
def refund(
    gift: GiftId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log and the giver.")],
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Give the giver all of it back; only while nobody has redeemed it. Its code is void at once."""
    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.memberships.gifts import service
            from tourpad.core.payments import queries
            from tourpad.core.payments.procedures import send_refunds

            gift_id = _id(work, gift)
            paid = queries.paid_for(work, reference_type=service.REFERENCE, reference_id=gift_id)
            found = service.refund(work, gift_id=gift_id, reason=reason)
            facts = _row(work, found)
            over = found.redeem_until is not None and found.redeem_until <= work.now
            if not as_json:
                until = f", until {human(found.redeem_until)}" if found.redeem_until else ""
                could = "it has lapsed" if over else f"it could have been redeemed{until}"
                say(f"{Money(found.amount_cents, found.currency)} goes back to {facts['giver']}.")
                say(f"The code for {found.to_address} is void; {could}.")
            if not _may(facts, "Refund it?", yes=yes, dry_run=dry_run, as_json=as_json):
                return
            work.commit()
        send_refunds(p, me())
        with p.work(me()) as work:
            done = queries.refunds_of(work, paid.id)[-1] if paid else None
    if as_json:
        print_json({**facts, "dry_run": False})
    elif done:
        say_what_became_of(done)


def _may(facts: dict[str, Any], question: str, *, yes: bool, dry_run: bool, as_json: bool) -> bool:
    if as_json and dry_run:
        print_json({**facts, "dry_run": True})
        return False
    return confirm(question, yes=yes, dry_run=dry_run)


def _id(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.memberships.models import MembershipGift

    return by_id_part(work, MembershipGift, text, noun="gift")


def _row(work: "Work", gift: "MembershipGift") -> dict[str, Any]:
    from tourpad.core.identity.queries import get_user

    return {
        "id": gift.id,
        "giver": get_user(work, gift.giver_user_id).name,
        "giver_user_id": gift.giver_user_id,
        "to_address": gift.to_address,
        "to_name": gift.to_name,
        "plan": gift.plan_code,
        "amount_cents": gift.amount_cents,
        "currency": gift.currency,
        "state": gift.state.value,
        "paid_at": gift.paid_at,
        "redeem_until": gift.redeem_until,
        "redeemed_by": gift.redeemed_by,
        "redeemed_at": gift.redeemed_at,
        "created_at": gift.created_at,
    }
