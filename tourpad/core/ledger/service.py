"""The ledger's verbs: post, ask what stands where, and prove that it holds.

A balance is its account's last snapshot and the lines after it, read in one place (`queries.balance`). Snapshots are
made of lines alone (`procedures.snapshot_balances`), and `verify` compares each with them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tourpad.core.ids import new_id
from tourpad.core.ledger import queries, rules
from tourpad.core.ledger.errors import PostingDiffersError, UnknownAccountError
from tourpad.core.ledger.models import Journal
from tourpad.core.ledger.queries import JournalFilter, JournalWithLines
from tourpad.core.ledger.rules import Finding
from tourpad.core.money import Money
from tourpad.core.work import Work


def post(
    work: Work,
    *,
    source_type: str,
    source_id: str | UUID,
    purpose: str,
    lines: Sequence[tuple[str, Money]],
    description: str,
    occurred_at: datetime | None = None,
    concert_id: UUID | None = None,
    person_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> Journal | None:
    """Write one journal, once. Safe to repeat: the same source and purpose can't be posted twice.

    Args:
        work: the unit of work; the posting is committed with it.
        source_type: what caused it, one of `rules.Source`.
        source_id: that thing's own id, ours or Stripe's.
        purpose: which of the postings that one source can cause (`paid`, `intent`, `done`, `failed`, …).
        lines: accounts and signed amounts, debits above zero; zeros are left out, same accounts merged.
        description: for people.
        occurred_at: when it happened; now unless given.
        concert_id: for filtering; opaque here.
        person_id: likewise.
        details: facts worth keeping, JSON-serialisable.

    Returns:
        The journal, or None when the very same posting exists already.

    Raises:
        UnbalancedError: the lines do not add up to zero, or all of them are zero.
        UnknownAccountError: an account is none of the chart.
        PostingDiffersError: the source was posted before for this purpose, with other lines.
    """
    kept = rules.balanced(lines)
    # The statement below goes around the session; what it refers to must be there first.
    work.session.flush()
    values: dict[str, Any] = {
        "id": new_id(),
        "source_type": str(source_type),
        "source_id": str(source_id),
        "purpose": purpose,
        "occurred_at": occurred_at or work.now,
        "description": description,
        "concert_id": concert_id,
        "person_id": person_id,
        "details": details or {},
    }
    number = queries.write(
        work,
        {
            **values,
            "ids": [new_id() for _ in kept],
            "accounts": [account for account, _ in kept],
            "cents": [amount.cents for _, amount in kept],
            "currencies": [amount.currency for _, amount in kept],
        },
    )
    if number is not None:
        return Journal(number=number, **values)
    before = queries.lines_of_source(work, source_type=str(source_type), source_id=str(source_id), purpose=purpose)
    if sorted(before, key=_key) != sorted(kept, key=_key):
        msg = f"{source_type} {source_id} was already posted as {purpose}, with other lines."
        raise PostingDiffersError(msg, hint=f"tourpad ledger journal --source {source_id} shows it.")
    return None


def _key(line: tuple[str, Money]) -> tuple[str, str]:
    return line[0], line[1].currency


def lock(work: Work, account: str) -> None:
    """Hold an account until the work ends: for whoever decides by its balance (settling a pot, refunding from it).

    Others that lock it wait. Postings do not: only two decisions by one balance exclude each other.

    Raises:
        UnknownAccountError: it is none of the chart.
    """
    rules.parse(account)
    queries.lock_account(work, account)


def balance(work: Work, account: str, currency: str = "USD") -> Money:
    """What stands on one account: above zero a debit, below a credit.

    Raises:
        UnknownAccountError: it is none of the chart.
    """
    rules.parse(account)
    return queries.balance(work, account, currency)


def balances(
    work: Work, *, at: datetime | None = None, prefix: str | None = None, with_zero: bool = False
) -> list[tuple[str, Money]]:
    """Every account that is not zero, in the order of the chart; as of `at`, of one `prefix` (`held:`).

    Adds up all lines, whatever the snapshots say.
    """
    order = {kind: place for place, kind in enumerate(rules.MEANING)}
    rows = queries.balances(work, at=at, prefix=prefix, with_zero=with_zero)
    return sorted(rows, key=lambda row: (order.get(row[0].partition(":")[0], len(order)), row[0], row[1].currency))


def journals(
    work: Work, wanted: JournalFilter, *, page: int = 1, limit: int = 50, oldest_first: bool = False
) -> tuple[list[JournalWithLines], int]:
    """One page of journals with their lines, newest first, and how many there are in all."""
    return queries.journals(work, wanted, page=page, limit=limit, oldest_first=oldest_first)


def verify(work: Work) -> list[Finding]:
    """Recompute the books from their lines alone. What they should hold is for whoever posts to verify."""
    queries.take_your_time(work)
    findings: list[Finding] = []
    for number, currency, cents in queries.unbalanced(work):
        off = Money(cents, currency)
        findings.append(Finding("unbalanced", f"journal {number}", f"Journal {number} is off by {off}."))
    findings.extend(
        Finding("no_lines", f"journal {number}", f"Journal {number} has no lines.")
        for number in queries.without_lines(work)
    )
    for name in queries.account_names(work):
        try:
            rules.parse(name)
        except UnknownAccountError as error:
            findings.append(Finding("unknown_account", name, error.message))
    for account, left in queries.settled_with_money_left(work):
        concert = account.partition(":")[2]
        findings.append(
            Finding(
                "settled_not_empty",
                account,
                f"Concert {concert} is settled, and its pot still has a {rules.side(left)} of {rules.size(left)}.",
                hint=f"tourpad ledger journal --concert {concert}",
            )
        )
    findings.extend(
        Finding(
            "snapshot_differs",
            fault.account,
            f"The snapshot of {fault.account} up to line {fault.up_to} is off by {fault.off} from its lines.",
            hint=f"tourpad ledger journal --account {fault.account}",
        )
        for fault in queries.wrong_snapshots(work)
    )
    totals: dict[str, int] = {}
    for _, amount in queries.balances(work):
        totals[amount.currency] = totals.get(amount.currency, 0) + amount.cents
    findings.extend(
        Finding("not_zero", "all accounts", f"All accounts together are {Money(cents, currency)}, not zero.")
        for currency, cents in totals.items()
        if cents
    )
    return findings
