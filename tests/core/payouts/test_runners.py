"""Several runners at once, each a process of its own: they share the work, and Stripe's limit holds over all."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories.seasons import ARTIST, HOST, Season

RUNNERS, RATE = 2, 3
NOTING = """
    CREATE TABLE noted (what text, at timestamptz);
    CREATE FUNCTION note_slot() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted VALUES ('slot', NEW.slots[cardinality(NEW.slots)]); RETURN NEW; END $$;
    CREATE FUNCTION note_transfer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted VALUES ('transfer', clock_timestamp()); RETURN NEW; END $$;
    CREATE TRIGGER note_slot AFTER INSERT OR UPDATE ON stripe_call_slots FOR EACH ROW EXECUTE FUNCTION note_slot();
    CREATE TRIGGER note_transfer AFTER UPDATE OF stripe_transfer_id ON payouts FOR EACH ROW
        WHEN (OLD.stripe_transfer_id IS NULL AND NEW.stripe_transfer_id IS NOT NULL) EXECUTE FUNCTION note_transfer();
"""
"""The database notes when a call may go, and when it was written down, in its own real time."""


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "TOURPAD_STRIPE_RATE": str(RATE)}


def test_processes_share_the_work_and_stripes_limit(season: Season, environment: dict[str, str]) -> None:
    for _ in range(2):
        show = season.ready_show(days_ago=9)
        for days in (10, 11):
            season.show(like=show, days_ago=days)
    platform = season.platform
    variables = {
        **os.environ,
        **environment,
        "DATABASE_URL": platform.database_url,
        "STRIPE_API_BASE": str(platform.stripe.base_url),
        "TOURPAD_CLOCK": season.clock.now().isoformat(),
    }
    command = [sys.executable, "-m", "tourpad", "payouts", "run", "--yes", "--json"]
    with platform.engine.begin() as connection:
        connection.execute(text(NOTING))
    runners = [
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(RUNNERS)
    ]
    said = [(runner, *runner.communicate()) for runner in runners]

    assert [runner.returncode for runner, _, _ in said] == [0] * RUNNERS, [err for _, _, err in said]
    rows = [row for _, out, _ in said for row in json.loads(out)["payouts"]]
    assert len({row["id"] for row in rows}) == len(rows) == 8
    # Six of the artists; of each host's three small shares two make one payout, and the third waits.
    assert sorted(season.sent()) == sorted(row["amount_cents"] for row in rows)
    assert sorted(season.sent()) == [2 * HOST] * 2 + [ARTIST] * 6
    # However slow the machine is: one row lets the calls of all processes through, and none goes before its slot.
    with platform.work(season.me) as work:
        let_through, written_down = (
            [at for (at,) in work.session.execute(text(f"SELECT at FROM noted WHERE what = '{what}' ORDER BY at"))]  # noqa: S608 - these two
            for what in ("slot", "transfer")
        )
    assert len(let_through) == len(written_down) == 8
    assert all(later - at >= timedelta(seconds=1) for at, later in zip(let_through, let_through[RATE:], strict=False))
    assert all(slot <= written for slot, written in zip(let_through, written_down, strict=True))
