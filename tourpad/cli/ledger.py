"""`tourpad ledger`: what stands where, how it came there, and whether it holds."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.instants import end_of, instant
from tourpad.cli.output import SHORT_ID, Column, is_terminal, show_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tourpad.core.ledger.queries import JournalFilter, JournalWithLines
    from tourpad.core.money import Money
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="The books: every cent in double entry, append-only.")

Since = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="From that day (UTC) or instant on, or 3d ago.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Before that day (UTC) or instant.")]


@app.command("balances")
def balances(
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="DAY|INSTANT", help="As of then, not now: a day's end (UTC), an instant, or 3d ago."
        ),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Only this one, or a beginning: held:")
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="Each pot and payee apart, not only their sum.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what stands on every account that is not zero."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.ledger import service as ledger
        from tourpad.core.payments import queries

        when = end_of(at, field="--at", now=work.now) if at else None
        found = ledger.balances(work, at=when, prefix=_account(account))
        names = queries.names_of(work, _owners(found))
    grouped = is_terminal() and not as_json and not each and account is None
    rows = _by_kind(found) if grouped else [_balance_row(name, amount, names) for name, amount in found]
    total = sum(amount.cents for _, amount in found)
    show_list(
        rows,
        [
            Column("account"),
            Column("debit_cents", "debit", right=True, show=_shown),
            Column("credit_cents", "credit", right=True, show=_shown),
            Column("meaning"),
        ],
        as_json=as_json,
        key="balances",
        extra={"at": when, "sum_cents": total},
        empty="Nothing is posted." if account is None else "Nothing stands there.",
        closing=("" if when is None else f"As of {when:%Y-%m-%d %H:%M} UTC.  ")
        + f"All accounts together: {_money(total)}."
        + ("" if not grouped else f"  Each apart:  tourpad ledger balances --each{f' --at {at}' if at else ''}"),
    )


@app.command("journal")
def journal(
    *,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="That touch it, or a beginning: payable:")
    ] = None,
    concert: Annotated[str | None, typer.Option("--concert", help="Of this concert.")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="ID|MAIL", help="Of this person.")] = None,
    payout: Annotated[str | None, typer.Option("--payout", help="Behind this payout.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Of this payment, refund, dispute, transfer, … (our id or Stripe's)."),
    ] = None,
    number: Annotated[
        list[int] | None, typer.Option("--number", metavar="N", help="The one of this number; may be repeated.")
    ] = None,
    since: Since = None,
    until: Until = None,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page.")] = 1,
    limit: options.Limit = 20,
    as_json: options.Json = False,
) -> None:
    """Show postings with their lines, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.ledger import service as ledger

        wanted = _filter(
            work,
            account=account,
            concert=concert,
            person=person,
            payout=payout,
            source=source,
            numbers=number or (),
            since=since,
            until=until,
        )
        found, total = ledger.journals(work, wanted, page=page, limit=limit)
    counted = f"{len(found)} of {total:,}" if total > len(found) else f"{total:,}"
    closing = f"{counted} journal{'' if total == 1 else 's'}."
    if total > page * limit:
        closing += f"  Older ones:  --page {page + 1}"
    nested = [_journal(row) for row in found]
    show_list(
        nested if as_json else [line for row in found for line in _journal_lines(row)],
        [
            Column("number"),
            Column("occurred_at", "when"),
            Column("description", show=_short),
            Column("account", show=_short),
            Column("debit_cents", "debit", right=True, show=_shown),
            Column("credit_cents", "credit", right=True, show=_shown),
            Column("source", show=_short, optional=True),
        ],
        as_json=as_json,
        key="journals",
        extra={"total": total, "page": page},
        empty="No journal matches.",
        closing=closing,
    )


