"""Limits on calls to Stripe: so many a second and one at a time over all processes, and so many at once in one run."""

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Condition
from typing import TYPE_CHECKING, Generic, Self, TypeVar

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


R = TypeVar("R")


class Window(Generic[R]):
    """Calls of one run that are under way at once, each in a thread: one at first, one more after each that ends well.

    After a call of unknown outcome it is one at a time again, so that a Stripe that is down leaves few to look up.
    """

    def __init__(self, most: int, *, is_known: Callable[[R], bool], give_up_after: int) -> None:
        """`is_known` says of a result whether the call's outcome is; so many unknown ones in a row are the end."""
        self._most = most
        self._is_known = is_known
        self._give_up_after = give_up_after
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="stripe-send")
        self._changed = Condition()
        self._open = 1
        self._under_way = 0
        self._begun = 0
        self._results: dict[int, R] = {}
        self._fault: BaseException | None = None
        self.unknown = 0
        """Calls of unknown outcome, one after the other, up to now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def wait(self) -> bool:
        """Wait until one more may begin. False: there shall be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_over or self._under_way < self._open)
            return not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether too many in a row were of unknown outcome, or one ended in an exception."""
        return self.unknown >= self._give_up_after or self._fault is not None

    def begin(self, call: Callable[[], R]) -> None:
        """Make a call in a thread of its own; after `wait`, and by one thread only."""
        with self._changed:
            self._under_way += 1
            self._begun += 1
        # Only what came of it is kept: a run may be long.
        self._pool.submit(self._run, self._begun, call)

    def settle(self) -> None:
        """Wait until none is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)

    def results(self) -> list[R]:
        """What came of all calls that are over, in the order in which they began. Raises what one of them raised."""
        if self._fault is not None:
            raise self._fault
        return [self._results[place] for place in sorted(self._results)]

    def _run(self, place: int, call: Callable[[], R]) -> None:
        is_known = False
        try:
            result = call()
            is_known = self._is_known(result)
            self._results[place] = result
        except BaseException as fault:  # noqa: BLE001 - raised again by `results`, in the thread that waits for it
            self._fault = self._fault or fault
        finally:
            with self._changed:
                self._under_way -= 1
                self._open = min(self._open + 1, self._most) if is_known else 1
                self.unknown = 0 if is_known else self.unknown + 1
                self._changed.notify_all()


@contextmanager
def alone(platform: "Platform", name: str) -> Generator[bool]:
    """Hold an advisory lock of the database; answers False at once where another process has it."""
    with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = queries.try_lock(connection, name)
        try:
            yield got
        finally:
            if got:
                queries.unlock(connection, name)


def is_taken(platform: "Platform", name: str) -> bool:
    """Whether somebody is `alone` under that name at this moment."""
    with platform.autocommit.connect() as connection:
        return queries.is_locked(connection, name)
