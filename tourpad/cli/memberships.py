"""`tourpad memberships`: who pays, who is late, who was let in for nothing."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import gifts, membership_plans, options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, human, is_terminal, print_json, say, show_list, show_one
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money

if TYPE_CHECKING:
    from tourpad.core.memberships.models import Membership, MembershipInvoice, MembershipPlan
    from tourpad.core.memberships.plan_change.quote import Quote
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Memberships: who pays, who is late, who was let in for nothing.")
app.add_typer(membership_plans.app, name="plans")
app.add_typer(gifts.app, name="gifts")

Which = Annotated[str, typer.Argument(metavar="WHICH", help="A mail address, or any unique part of an id.")]
_SHOWN = 12
"""Invoices that are shown on a terminal; `--json` has all."""
_COLOURS = {"past_due": "red", "cancelling": "yellow", "incomplete": "yellow", "expired": "dim"}


@app.command("list")
def list_memberships(
    *,
    state: Annotated[MembershipState | None, typer.Option("--state", help="Only those in this state.")] = None,
    role: Annotated[UserType | None, typer.Option("--role", help="Only artists' or fans'.")] = None,
    search: Annotated[str | None, typer.Option("--search", help="Part of a name or mail address.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show memberships; those that end or renew first on top."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships import queries

        wanted = queries.MembershipFilter(state=state, user_type=role, search=search)
        found, total = queries.listed(work, wanted, limit=limit)
        rows = [
            {**_facts(item.membership, item.plan), "email": item.user.email, "name": item.user.name} for item in found
        ]
    columns = [
        Column("id"),
        Column("email"),
        Column("plan"),
        Column(
            "amount_cents", "price", right=True, show=lambda cents: str(Money(cents)) if cents else "–", optional=True
        ),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("current_period_end", "until", show=_day),
        Column("grace_until", "grace until", show=_day, optional=True),
    ]
    several = "membership" if total == 1 else "memberships"
    counted = f"{len(rows)} of {total:,} {several}" if total > len(rows) else f"{total:,} {several}"
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="memberships",
        extra={"total": total},
        empty="No memberships match." if state or role or search else "Nobody has a membership yet.",
        closing=f"{counted}.  One of them:  tourpad memberships show EMAIL",
    )


@app.command("show")
def show(which: Which, *, as_json: options.Json = False) -> None:
    """Show one membership: whose, by which plan, until when, and what Stripe calls it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.queries import get_user
        from tourpad.core.memberships import queries

        membership = _find(work, which)
        user = get_user(work, membership.user_id)
        plan = queries.plan(work, membership.plan_code)
        facts: dict[str, Any] = {
            **_facts(membership, plan),
            "user_id": user.id,
            "email": user.email,
            "name": user.name,
            "user_state": user.state.value,
            "started_at": membership.started_at,
            "ended_at": membership.ended_at,
            "stripe_subscription_id": membership.stripe_subscription_id,
            "stripe_customer_id": membership.stripe_customer_id,
        }
        invoices = [_invoice(invoice) for invoice in queries.invoices_of(work, membership.id)]
    if is_terminal() and not as_json and plan is not None:
        granted = not membership.stripe_subscription_id
        price = "granted" if granted else f"{membership.price(plan)} a {plan.interval}"
        facts["price"] = price
        del facts["amount_cents"]
    if as_json:
        print_json({**facts, "invoices": invoices})
        return
    show_one(facts, as_json=False, title=f"{user.name}  ·  {membership.state.replace('_', ' ')}")
    for row in invoices[:_SHOWN]:
        credit = f", credit {Money(-row['balance_cents'])}" if row["balance_cents"] < 0 else ""
        period = f"{row['period_start']:%Y-%m-%d} to {row['period_end']:%Y-%m-%d}"
        what = row["reason"].removeprefix("subscription_")
        say(f"invoice  {period}  {what:<7} {Money(row['paid_cents'])!s:>8} paid{credit}  {row['payment_id'] or ''}")
    if len(invoices) > _SHOWN:
        say(f"… and {len(invoices) - _SHOWN:,} before.")


