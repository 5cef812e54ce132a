"""What came of the season: people, bookings, seats, accounts, payouts with reasons; and whether the books agree."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tourpad.cli.output import console, is_terminal, print_json
from tourpad.core.actors import operator
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money, format_money
from tourpad.core.payouts import service as payouts
from tourpad.core.reconcile import procedures as reconcile
from tourpad.core.work import Work
from tourpad.demo import queries
from tourpad.demo.season import Season

NEXT = (
    "tourpad applications review",
    "tourpad payouts preview",
    "tourpad concerts list",
    "tourpad availability trips",
    "tourpad dev",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of the story. All amounts are cents."""

    seed: int
    seconds: float
    begins: datetime
    ends: datetime
    people: dict[str, dict[str, int]]
    """Role, then state, then how many."""
    applications: dict[str, int]
    memberships: dict[str, int]
    bookings: dict[str, int]
    seats: dict[str, int]
    plans: dict[str, int]
    """Trips, invitations, shows that needed a number of people, shows that moved, calendars that others read."""
    money: dict[str, int]
    """in = paid_out + refunded + taken_back + fees + ours + held, to the cent."""
    accounts: dict[str, int]
    payouts: list[dict[str, Any]]
    """By state and reason: how many, and how much."""
    disputes: dict[str, int]
    journals: int
    mails: int
    faults: list[str]
    """What is wrong: empty when every cent is where it belongs."""


def summarise(season: Season, *, seed: int) -> Summary:
    """Count, add up, verify, reconcile."""
    from tourpad.demo.story import BEGINS

    actor = operator("demo")
    platform = season.stage.platform
    season.display.chapter("The books are checked against the sources, and against Stripe")
    faults = [f"reconcile: {finding.message}" for finding in reconcile.reconcile(platform, actor).findings]
    with platform.work(actor) as work:
        faults += [f"ledger: {finding.message}" for finding in ledger.verify(work)]
        accounts = queries.accounts(work)
        money = _money(work, accounts)
        if money["in"] != sum(money[part] for part in _PARTS):
            faults.append(f"the money line does not add up: {money}")
        people: dict[str, dict[str, int]] = {}
        for (role, state), count in queries.counts(work, "users", "user_type", "state").items():
            people.setdefault(role, {})[state] = count
        return Summary(
            seed=seed,
            seconds=round(season.display.seconds, 1),
            begins=BEGINS,
            ends=season.now,
            people=people,
            applications=_by_state(queries.counts(work, "applications", "state")),
            memberships=_by_state(queries.counts(work, "memberships", "state")),
            bookings=_by_state(queries.counts(work, "bookings", "state")),
            seats=queries.seats(work),
            plans=queries.plans(work),
            money=money,
            accounts=accounts,
            payouts=[*queries.payouts(work), *_waiting(work)],
            disputes=_by_state(queries.counts(work, "disputes", "state")),
            journals=int(queries.one(work, "SELECT count(*) FROM ledger_journals")),
            mails=season.mailbox.received,
            faults=faults,
        )


_PARTS = ("paid_out", "refunded", "taken_back", "fees", "ours", "held")


def _waiting(work: Work) -> list[dict[str, Any]]:
    """Payouts that have not left, by what a run would say of them now."""
    grouped: dict[str, list[int]] = {}
    for row in payouts.preview(work):
        reason = row.reason.value.replace("_", " ") if row.reason else "due in the next run"
        grouped.setdefault(reason, []).append(row.pays.cents + row.held.cents)
    return [
        {
            "state": "held" if reason != "due in the next run" else "planned",
            "reason": reason,
            "count": len(amounts),
            "cents": sum(amounts),
        }
        for reason, amounts in sorted(grouped.items())
    ]


def _money(work: Any, accounts: dict[str, int]) -> dict[str, int]:
    """The money line. Of the ledger alone: what came in, and the six places where it is now."""
    moves = queries.stripe_moves(work)
    fees = accounts.get("stripe_fees", 0) + accounts.get("dispute_fees", 0)
    revenue = -accounts.get("membership_revenue", 0) - accounts.get("platform_revenue", 0)
    waiting = ("held", "payable", "transfer_clearing", "refund_clearing")
    return {
        "in": queries.money_in(work),
        "paid_out": -sum(cents for source, cents in moves.items() if source.startswith(("transfer", "payout"))),
        "refunded": -moves.get("refund", 0),
        # By payers' banks, for good: what is held while a dispute is open is still owed to whoever earned it.
        "taken_back": -moves.get("dispute", 0) - accounts.get("dispute_fees", 0) - accounts.get("disputes_held", 0),
        "fees": fees,
        "ours": revenue - fees - accounts.get("dispute_losses", 0),
        "held": -sum(accounts.get(kind, 0) for kind in waiting),
    }


def _by_state(counts: dict[tuple[str, ...], int]) -> dict[str, int]:
    return {state: n for (state,), n in sorted(counts.items())}


