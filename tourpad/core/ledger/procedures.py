"""Snapshots of balances, taken while others go on posting."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.ledger import queries

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

WORTH = 500
"""Lines since its last snapshot that make an account worth another. Reading so many takes a fifth of a millisecond."""
SLICE = 1_000_000
"""Lines looked at in one transaction."""
PATIENCE = timedelta(seconds=5)
LOOK_EVERY = timedelta(milliseconds=20)


def snapshot_balances(
    platform: "Platform", actor: Actor, *, worth: int = WORTH, patience: timedelta = PATIENCE
) -> dict[str, int]:
    """Write down what stands on each account that got many lines since its last snapshot. The job `ledger-snapshots`.

    Nobody is locked out and nobody waits but this: numbers are given out before their lines are committed, so a
    line can appear with a lower number than one that is long there. Only when all transactions that may still do
    so are over is the snapshot taken; where one takes too long, the next run tries again.

    Args:
        platform: whose ledger.
        actor: who.
        worth: accounts with fewer lines since their last snapshot get none.
        patience: how long to wait for transactions that are under way.

    Returns:
        Counts: `snapshots`, and `waiting` (1 where a transaction did not end in time).
    """
    counts = {"snapshots": 0, "waiting": 0}
    with platform.autocommit.connect() as connection:
        up_to, own = queries.lines_written(connection)
        deadline = time.monotonic() + patience.total_seconds()
        while queries.is_older_running(connection, own):
            if time.monotonic() >= deadline:
                return {**counts, "waiting": 1}
            time.sleep(LOOK_EVERY.total_seconds())
    with platform.work(actor) as work:
        since = queries.newest_snapshot(work)
    while since < up_to:
        until = min(up_to, since + SLICE)
        with platform.work(actor) as work:
            counts["snapshots"] += queries.add_snapshots(work, since=since, up_to=until, least=worth)
            work.commit()
        since = until
    return counts
