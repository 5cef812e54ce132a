"""Every SELECT of the ledger, and the one INSERT of postings."""

from tourpad.core.ledger.queries.balances import (
    SnapshotFault,
    add_snapshots,
    balance,
    balances,
    is_older_running,
    lines_written,
    lock_account,
    newest_snapshot,
    wrong_snapshots,
)
from tourpad.core.ledger.queries.journals import (
    JournalFilter,
    JournalWithLines,
    journal_of_source,
    journals,
    lines_of_source,
    write,
)
from tourpad.core.ledger.queries.proving import (
    account_names,
    by_source,
    settled_shares,
    settled_with_money_left,
    sources,
    take_your_time,
    unbalanced,
    without_lines,
)

__all__ = [
    "JournalFilter",
    "JournalWithLines",
    "SnapshotFault",
    "account_names",
    "add_snapshots",
    "balance",
    "balances",
    "by_source",
    "is_older_running",
    "journal_of_source",
    "journals",
    "lines_of_source",
    "lines_written",
    "lock_account",
    "newest_snapshot",
    "settled_shares",
    "settled_with_money_left",
    "sources",
    "take_your_time",
    "unbalanced",
    "without_lines",
    "write",
    "wrong_snapshots",
]
