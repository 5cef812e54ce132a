"""Limits on calls to Stripe that hold over all processes: so many a second, and one sender at a time."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.payments import queries

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def pace(platform: "Platform", endpoint: str) -> None:
    """Wait until one more call to `endpoint` keeps within `settings.stripe_rate` a second (0: no limit).

    Slots are handed out by one row of the database, in its own real time: exact over any number of processes
    and in any window of one second; a burst within the limit goes through at once.
    """
    rate = platform.settings.stripe_rate
    if rate <= 0:
        return
    with platform.engine.begin() as connection:
        wait = queries.take_slot(connection, endpoint=endpoint, rate=rate)
    if wait > timedelta(0):
        time.sleep(wait.total_seconds())


@contextmanager
def alone(platform: "Platform", name: str) -> Generator[bool]:
    """Hold an advisory lock of the database; answers False at once where another process has it.

    Two senders of one currency would otherwise race for one balance (MONEY: calls that move money).
    """
    with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = queries.try_lock(connection, name)
        try:
            yield got
        finally:
            if got:
                queries.unlock(connection, name)
