"""`tourpad memberships plans`: the one table of prices and trials, which `tourpad stripe setup` takes to Stripe."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.amounts import dollars
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, print_json, say, show_list
from tourpad.core.money import Money

if TYPE_CHECKING:
    from tourpad.core.memberships.models import MembershipPlan

app = typer.Typer(no_args_is_help=True, help="Plans: what memberships cost, and how long a trial is.")


@app.command("list")
def list_plans(*, as_json: options.Json = False) -> None:
    """Show every plan, withdrawn ones too."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships import queries

        rows = [_row(plan) for plan in queries.all_plans(work)]
    show_list(
        rows,
        [
            Column("code", "plan"),
            Column("name"),
            Column("amount_cents", "price", right=True, show=lambda cents: str(Money(cents))),
            Column("interval"),
            Column("trial_days", "trial days", right=True),
            Column("is_offered", "offered", show=lambda offered: "yes" if offered else "no"),
            Column("stripe_price_id", "at Stripe", show=lambda price: price or "–"),
        ],
        as_json=as_json,
        key="plans",
        empty="There is no plan.",
        closing=f"{len(rows)} plans.  Change one:  tourpad memberships plans set PLAN --price 12.00",
    )


@app.command("set")
def set_plan(
    code: Annotated[str, typer.Argument(metavar="PLAN", help="A plan's code, like fan_yearly.")],
    *,
    price: Annotated[str | None, typer.Option("--price", metavar="DOLLARS", help="An interval costs so much.")] = None,
    trial_days: Annotated[
        int | None, typer.Option("--trial-days", help="So many days for nothing, once a person; 0 for none.")
    ] = None,
    is_offered: Annotated[
        bool | None, typer.Option("--offered/--withdrawn", help="Whether anybody can take it.")
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Change a plan for whoever joins from now on. Members keep the price by which they joined."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.memberships import queries
        from tourpad.core.memberships.service import plans

        known = queries.plan(work, code)
        before = _row(known) if known else {}
        cents = dollars(price, field="--price").cents if price is not None else None
        plan = plans.change(work, code=code, amount_cents=cents, trial_days=trial_days, is_offered=is_offered)
        row = _row(plan)
        changes = {name: (before.get(name), value) for name, value in row.items() if before.get(name) != value}
        if not changes:
            if as_json:
                print_json({**row, "dry_run": dry_run})
            else:
                say(f"{code} is so already.")
            return
        if not as_json:
            for name, (old, new) in changes.items():
                if name == "stripe_price_id":
                    continue  # what that means is said once it is changed
                shown = [str(Money(int(value or 0))) if name == "amount_cents" else value for value in (old, new)]
                say(f"{code}: {name.removesuffix('_cents').replace('_', ' ')}  {shown[0]} → {shown[1]}")
        if as_json and dry_run:
            print_json({**row, "dry_run": True})
            return
        if not confirm("Change it?", yes=yes, dry_run=dry_run):
            return
        work.commit()
    if as_json:
        print_json({**row, "dry_run": False})
    elif row["is_offered"] and row["stripe_price_id"] is None:
        say("Changed. Nobody can join by it until Stripe has the price:  tourpad stripe setup")
    elif "is_offered" in changes:
        say("Changed. Close its price at Stripe, too:  tourpad stripe setup")
    else:
        say("Changed, for whoever joins from now on.")


def _row(plan: "MembershipPlan") -> dict[str, Any]:
    return {
        "code": plan.code,
        "name": plan.name,
        "user_type": plan.user_type.value,
        "amount_cents": plan.amount_cents,
        "currency": plan.currency,
        "interval": plan.interval,
        "trial_days": plan.trial_days,
        "is_offered": plan.is_offered,
        "stripe_price_id": plan.stripe_price_id,
    }
