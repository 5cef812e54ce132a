"""Several runners at once, each a process of its own: they share the work, and Stripe's limit holds over all."""

import json
import os
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from tests.factories.seasons import ARTIST, HOST, Season
from tourpad.core.clock import stopwatch
from tourpad.core.payments.models import StripeCallSlots
from tourpad.core.payouts.models import Payout

RUNNERS, RATE = 2, 3


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
    runners = [
        subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(RUNNERS)
    ]
    seen: list[tuple[float, int]] = []
    while any(runner.poll() is None for runner in runners):
        with platform.work(season.me) as work:
            left = work.session.scalar(select(func.count()).where(Payout.stripe_transfer_id.is_not(None))) or 0
        seen.append((stopwatch(), left))
        time.sleep(0.03)
    said = [(runner, *runner.communicate()) for runner in runners]

    assert [runner.returncode for runner, _, _ in said] == [0] * RUNNERS, [err for _, _, err in said]
    rows = [row for _, out, _ in said for row in json.loads(out)["payouts"]]
    assert len({row["id"] for row in rows}) == len(rows) == 8
    # Six of the artists; of each host's three small shares two make one payout, and the third waits.
    assert sorted(season.sent()) == sorted(row["amount_cents"] for row in rows)
    assert sorted(season.sent()) == [2 * HOST] * 2 + [ARTIST] * 6
    busiest = max(last - first for at, first in seen for later, last in seen if 0 <= later - at < 0.9)
    assert busiest <= RATE + 1  # one may be written down a moment after it was made
    with platform.work(season.me) as work:  # however slow the machine is: one row hands out the calls of all processes
        rows_of_slots = work.session.query(StripeCallSlots).all()
        assert [(row.endpoint, len(row.slots)) for row in rows_of_slots] == [("transfer", RATE)]
