"""Hearing what other processes commit, for all sockets of this one: one connection to PostgreSQL, and one to Redis.

The latter only where there is one. Both listeners come back by themselves. What was told meanwhile is lost to them, so
they say that there was a gap.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import psycopg

from tourpad.core.live.signals import CHANNEL

log = logging.getLogger(__name__)

QUIET: Final = 20.0
"""Seconds of silence after which a connection is asked whether it still stands."""
PAUSE: Final = 1.0
"""Seconds before another try."""

Hear = Callable[[str], None]
"""Takes a payload."""


class Listener:
    """Stays connected, and tells what it hears."""

    def __init__(self, name: str, session: Callable[[Hear, Callable[[], None]], Awaitable[None]]) -> None:
        self._name = name
        self._session = session
        self.hears = asyncio.Event()

    async def run(self, hear: Hear, on_gap: Callable[[], None]) -> None:
        """Listen until cancelled.

        Args:
            hear: called with each payload.
            on_gap: called when it listens again after it did not.
        """
        lost = False

        def ready() -> None:
            self.hears.set()
            if lost:
                log.warning("%s is heard again", self._name)
                on_gap()

        while True:
            try:
                await self._session(hear, ready)
            except Exception as error:  # noqa: BLE001 - whatever it is, sockets live on and it is tried again
                if not lost:
                    log.warning("%s is not heard (%s): trying again", self._name, type(error).__name__)
            self.hears.clear()
            lost = True
            await asyncio.sleep(PAUSE)


def to_postgres(database_url: str) -> Listener:
    """Listens on a connection of its own, which no request waits for."""

    async def session(hear: Hear, ready: Callable[[], None]) -> None:
        connection = await psycopg.AsyncConnection.connect(
            database_url, autocommit=True, application_name="tourpad live", connect_timeout=5
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            ready()
            while True:
                async for notify in connection.notifies(timeout=QUIET):
                    hear(notify.payload)
                async with asyncio.timeout(QUIET):
                    await connection.execute("SELECT 1")

    return Listener("PostgreSQL", session)


def to_redis(url: str) -> Listener:
    """Listens on Redis's channel of the same name."""

    async def session(hear: Hear, ready: Callable[[], None]) -> None:
        from redis import asyncio as redis  # noqa: PLC0415 - only who has one pays for its import

        client: Any = redis.Redis.from_url(url, socket_connect_timeout=5)
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                silent = False
                while True:
                    message = await channel.get_message(timeout=QUIET)
                    if message is None:
                        if silent:
                            raise ConnectionError
                        await channel.ping()
                    elif message["type"] == "subscribe":
                        ready()
                    elif message["type"] == "message":
                        hear(message["data"].decode("utf-8", "replace"))
                    silent = message is None
        finally:
            with suppress(Exception):
                await client.aclose()

    return Listener("Redis", session)
