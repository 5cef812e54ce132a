"""`tourpad memberships`: who pays, who is late, who was let in for nothing."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, human, is_terminal, print_json, say, show_list, show_one
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money

if TYPE_CHECKING:
    from tourpad.core.memberships.models import Membership, MembershipPlan
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Memberships: who pays, who is late, who was let in for nothing.")

Which = Annotated[str, typer.Argument(metavar="WHICH", help="A mail address, or any unique part of an id.")]
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
        Column("amount_cents", "price", right=True, show=lambda cents: str(Money(cents)) if cents else "–"),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("current_period_end", "until"),
        Column("grace_until", "grace until"),
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
    if is_terminal() and not as_json and plan is not None:
        granted = not membership.stripe_subscription_id
        price = "granted" if granted else f"{Money(plan.amount_cents, plan.currency)} a {plan.interval}"
        facts["price"] = price
        del facts["amount_cents"]
    show_one(facts, as_json=as_json, title=f"{user.name}  ·  {membership.state.replace('_', ' ')}")


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
        lasts = f"until {human(end)}" if end else "without an end"
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
        "amount_cents": 0 if granted or plan is None else plan.amount_cents,
        "is_granted": granted,
        "current_period_start": membership.current_period_start,
        "current_period_end": membership.current_period_end,
        "cancels_at": membership.cancels_at,
        "grace_until": membership.grace_until,
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