@app.command("change")
def change(
    which: Which,
    *,
    plan: Annotated[str, typer.Option("--plan", help="yearly, monthly, or a plan's code.")],
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Change somebody's plan now. Shows first, to the cent, what that charges or credits."""
    with platform() as p:
        from tourpad.core.memberships.plan_change import procedures as plan_change

        with p.work(me()) as work:
            user_id = _find(work, which).user_id
        quote = plan_change.quote(p, me(), user_id=user_id, plan=plan)
        facts = _quoted(quote)
        if not as_json:
            _show_quote(quote)
        if not _may_go_on("Change it?", facts, yes=yes, dry_run=dry_run, as_json=as_json):
            return
        plan_change.change_plan(p, me(), user_id=user_id, plan=plan, at=quote.at)
    if as_json:
        print_json({**facts, "dry_run": False})
    else:
        say("Changed, and told by mail.")


@app.command("grant")
def grant(
    email: Annotated[str, typer.Argument(help="An artist's or a fan's mail address.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log.")],
    plan: Annotated[str | None, typer.Option("--plan", help="What it is called: a plan's code.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Its last day, like 2026-12-31.")] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Give somebody a membership that nobody pays for; without --until it has no end."""
    end = _end_of_day(until)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.queries import get_by_email
        from tourpad.core.memberships import queries
        from tourpad.core.memberships.service import changing

        user = get_by_email(work, email)
        membership = changing.grant(work, user_id=user.id, plan=plan, until=end, reason=reason)
        facts = _facts(membership, queries.plan(work, membership.plan_code))
        lasts = f"until the end of {_day(end)}" if end else "without an end"
        if not as_json:
            say(f"{user.name} <{user.email}> gets a membership ({membership.plan_code}) {lasts}.")
        if not _may_go_on("Give it?", facts, yes=yes, dry_run=dry_run, as_json=as_json):
            return
        work.commit()
    if as_json:
        print_json({**facts, "dry_run": False})
    else:
        say("Given, and told by mail.")


@app.command("expire")
def expire(
    which: Which,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log.")],
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """End a membership at once; Stripe ends its subscription with it. Nothing is refunded by this."""
    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.identity.queries import get_user
            from tourpad.core.memberships import queries
            from tourpad.core.memberships.procedures import end_subscriptions
            from tourpad.core.memberships.service import changing

            membership = changing.end_now(work, membership_id=_find(work, which).id, reason=reason)
            user = get_user(work, membership.user_id)
            paid = membership.current_period_end
            facts = _facts(membership, queries.plan(work, membership.plan_code))
            if not as_json:
                left = f" and loses what is paid until {human(paid)}" if paid else ""
                say(f"{user.name} <{user.email}> is no member any more{left}.")
            if not _may_go_on("End it now?", facts, yes=yes, dry_run=dry_run, as_json=as_json):
                return
            work.commit()
        done = end_subscriptions(p, me()) if membership.stripe_subscription_id else {"ended": 0, "failed": 0}
    if as_json:
        print_json({**facts, "dry_run": False, "subscription_ended": done["ended"] > 0})
    elif done["failed"]:
        say("Ended here. Stripe did not answer; the job subscriptions-end tries again.")
    else:
        say("Ended, and told by mail.")


def _day(at: datetime | None) -> str:
    """The last day, with its year: most memberships last for one."""
    from tourpad.core.memberships.periods import last_day

    return f"{last_day(at).day} {last_day(at):%b %Y}" if at else "–"


def _quoted(quote: "Quote") -> dict[str, Any]:
    return {
        "from_plan": quote.from_plan,
        "to_plan": quote.to_plan,
        "charge_cents": quote.charge.cents,
        "credit_cents": quote.credit.cents,
        "owed_cents": quote.owed.cents,
        "currency": quote.renewal.currency,
        "renews_at": quote.renews_at,
        "renewal_cents": quote.renewal.cents,
        "in_trial": quote.in_trial,
        "proration_date": quote.at,
        "lines": [{"description": line.description, "amount_cents": line.amount.cents} for line in quote.lines],
    }


def _show_quote(quote: "Quote") -> None:
    say(f"{quote.from_plan} → {quote.to_plan}")
    for line in quote.lines:
        say(f"  {line.amount!s:>9}  {line.description}")
    if quote.in_trial:
        say("  The trial goes on; nothing is charged now.")
    else:
        say(f"  {quote.charge!s:>9}  charged to the card now")
    if quote.credit:
        say(f"  {quote.credit!s:>9}  credit, used up by the next renewals")
    if quote.owed:
        say(f"  {quote.owed!s:>9}  too little to charge, added to the next renewal")
    say(f"  {quote.renewal!s:>9}  from {human(quote.renews_at)}")


def _invoice(invoice: "MembershipInvoice") -> dict[str, Any]:
    return {
        "stripe_invoice_id": invoice.stripe_invoice_id,
        "reason": invoice.reason,
        "total_cents": invoice.total_cents,
        "paid_cents": invoice.paid_cents,
        "balance_cents": invoice.balance_cents,
        "currency": invoice.currency,
        "period_start": invoice.period_start,
        "period_end": invoice.period_end,
        "paid_at": invoice.paid_at,
        "payment_id": invoice.payment_id,
    }


def _may_go_on(question: str, facts: dict[str, Any], *, yes: bool, dry_run: bool, as_json: bool) -> bool:
    """Ask; with `--json` a dry run is one document, too."""
    if as_json and dry_run:
        print_json({**facts, "dry_run": True})
        return False
    return confirm(question, yes=yes, dry_run=dry_run)


def _find(work: "Work", which: str) -> "Membership":
    """A membership by its person's mail address, or by any part of its id.

    Raises:
        NotFoundError: nobody, or nobody with a membership.
    """
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity.queries import get_by_email
    from tourpad.core.memberships import queries
    from tourpad.core.memberships.errors import NoMembership
    from tourpad.core.memberships.models import Membership

    if "@" not in which:
        return queries.get(work, by_id_part(work, Membership, which, noun="membership"))
    found = queries.of_user(work, get_by_email(work, which).id)
    if found is None:
        raise NoMembership(f"{which} has no membership.", hint=f"tourpad memberships grant {which} --reason …")
    return found


def _facts(membership: "Membership", plan: "MembershipPlan | None") -> dict[str, Any]:
    granted = membership.stripe_subscription_id is None
    return {
        "id": membership.id,
        "state": membership.state.value,
        "plan": membership.plan_code,
        "amount_cents": 0 if granted or plan is None else membership.price(plan).cents,
        "is_granted": granted,
        "current_period_start": membership.current_period_start,
        "current_period_end": membership.current_period_end,
        "cancels_at": membership.cancels_at,
        "grace_until": membership.grace_until,
        "trial_ends_at": membership.trial_ends_at,
    }


def _end_of_day(day: str | None) -> datetime | None:
    """The end of a day as typed, in UTC.

    Raises:
        InvalidInputError: it is no day.
    """
    from tourpad.core.errors import invalid

    if day is None:
        return None
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError as error:
        raise invalid("--until", f"{day!r} is no day; write it like 2026-12-31") from error