def show(summary: Summary, *, as_json: bool) -> None:
    """Print it."""
    if as_json:
        print_json({**asdict(summary), "ok": not summary.faults, "next": list(NEXT)})
        return
    lines = [
        ("people", _people(summary)),
        ("bookings", _bookings(summary)),
        ("seats", _seats(summary.seats)),
        ("plans", _plans(summary.plans)),
        ("money", _money_line(summary.money)),
        ("books", _books(summary)),
    ]
    title = f"A season of house concerts: {_day(summary.begins)} – {_day(summary.ends)} {summary.ends.year}"
    timing = f"{summary.seconds:.0f} s, seed {summary.seed}"
    if not is_terminal():
        print(f"{title}\t{timing}")
        for name, text in lines:
            print(f"{name}\t{text}")
        for account, cents in summary.accounts.items():
            print(f"account\t{account}\t{format_money(Money(cents))}")
        for row in summary.payouts:
            print(
                f"payouts\t{row['state']}\t{row['reason'] or ''}\t{row['count']}\t{format_money(Money(row['cents']))}"
            )
        for fault in summary.faults:
            print(f"FAULT\t{fault}")
        print("next\t" + "\t".join(NEXT))
        return
    _show_on_terminal(summary, title, timing, lines)


def _show_on_terminal(summary: Summary, title: str, timing: str, lines: list[tuple[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    head = Table.grid(expand=True)
    head.add_column()
    head.add_column(justify="right")
    head.add_row(Text(f" {title}", style="bold"), Text(f"{timing} ", style="dim"))
    out.print(head)
    body = Table.grid(padding=(0, 2))
    body.add_column(style="cyan")
    body.add_column()
    for name, text in lines:
        body.add_row(f"  {name}", text)
    out.print(body)
    accounts = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", title_justify="left")
    accounts.add_column("  account")
    accounts.add_column("debit", justify="right")
    accounts.add_column("credit", justify="right")
    for account, cents in summary.accounts.items():
        amount = format_money(Money(abs(cents)))
        accounts.add_row(
            f"  {_ACCOUNTS.get(account, account)}", amount if cents > 0 else "", amount if cents < 0 else ""
        )
    sides = format_money(Money(sum(c for c in summary.accounts.values() if c > 0)))
    accounts.add_row(
        "",
        Text(sides, style="bold"),
        Text(format_money(Money(-sum(c for c in summary.accounts.values() if c < 0))), style="bold"),
    )
    out.print()
    out.print(accounts)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("  payouts", "why"):
        table.add_column(heading)
    table.add_column("how many", justify="right")
    table.add_column("amount", justify="right")
    for row in summary.payouts:
        table.add_row(f"  {row['state']}", row["reason"] or "", str(row["count"]), format_money(Money(row["cents"])))
    out.print()
    out.print(table)
    for fault in summary.faults:
        out.print(Text(f"  ✗ {fault}", style="bold red"))
    out.print(f"\n [bold]Next:[/bold]  {'      '.join(NEXT[:3])}")
    out.print(f"        {'      '.join(NEXT[3:])}   (http://127.0.0.1:8000/docs)")


_ACCOUNTS = {
    "held": "held for concerts to come",
    "payable": "payable to artists and hosts",
    "stripe_balance": "balance at Stripe",
    "disputes_held": "taken back by banks for now",
    "membership_revenue": "membership revenue",
    "platform_revenue": "our share of doors, and fees borne by payees",
    "stripe_fees": "Stripe's fees",
    "dispute_fees": "fees of disputes",
    "dispute_losses": "losses from disputes",
    "transfer_clearing": "transfers under way",
    "refund_clearing": "refunds under way",
}


def _people(summary: Summary) -> str:
    artists, hosts, fans = (summary.people.get(role, {}) for role in ("artist", "host", "fan"))
    applied = summary.applications
    waiting = sum(applied.get(state, 0) for state in ("submitted", "in_review", "questions_asked"))
    return (
        f"{sum(artists.values())} artists ({artists.get('active', 0)} in) · "
        f"{sum(hosts.values())} hosts ({hosts.get('active', 0)} in) · "
        f"{applied.get('rejected', 0)} rejected, {waiting} waiting · "
        f"{sum(fans.values())} fans, {fans.get('active', 0)} members"
    )


def _bookings(summary: Summary) -> str:
    states = summary.bookings
    open_now = sum(states.get(state, 0) for state in ("pending", "countered", "approved", "confirmed"))
    return (
        f"{sum(states.values())} asked: {states.get('completed', 0)} played, {states.get('cancelled', 0)} cancelled, "
        f"{states.get('rejected', 0)} rejected, {states.get('expired', 0)} expired, {open_now} open"
    )


def _seats(seats: dict[str, int]) -> str:
    return f"{seats['taken']:,} taken of {seats['offered']:,} · {seats['waited']:,} waited, {seats['got_in']:,} got in"


def _plans(plans: dict[str, int]) -> str:
    return (
        f"{_many(plans['trips'], 'trip')}, {_many(plans['invited'], 'invitation')} on the way · "
        f"{plans['reached']} of {_many(plans['with_minimum'], 'show')} with a minimum reached it · "
        f"{plans['moved']} moved: {_many(plans['stayed'], 'party')} stayed, {plans['went']} went · "
        f"{_many(plans['calendars'], 'calendar')} read elsewhere"
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what if count == 1 else what.removesuffix('y') + 'ies' if what.endswith('y') else what + 's'}"


def _money_line(money: dict[str, int]) -> str:
    parts = [f"{part.replace('_', ' ')} {format_money(Money(money[part]))}" for part in _PARTS if money[part]]
    return f"in {format_money(Money(money['in']))} = {' + '.join(parts)}"


def _books(summary: Summary) -> str:
    if summary.faults:
        return f"{summary.journals:,} journals, and {len(summary.faults)} faults (below)"
    agreed = "every one zero · Stripe agrees to the cent · nothing stuck"
    return f"{summary.journals:,} journals, {agreed} · {summary.mails:,} mails"


def _day(instant: datetime) -> str:
    return f"{instant.day} {instant:%b}"
