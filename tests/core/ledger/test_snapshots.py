"""Balances by snapshots: never other than the sum of the lines, whoever commits when, and without reading them all."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tourpad.core.actors import operator
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.procedures import snapshot_balances
from tourpad.core.ledger.queries.balances import BALANCE
from tourpad.core.money import usd

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")
AT_ONCE = timedelta(milliseconds=150)
LINGER = """
    CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(0.6);
        RETURN NEW;
    END $$;
    CREATE TRIGGER linger BEFORE INSERT ON ledger_lines
    FOR EACH ROW WHEN (NEW.account = 'bank') EXECUTE FUNCTION linger()
"""
"""Stretches the moment between a line's number and its row."""


def post(work: "Work", cents: int = 100, **more: Any) -> Any:
    return ledger.post(
        work,
        source_type=rules.Source.CHARGE,
        source_id=new_id(),
        purpose="paid",
        lines=[(rules.STRIPE_BALANCE, usd(cents)), (rules.MEMBERSHIP_REVENUE, usd(-cents))],
        description="a membership",
        **more,
    )


def posted(platform: "Platform", times: int = 10, cents: int = 100, **more: Any) -> None:
    with platform.work(ACTOR) as work:
        for _ in range(times):
            post(work, cents, **more)
        work.commit()


def snapshot(platform: "Platform", patience: timedelta = timedelta(seconds=30)) -> dict[str, int]:
    return snapshot_balances(platform, ACTOR, worth=5, patience=patience)


def standing(platform: "Platform") -> int:
    """What the account's balance says, after it was held against the lines."""
    with platform.work(ACTOR) as work:
        work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        said = ledger.balance(work, rules.STRIPE_BALANCE)
        assert said == dict(ledger.balances(work)).get(rules.STRIPE_BALANCE, usd(0))
        assert [finding.message for finding in ledger.verify(work)] == []
    return said.cents


def test_a_balance_is_its_snapshot_and_what_came_after(platform: "Platform") -> None:
    posted(platform)
    assert snapshot(platform) == {"snapshots": 2, "waiting": 0}
    assert snapshot(platform) == {"snapshots": 0, "waiting": 0}  # nothing new is worth one
    posted(platform, 3, 7)
    assert standing(platform) == 1021
    posted(platform, 3, 1)
    assert snapshot(platform)["snapshots"] == 2
    assert standing(platform) == 1024


def test_a_balance_does_not_read_what_its_snapshot_holds(platform: "Platform") -> None:
    posted(platform, 300)
    snapshot(platform)
    posted(platform, 4)

    with platform.work(ACTOR) as work:
        plan = work.session.execute(
            text(f"EXPLAIN (ANALYZE, COSTS OFF, FORMAT JSON) {BALANCE.text}"),
            {"account": rules.STRIPE_BALANCE, "currency": "USD"},
        ).scalar_one()

    def lines_read(node: dict[str, Any]) -> int:
        own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if _reads_lines(node) else 0
        return int(own) + sum(lines_read(child) for child in node.get("Plans", []))

    assert lines_read(plan[0]["Plan"]) == 4