@app.command("verify")
def verify(*, as_json: options.Json = False) -> None:
    """Recompute the books from every line and every payment, refund, dispute and payout. Exit 4 on a finding."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.ledger import queries
        from tourpad.core.ledger import service as ledger
        from tourpad.core.ledger.queries import JournalFilter
        from tourpad.core.payments import service as payments
        from tourpad.core.payouts import service as payouts

        findings = [*ledger.verify(work), *payments.verify(work), *payouts.verify(work)]
        count = queries.journals(work, JournalFilter(), limit=1)[1]
    show_list(
        [{"code": f.code, "subject": f.subject, "message": f.message, "hint": f.hint} for f in findings],
        [Column("code"), Column("message"), Column("hint")],
        as_json=as_json,
        key="findings",
        extra={"journals": count},
        empty=f"{count:,} journals, every one zero; payments, refunds, disputes and payouts agree with them.",
        closing=f"{len(findings)} finding{'' if len(findings) == 1 else 's'} in {count:,} journals.",
    )
    if findings:
        raise typer.Exit(4)


def _filter(
    work: "Work",
    *,
    account: str | None,
    concert: str | None,
    person: str | None,
    payout: str | None,
    source: str | None,
    numbers: "Sequence[int]",
    since: str | None,
    until: str | None,
) -> "JournalFilter":
    from tourpad.core.concerts.models import Concert
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity import queries as people
    from tourpad.core.identity.models import User
    from tourpad.core.ledger.queries import JournalFilter
    from tourpad.core.payouts import queries as payouts
    from tourpad.core.payouts.models import Payout

    concert_id = by_id_part(work, Concert, concert, noun="concert") if concert else None
    behind = payouts.journals_behind(work, by_id_part(work, Payout, payout, noun="payout")) if payout else None
    person_id = None
    if person:
        by_mail = "@" in person
        person_id = people.get_by_email(work, person).id if by_mail else by_id_part(work, User, person, noun="user")
    return JournalFilter(
        account=_account(account),
        concert_id=concert_id,
        person_id=person_id,
        journal_ids=behind,
        numbers=numbers,
        source_ids=_sources(work, source) if source else (),
        since=instant(since, field="--since", now=work.now) if since else None,
        until=instant(until, field="--until", now=work.now) if until else None,
    )


def _account(text: str | None) -> str | None:
    """An account that there can be: `held` and `payable` mean all of theirs.

    Raises:
        InvalidInputError: it is none of the chart.
    """
    from tourpad.core.errors import invalid
    from tourpad.core.ledger import rules

    if text in (rules.HELD, rules.PAYABLE):
        return f"{text}:"
    kind = text.partition(":")[0] if text else None
    begins = kind is not None and kind.endswith("*") and any(k.startswith(kind[:-1]) for k in rules.MEANING)
    if kind is None or kind in rules.MEANING or begins:
        return text
    raise invalid("--account", f"{text!r} is no account", hint=f"One of {', '.join(rules.MEANING)}")


def _sources(work: "Work", text: str) -> "tuple[str, ...]":
    """What journals of a charge, refund, dispute, transfer or payment are posted from, by whichever id it was named."""
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.errors import NotFoundError
    from tourpad.core.payments import queries
    from tourpad.core.payments.models import Payment

    sources = {text, *queries.sources_named(work, text)}
    if "_" not in text:
        try:
            sources |= queries.sources_about(work, by_id_part(work, Payment, text, noun="payment"))
        except NotFoundError:  # a settlement, say: named by its whole id
            return tuple(sources)
    return tuple(sources)


def _owners(found: "Sequence[tuple[str, Money]]") -> list[Any]:
    from tourpad.core.ledger import rules

    return [account.owner_id for name, _ in found if (account := rules.parse(name)).kind == rules.PAYABLE]


def _balance_row(name: str, amount: "Money", names: dict[Any, str]) -> dict[str, Any]:
    from tourpad.core.ledger import rules

    return {
        "account": name,
        "cents": amount.cents,
        "currency": amount.currency,
        "side": rules.side(amount),
        **_sides(amount),
        "meaning": rules.describe(name, owner=names.get(rules.parse(name).owner_id)),
    }


def _by_kind(found: "Sequence[tuple[str, Money]]") -> list[dict[str, Any]]:
    """Pots and payees added up, so that a balance sheet fits on a screen."""
    from tourpad.core.ledger import rules

    kinds: dict[tuple[str, str, str], list[Money]] = {}
    for name, amount in found:
        kind = rules.parse(name).kind
        owned = kind in (rules.HELD, rules.PAYABLE)
        # What we are owed is not to hide behind what we owe.
        key = (kind, amount.currency, rules.side(amount) if owned else "")
        kinds.setdefault(key, []).append(amount)
    rows: list[dict[str, Any]] = []
    for (kind, _, side), amounts in kinds.items():
        total = amounts[0]
        for amount in amounts[1:]:
            total += amount
        meaning = rules.MEANING[kind]
        if kind == rules.PAYABLE and side == "debit":
            meaning = "owed to us by payees"
        several = f" ({len(amounts)})" if side else ""
        rows.append({"account": f"{kind}{several}", "meaning": meaning, **_sides(total)})
    return rows


def _journal(row: "JournalWithLines") -> dict[str, Any]:
    from tourpad.core.ledger import rules

    entry = row.journal
    return {
        "number": entry.number,
        "id": entry.id,
        "occurred_at": entry.occurred_at,
        "description": entry.description,
        "source_type": entry.source_type,
        "source_id": entry.source_id,
        "purpose": entry.purpose,
        "concert_id": entry.concert_id,
        "person_id": entry.person_id,
        "details": entry.details,
        "lines": [
            {
                "account": account,
                "amount_cents": amount.cents,
                "currency": amount.currency,
                "side": rules.side(amount),
            }
            for account, amount in row.lines
        ],
    }


def _journal_lines(row: "JournalWithLines") -> list[dict[str, Any]]:
    """One line a row; on a terminal what is the same for all lines stands in the first."""
    shown: list[dict[str, Any]] = []
    entry = row.journal
    for place, (account, amount) in enumerate(row.lines):
        head: dict[str, Any] = {
            "number": entry.number,
            "occurred_at": entry.occurred_at,
            "description": entry.description,
            "source": f"{entry.source_type} {entry.source_id} {entry.purpose}",
        }
        if place and is_terminal():
            head = dict.fromkeys(head, " ")
        shown.append({**head, "account": account, **_sides(amount)})
    return shown


def _sides(amount: "Money") -> dict[str, Any]:
    """An amount in its own column of two, in cents."""
    size = abs(amount.cents)
    return {
        "debit_cents": size if amount.cents >= 0 else None,
        "credit_cents": size if amount.cents < 0 else None,
    }


def _short(text: str) -> str:
    """An account or source with its ids cut to their last characters, which tell them apart."""
    return re.sub(r"(?=[\w-]*\d)[\w-]{16,}", lambda found: "…" + found[0][-SHORT_ID:], text)


def _shown(cents: int | None) -> str:
    return "" if cents is None else _money(cents)


def _money(cents: int) -> str:
    from tourpad.core.money import format_money, usd

    return format_money(usd(cents))
