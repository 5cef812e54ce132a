"""A ledger that grows: posting a journal and reading a balance at each size."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import psycopg

from bench.bulk import FOREIGN, UNIQUE, without_indexes, written
from bench.harness import Bench, median
from bench.money.world import open_platform

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

POTS = 20_000
"""Accounts of concerts among which the lines are spread; two of three lines are on accounts that all share."""
ROUNDS = 5
GUARDS = (("ledger_journals", "ledger_journals_balanced"), ("ledger_lines", "ledger_lines_balanced"))
"""What checks each line by itself is off while lines are made by the million; all are checked at once afterwards."""
JOURNALS = """
    INSERT INTO ledger_journals (id, source_type, source_id, purpose, occurred_at, description, details)
    SELECT uuidv7(), 'charge', 'ch_' || n, 'paid', now() - interval '1 day', 'Door fee', '{{}}'
    FROM generate_series({first}, {last}) AS n
"""
LINES = """
    INSERT INTO ledger_lines (id, journal_id, account, amount_cents, currency)
    SELECT uuidv7(), j.id, line.account, line.cents, 'USD'
    FROM ledger_journals AS j, LATERAL (
        VALUES ('stripe_balance', 1426), ('stripe_fees', 74), ('held:' || md5((j.number % {pots})::text)::uuid, -1500)
    ) AS line (account, cents)
    WHERE j.number > {after}
"""
PLAIN = "SELECT sum(amount_cents) FROM ledger_lines WHERE account = %s AND currency = 'USD'"
"""The balance as a sum of all its lines, to compare with."""


def run(bench: Bench, sizes: Sequence[int], *, times: int) -> None:
    """Fill a ledger up to each of `sizes` (lines), and measure there: `times` postings and as many reads."""
    from tourpad.core.actors import operator
    from tourpad.core.ledger.procedures import snapshot_balances

    database = bench.database()
    platform = open_platform(database, "http://127.0.0.1:9")
    rows: list[list[Any]] = []
    for size in sizes:
        bench.report.say(f"{size:,} lines: making them")
        made = _fill(database, size)
        began = time.monotonic()
        taken = snapshot_balances(platform, operator("bench"))["snapshots"]
        kept = time.monotonic() - began
        bench.report.say(f"{size:,} lines: measuring")
        rows.append([size, *_measure(platform, database, times // ROUNDS), taken, kept, made])
    bench.report.table(
        "ledger",
        f"Posting and reading a balance, medians of {ROUNDS} rounds, milliseconds",
        [
            "lines",
            "post",
            "a commit alone",
            "balance: shared account",
            "balance: pot",
            "of its 99 %",
            "sum of all lines: shared",
            "snapshots taken",
            "seconds for them",
            "seconds to fill",
        ],
        rows,
        "shared: stripe_balance, a third of all lines. Reads come right after the postings."
        " A commit alone: of one row that has nothing to do with the ledger, in turns with the postings.",
    )
    bench.report.table("ledger_checked", "What is there afterwards", *_check(platform))
    platform.close()


def _fill(database: str, size: int) -> float:
    """Bring the ledger to `size` lines; answers the seconds."""
    began = time.monotonic()
    with psycopg.connect(database, autocommit=True) as connection:
        have = connection.execute("SELECT count(*), coalesce(max(number), 0) FROM ledger_journals").fetchone()
        assert have is not None
        journals, step = size // 3, 500_000
        with _bare(connection):
            for first in range(have[0], journals, step):
                last = min(first + step, journals) - 1
                after = connection.execute("SELECT coalesce(max(number), 0) FROM ledger_journals").fetchone()
                assert after is not None
                connection.execute(written(JOURNALS.format(first=first, last=last)))
                connection.execute(written(LINES.format(pots=POTS, after=after[0])))
        connection.execute("VACUUM ANALYZE ledger_journals, ledger_lines")
        connection.execute("CHECKPOINT")  # else what is measured next waits for what was made just now to be written
    return time.monotonic() - began


@contextmanager
def _bare(connection: psycopg.Connection[Any]) -> Generator[None]:
    """The ledger without guards and indexes, which are all made again from what is there then."""
    for table, guard in GUARDS:
        connection.execute(written(f"ALTER TABLE {table} DISABLE TRIGGER {guard}"))
    with without_indexes(connection, [table for table, _ in GUARDS], kinds=UNIQUE + FOREIGN):
        yield
    for table, guard in GUARDS:
        connection.execute(written(f"ALTER TABLE {table} ENABLE TRIGGER {guard}"))


def _measure(platform: "Platform", database: str, times: int) -> list[float]:
    """Medians in milliseconds: post, commit, read the shared account, a pot; the shared one's 99 %, the plain sum."""
    from tourpad.core.actors import operator
    from tourpad.core.ledger import rules
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd

    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT account FROM ledger_lines WHERE account LIKE 'held:%' LIMIT 1").fetchone()
        assert row is not None
        pot = str(row[0])

    def post() -> None:
        from tourpad.core.ids import new_id

        with platform.work(operator("bench")) as work:
            ledger.post(
                work,
                source_type=rules.Source.CHARGE,
                source_id=new_id(),
                purpose="paid",
                lines=[(rules.STRIPE_BALANCE, usd(1426)), (rules.STRIPE_FEES, usd(74)), (pot, usd(-1500))],
                description="Door fee",
            )
            work.commit()

    posts: list[list[float]] = []
    commits: list[list[float]] = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_commits (n int)")
        for _ in range(ROUNDS):
            posts.append(_timed(post, times))
            commits.append(_timed(lambda: connection.execute("INSERT INTO bench_commits VALUES (1)"), times))
    with platform.work(operator("bench")) as work:
        shared = [_timed(lambda: ledger.balance(work, rules.STRIPE_BALANCE), times) for _ in range(ROUNDS)]
        own = [_timed(lambda: ledger.balance(work, pot), times) for _ in range(ROUNDS)]
        expected = ledger.balance(work, rules.STRIPE_BALANCE).cents
    with psycopg.connect(database) as connection:

        def add_up() -> None:
            row = connection.execute(PLAIN, (rules.STRIPE_BALANCE,)).fetchone()
            assert row is not None
            assert int(row[0]) == expected

        plain = [_timed(add_up, 1) for _ in range(ROUNDS)]
    slow = quantiles([one for taken in shared for one in taken], n=100)[-1]
    middles = [median([median(taken) for taken in rounds]) for rounds in (posts, commits, shared, own)]
    return [*middles, slow, median([median(taken) for taken in plain])]


def _timed(action: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _check(platform: "Platform") -> tuple[list[str], list[list[Any]]]:
    """That what was made without guards would have passed them, and that snapshots are what the lines say."""
    from tourpad.core.actors import operator
    from tourpad.core.ledger import queries
    from tourpad.core.ledger import service as ledger

    with platform.work(operator("bench")) as work:
        began = time.monotonic()
        queries.take_your_time(work)
        wrong = queries.wrong_snapshots(work)
        snapshots = time.monotonic() - began
        began = time.monotonic()
        everything = ledger.balances(work)
        reading = time.monotonic() - began
        began = time.monotonic()
        findings = ledger.verify(work)
        proof = time.monotonic() - began
    columns = [
        "wrong snapshots",
        "findings",
        "all accounts",
        "seconds: snapshots",
        "seconds: all balances",
        "seconds: verify",
    ]
    return columns, [
        [len(wrong), len(findings), sum(amount.cents for _, amount in everything), snapshots, reading, proof]
    ]
