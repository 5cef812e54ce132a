"""What stands on an account: its last snapshot and the few lines after it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, text

from tourpad.core.ids import new_id
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.money import Money
from tourpad.core.values import Value
from tourpad.core.work import Work

BALANCE = text("""
    SELECT coalesce(known.cents, 0) + coalesce((
        SELECT sum(line.amount_cents) FROM ledger_lines AS line
        WHERE line.account = :account AND line.currency = :currency AND line.number > coalesce(known.up_to, 0)
    ), 0)
    FROM (VALUES (1)) AS once LEFT JOIN LATERAL (
        SELECT cents, up_to FROM ledger_snapshots
        WHERE account = :account AND currency = :currency
        ORDER BY up_to DESC LIMIT 1
    ) AS known ON true
""")
"""One statement, so one instant. A snapshot that it does not see yet only makes its tail longer."""

LINES_WRITTEN = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_lines_number_seq")
OWN_TRANSACTION = text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
OLDER_RUNNING = text("""
    SELECT EXISTS (
        SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running (id)
        JOIN pg_locks AS own
            ON own.locktype = 'transactionid' AND own.mode = 'ExclusiveLock'
            AND CAST(CAST(own.transactionid AS text) AS bigint) = CAST(CAST(running.id AS text) AS bigint) % 4294967296
        LEFT JOIN pg_stat_activity AS who ON who.pid = own.pid
        WHERE CAST(CAST(running.id AS text) AS bigint) < :than
            AND (who.datid IS NULL OR who.datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    )
""")
"""A transaction that has written holds a lock on its own id until it is over, in one database of the server.

One without a session (prepared, to be committed later) may be anybody's, and counts.
"""

DUE = text("""
    SELECT touched.account, touched.currency, coalesce(known.cents, 0) + tail.cents
    FROM (
        SELECT DISTINCT account, currency FROM ledger_lines WHERE number > :since AND number <= :up_to
    ) AS touched
    LEFT JOIN LATERAL (
        SELECT cents, up_to FROM ledger_snapshots AS s
        WHERE s.account = touched.account AND s.currency = touched.currency
        ORDER BY up_to DESC LIMIT 1
    ) AS known ON true
    CROSS JOIN LATERAL (
        SELECT sum(line.amount_cents) AS cents, count(*) AS lines FROM ledger_lines AS line
        WHERE line.account = touched.account AND line.currency = touched.currency
          AND line.number > coalesce(known.up_to, 0) AND line.number <= :up_to
    ) AS tail
    WHERE tail.lines >= :least
    ORDER BY touched.account, touched.currency
""")
"""Accounts with so many lines after their last snapshot. Only those touched since any snapshot can be."""

ADD = text("""
    INSERT INTO ledger_snapshots (id, account, currency, up_to, cents, made_at)
    VALUES (:id, :account, :currency, :up_to, :cents, :made_at)
    ON CONFLICT (account, currency, up_to) DO NOTHING
""")

WRONG = text("""
    SELECT s.account, s.currency, s.up_to, s.cents - s.cents_before - coalesce((
        SELECT sum(line.amount_cents) FROM ledger_lines AS line
        WHERE line.account = s.account AND line.currency = s.currency
          AND line.number > s.up_to_before AND line.number <= s.up_to
    ), 0) AS off
    FROM (
        SELECT account, currency, up_to, cents,
               lag(cents, 1, CAST(0 AS bigint)) OVER w AS cents_before,
               lag(up_to, 1, CAST(0 AS bigint)) OVER w AS up_to_before
        FROM ledger_snapshots WINDOW w AS (PARTITION BY account, currency ORDER BY up_to)
    ) AS s
    ORDER BY s.account, s.currency, s.up_to
""")
"""Each snapshot against the one before it and the lines in between: all lines once, whatever the snapshots."""


class SnapshotFault(Value):
    """A snapshot that is not what the lines up to it add up to, taken that the one before it is."""

    account: str
    up_to: int
    off: Money


def balance(work: Work, account: str, currency: str) -> Money:
    """What stands on one account: the only place that adds its lines up. Does not grow with their number."""
    cents = work.session.execute(BALANCE, {"account": account, "currency": currency}).scalar_one()
    return Money(int(cents), currency)


def balances(
    work: Work, *, at: datetime | None = None, prefix: str | None = None, with_zero: bool = False
) -> list[tuple[str, Money]]:
    """Every account's balance from its lines alone, by name; at an instant where `at` is given. Reads all lines."""
    total = func.sum(Line.amount_cents)
    query = select(Line.account, Line.currency, total).group_by(Line.account, Line.currency)
    if at is not None:
        query = query.join(Journal, Journal.id == Line.journal_id).where(Journal.occurred_at <= at)
    if prefix is not None:
        query = query.where(matches(prefix))
    if not with_zero:
        query = query.having(total != 0)
    rows = work.session.execute(query.order_by(Line.account, Line.currency))
    return [(account, Money(int(cents), currency)) for account, currency, cents in rows]


def lines_written(connection: Connection) -> tuple[int, int]:
    """The highest line number given out so far, and a transaction begun after that. Needs autocommit.

    Whoever wrote a line up to that number began before that transaction: a line gets its number only when its
    own transaction has an id (a trigger sees to it).
    """
    up_to = int(connection.execute(LINES_WRITTEN).scalar_one())
    return up_to, int(connection.execute(OWN_TRANSACTION).scalar_one())


def is_older_running(connection: Connection, than: int) -> bool:
    """Whether a transaction of this database that began before another one is not over yet.

    What those that are over wrote is there for good, or never will be. Other databases of the server do not matter.
    """
    return bool(connection.execute(OLDER_RUNNING, {"than": than}).scalar_one())


def newest_snapshot(work: Work) -> int:
    """The line number up to which accounts were last looked at for a snapshot; 0 before the first."""
    return int(work.session.execute(text("SELECT coalesce(max(up_to), 0) FROM ledger_snapshots")).scalar_one())


def add_snapshots(work: Work, *, since: int, up_to: int, least: int) -> int:
    """Write down what stands on each account that got `least` lines since its last snapshot; answers how many.

    Args:
        work: the unit of work.
        since: accounts that were touched after this line number are looked at.
        up_to: the line number that the snapshots include. No line up to it may be still to come.
        least: fewer lines than that are not worth one.
    """
    due = work.session.execute(DUE, {"since": since, "up_to": up_to, "least": least}).all()
    rows = [
        {
            "id": new_id(),
            "account": account,
            "currency": currency,
            "up_to": up_to,
            "cents": int(cents),
            "made_at": work.now,
        }
        for account, currency, cents in due
    ]
    if rows:
        work.session.execute(ADD, rows)
    return len(rows)


def wrong_snapshots(work: Work) -> list[SnapshotFault]:
    """Snapshots that are not the sum of the lines up to them."""
    rows = work.session.execute(WRONG)
    return [
        SnapshotFault(account, int(up_to), Money(int(off), currency)) for account, currency, up_to, off in rows if off
    ]


def lock_account(work: Work, account: str) -> None:
    """Wait for whoever else decides by this account's balance, and let others wait until the work ends."""
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:account, 0))"), {"account": f"ledger {account}"}
    )


def matches(account: str) -> ColumnElement[bool]:
    """Lines of one account, or of all whose name begins so (`held:`, `payable:0199*`)."""
    if account.endswith((":", "*")):
        return Line.account.startswith(account.removesuffix("*"), autoescape=True)
    return Line.account == account
