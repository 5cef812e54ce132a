"""All sockets of one process: who they belong to, what they are told, and when they end.

Nothing runs before the first socket comes: a process that serves none holds no connection for them.
"""

import asyncio
import logging
from typing import Final
from uuid import UUID

from tourpad.core.errors import LimitedError, OutsideError
from tourpad.core.live.signals import Signal, read
from tourpad.core.platform import Platform
from tourpad.web.live.connection import Connection
from tourpad.web.live.listening import Listener, to_postgres, to_redis
from tourpad.web.live.shapes import Close, LiveRefetch, RefetchReason
from tourpad.web.live.telling import look
from tourpad.web.metrics import Metrics

log = logging.getLogger(__name__)

OF_ONE: Final = 10
"""Sockets of one person in one process."""
IN_ALL: Final = 5_000
"""Sockets of one process."""
MOST_SIGNALS: Final = 10_000
"""Signals that may wait to be told."""
ROUND: Final = 200
"""Signals told in one unit of work."""
TICK: Final = 2.0
"""Seconds between looks at the clock: tokens end by it."""
TICKS_A_CHECK: Final = 5
"""Ticks between looks at the sessions. A session that ends is told at once; this is for what could not be told."""
CHECKED_AT_ONCE: Final = 500
PATIENCE: Final = 5.0
"""Seconds for which the first socket waits until this process hears."""


class TooManySockets(LimitedError):
    """This person has enough of them open, or everybody together has."""

    code = "too_many_sockets"


class NothingHeard(OutsideError):
    """This process can't hear what the others do, so it could tell nobody of it."""

    code = "nothing_heard"


class Hub:
    """The sockets of this process."""

    def __init__(self, platform: Platform, metrics: Metrics) -> None:
        self.platform = platform
        self.metrics = metrics
        self._of: dict[UUID, set[Connection]] = {}
        self._count = 0
        self._signals: asyncio.Queue[Signal] = asyncio.Queue(MOST_SIGNALS)
        self._tasks: list[asyncio.Task[None]] = []
        self._listeners: list[Listener] = []

    async def hears(self) -> None:
        """Begin to listen if nobody did yet, and wait until it is heard.

        Raises:
            NothingHeard: nothing is, for now.
        """
        if not self._tasks:
            self._listeners = [to_postgres(self.platform.database_url)]
            if self.platform.settings.redis_url:
                self._listeners.append(to_redis(self.platform.settings.redis_url))
            running = [listener.run(self._hear, self._gap) for listener in self._listeners]
            self._tasks = [asyncio.create_task(one) for one in (*running, self._tell(), self._watch())]
        try:
            async with asyncio.timeout(PATIENCE):
                await self._listeners[0].hears.wait()
        except TimeoutError:
            raise NothingHeard("The server can't tell what happens just now.", hint="Try again shortly.") from None

    def check_room(self, user_id: UUID | None = None) -> None:
        """Whether one more may come, of this person.

        Raises:
            TooManySockets: the person has enough, or this process has.
        """
        if self._count >= IN_ALL:
            raise TooManySockets("The server holds as many sockets as it can.", policy="sockets", retry_after=30)
        if user_id is not None and len(self._of.get(user_id, ())) >= OF_ONE:
            raise TooManySockets(f"You have {OF_ONE} sockets open.", hint="Close one of them.", policy="sockets")

    def join(self, connection: Connection) -> None:
        """From here on the connection is told.

        Raises:
            TooManySockets: as `check_room`.
        """
        self.check_room(connection.user_id)
        self._of.setdefault(connection.user_id, set()).add(connection)
        self._count += 1

    def leave(self, connection: Connection) -> None:
        """It is told no more."""
        own = self._of.get(connection.user_id, set())
        if connection in own:
            own.remove(connection)
            self._count -= 1
            if not own:
                del self._of[connection.user_id]

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _hear(self, payload: str) -> None:
        """Keep what concerns somebody here."""
        for signal in read(payload):
            if any(user_id in self._of for user_id in signal.users):
                try:
                    self._signals.put_nowait(signal)
                except asyncio.QueueFull:
                    while not self._signals.empty():
                        self._signals.get_nowait()
                    self._gap()

    def _gap(self) -> None:
        """Something may have been missed."""
        for connection in self._all():
            connection.put(LiveRefetch(reason=RefetchReason.INTERRUPTED))

    async def _tell(self) -> None:
        while True:
            signals = [await self._signals.get()]
            while len(signals) < ROUND and not self._signals.empty():
                signals.append(self._signals.get_nowait())
            users = {user_id for signal in signals for user_id in signal.users}
            concerned = [one for user_id in users for one in self._of.get(user_id, ())]
            if concerned and not await self._look(signals, concerned):
                await asyncio.sleep(1.0)
                for connection in concerned:
                    connection.put(LiveRefetch(reason=RefetchReason.INTERRUPTED))

    async def _watch(self) -> None:
        """Close what has run out, and now and then whatever has ended without our hearing of it."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            now = self.platform.clock.now()
            for connection in self._all():
                if connection.claims.expires_at <= now:
                    connection.end(Close.SIGNED_OUT, "the access token has expired")
            if ticks % TICKS_A_CHECK == 0:
                for some in _in_parts(self._all(), CHECKED_AT_ONCE):
                    await self._look([], some)

    async def _look(self, signals: list[Signal], connections: list[Connection]) -> bool:
        """Read in a thread, then tell; whether it went well."""
        loop = asyncio.get_running_loop()
        try:
            news = await loop.run_in_executor(None, look, self.platform, signals, connections)
        except Exception as error:  # noqa: BLE001 - the database is away, say: sockets live on
            log.warning("sockets could not be told (%s)", type(error).__name__)
            return False
        for connection in news.ended:
            connection.end(Close.SIGNED_OUT, "the session has ended")
        for connection, text in news.told:
            connection.put(text)
            await asyncio.sleep(0)  # whoever keeps up sends in between, so that much at once is not too much for them
        self.metrics.told(len(news.told))
        return True

    def _all(self) -> list[Connection]:
        return [one for own in self._of.values() for one in own]


def _in_parts(connections: list[Connection], size: int) -> list[list[Connection]]:
    return [connections[start : start + size] for start in range(0, len(connections), size)]