def _reads_lines(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") == "ledger_lines"


def test_one_that_commits_late_is_not_lost(platform: "Platform") -> None:
    """Its line has a lower number than lines that are long there: no snapshot may reach it before it ends."""
    with platform.work(ACTOR) as late:
        post(late, 7)
        posted(platform)
        assert snapshot(platform, AT_ONCE) == {"snapshots": 0, "waiting": 1}
        assert standing(platform) == 1000
        waiting = threading.Thread(target=snapshot, args=(platform,))
        waiting.start()
        time.sleep(0.1)
        late.commit()
        waiting.join()

    assert standing(platform) == 1007
    assert snapshot(platform)["snapshots"] == 0  # the one that waited has it


def test_one_of_another_database_of_the_server_is_not_waited_for(platform: "Platform", server: "TestServer") -> None:
    other = server.clone()
    with psycopg.connect(other) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        posted(platform)
        assert snapshot(platform, AT_ONCE) == {"snapshots": 2, "waiting": 0}
        elsewhere.rollback()
    server.drop(other)
    assert standing(platform) == 1000


def test_one_that_gave_up_holds_nothing_back(platform: "Platform") -> None:
    with platform.work(ACTOR) as given_up:
        post(given_up, 7)
        posted(platform)
    assert snapshot(platform)["snapshots"] == 2
    assert standing(platform) == 1000


def test_a_line_with_a_number_and_no_transaction_yet_is_waited_for(platform: "Platform") -> None:
    """A transaction gets its id with its first row, a moment after that row's number: a trigger turns it around."""
    posted(platform, 1)
    with platform.engine.begin() as connection:
        connection.execute(text(LINGER))

    def slow() -> None:
        with platform.engine.begin() as connection:
            connection.execute(
                text("""
                    INSERT INTO ledger_lines (id, journal_id, account, amount_cents, currency)
                    SELECT gen_random_uuid(), id, line.account, line.cents, 'USD'
                    FROM ledger_journals, (VALUES ('bank', -9), ('stripe_balance', 9)) AS line (account, cents)
                """)
            )

    writer = threading.Thread(target=slow)
    writer.start()
    time.sleep(0.2)
    posted(platform)
    assert snapshot(platform, AT_ONCE)["waiting"] == 1
    writer.join()
    assert snapshot(platform)["waiting"] == 0
    assert standing(platform) == 1109


def write_some(platform: "Platform", seed: int) -> int:
    """Post now and then, and commit most of it; answers what was committed."""
    draw, committed = random.Random(seed), 0
    for _ in range(25):
        with platform.work(ACTOR) as work:
            cents = draw.randint(1, 500)
            post(work, cents)
            time.sleep(draw.random() / 100)
            if draw.random() < 0.8:
                work.commit()
                committed += cents
    return committed


def taken(platform: "Platform") -> int:
    """How many snapshots there are."""
    with platform.work(ACTOR) as work:
        return int(work.session.execute(text("SELECT count(*) FROM ledger_snapshots")).scalar_one())


def test_many_writers_and_snapshots_at_once_agree(platform: "Platform") -> None:
    over = threading.Event()
    deadline = time.monotonic() + 120

    def until_taken(seed: int) -> int:
        """Write, until some snapshots were taken meanwhile: one waits for transactions of the whole server."""
        committed = write_some(platform, seed)
        while taken(platform) <= 4 and time.monotonic() < deadline:
            committed += write_some(platform, seed)
        return committed

    def until_over(run: Callable[["Platform"], Any]) -> None:
        while not over.is_set():
            run(platform)

    with ThreadPoolExecutor(7) as pool:
        others = [pool.submit(until_over, run) for run in (snapshot, snapshot, standing)]
        try:
            writers = [pool.submit(until_taken, seed) for seed in range(4)]
            committed = sum(writer.result() for writer in writers)
        finally:
            over.set()
        for other in others:
            other.result()

    assert standing(platform) == committed
    assert taken(platform) > 4


def test_the_past_is_as_it_was_whatever_snapshots_say(platform: "Platform") -> None:
    now = platform.clock.now()
    posted(platform, occurred_at=now - timedelta(days=3))
    snapshot(platform)
    posted(platform, 2, 5, occurred_at=now - timedelta(days=9))  # told late, as news of Stripe's can be
    posted(platform, 2, 1)
    snapshot(platform)

    with platform.work(ACTOR) as work:
        at = {days: dict(ledger.balances(work, at=now - timedelta(days=days))) for days in (0, 4, 10)}

    assert at[0][rules.STRIPE_BALANCE] == usd(1012)
    assert at[4][rules.STRIPE_BALANCE] == usd(10)
    assert at[10] == {}


def test_the_database_refuses_to_change_a_snapshot(platform: "Platform") -> None:
    posted(platform)
    snapshot(platform)
    for statement in ("UPDATE ledger_snapshots SET cents = 0", "DELETE FROM ledger_snapshots"):
        with platform.work(ACTOR) as work, pytest.raises(DBAPIError, match="is append-only"):
            work.session.execute(text(statement))
    with platform.work(ACTOR) as work, pytest.raises(DBAPIError, match="is append-only"):
        work.session.execute(text("TRUNCATE ledger_snapshots"))


def test_verify_finds_a_snapshot_that_is_not_its_lines(platform: "Platform") -> None:
    for _ in range(3):
        posted(platform)
        snapshot(platform)
    with platform.work(ACTOR) as work:
        work.session.execute(text("ALTER TABLE ledger_snapshots DISABLE TRIGGER USER"))
        work.session.execute(
            text("UPDATE ledger_snapshots SET cents = cents + 1 WHERE account = 'stripe_balance' AND cents = 3000")
        )
        [finding] = ledger.verify(work)
    assert finding.code == "snapshot_differs"
    assert "off by $0.01" in finding.message
