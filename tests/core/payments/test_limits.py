"""So many calls a second over all processes, and one sender at a time."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from tourpad.core.clock import stopwatch
from tourpad.core.payments.limits import alone, pace

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def slots(platform: "Platform") -> dict[str, list[datetime]]:
    with platform.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text("SELECT endpoint, slots FROM stripe_call_slots"))}


def test_a_burst_within_the_limit_goes_through_at_once(platform: "Platform") -> None:
    began = stopwatch()

    for _ in range(platform.settings.stripe_rate):
        pace(platform, "transfer")

    assert stopwatch() - began < 0.9


def test_no_second_holds_more_calls_than_the_limit_however_many_ask(platform: "Platform") -> None:
    """Eight threads with connections of their own ask for sixty calls; the limit is 25 a second."""
    at: list[float] = []
    lock = threading.Lock()
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait()
        for _ in range(60 // 8):
            pace(platform, "transfer")
            with lock:
                at.append(stopwatch())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    given = slots(platform)["transfer"]
    assert len(at) == 56
    assert len(given) == 25
    assert given == sorted(given)
    # Whoever came first, came in the first second; the last six had to wait for the third.
    assert max(at) - min(at) > 1.9
    at.sort()
    busiest = max(sum(1 for other in at if 0 <= other - start < 0.95) for start in at)
    assert busiest <= 25


def test_endpoints_do_not_wait_for_each_other(platform: "Platform") -> None:
    began = stopwatch()
    for endpoint in ("transfer", "refund", "payout"):
        for _ in range(20):
            pace(platform, endpoint)

    assert stopwatch() - began < 0.9
    assert Counter({name: len(times) for name, times in slots(platform).items()}) == {
        "transfer": 20,
        "refund": 20,
        "payout": 20,
    }


def test_an_idle_endpoint_saves_up_no_more_than_one_burst(platform: "Platform") -> None:
    for _ in range(25):
        pace(platform, "transfer")
    with platform.engine.begin() as connection:
        connection.execute(
            text("UPDATE stripe_call_slots SET slots = ARRAY(SELECT s - interval '1 hour' FROM unnest(slots) s)")
        )

    began = stopwatch()
    for _ in range(26):
        pace(platform, "transfer")

    assert 0.9 < stopwatch() - began < 3
    given = slots(platform)["transfer"]
    assert given[-1] - given[0] < timedelta(seconds=2)


def test_one_sender_at_a_time(platform: "Platform") -> None:
    with (
        alone(platform, "transfer USD") as first,
        alone(platform, "transfer USD") as second,
        alone(platform, "transfer EUR") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with alone(platform, "transfer USD") as again:
        assert again
