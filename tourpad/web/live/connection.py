"""One socket: what waits to be sent on it, bounded, and how it ends."""

import asyncio
from collections import deque
from typing import Any, Final
from uuid import UUID

from litestar.types import Send

from tourpad.core.identity.tokens import AccessClaims
from tourpad.web.live.shapes import Close, Told, encode

MOST_WAITING: Final = 256 * 1024
"""Characters that may wait for one client. Who has not taken that much is too slow, and closed."""
PATIENCE: Final = 10.0
"""Seconds in which a client takes one event."""
FAREWELL: Final = 1.0
"""Seconds for the closing frame to leave."""


class Connection:
    """A socket whose owner has signed in."""

    def __init__(self, claims: AccessClaims) -> None:
        self.claims = claims
        """Of the newest token that came; its session is looked up again before anything is told."""
        self.ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._waiting: deque[str] = deque()
        self._size = 0
        self._wake = asyncio.Event()

    @property
    def user_id(self) -> UUID:
        """Whose it is."""
        return self.claims.user_id

    def put(self, event: Told | str) -> None:
        """Send an event when its turn comes. A client that does not keep up is closed instead."""
        if self.ended.done():
            return
        text = event if isinstance(event, str) else encode(event)
        if self._size + len(text) > MOST_WAITING:
            self.end(Close.TOO_SLOW, "too slow")
            return
        self._waiting.append(text)
        self._size += len(text)
        self._wake.set()

    def end(self, code: int, reason: str) -> None:
        """Close it; what still waits is not sent."""
        if not self.ended.done():
            self._waiting.clear()
            self.ended.set_result((code, reason))

    async def write(self, send: Send) -> None:
        """Send what waits, until cancelled."""
        while True:
            while self._waiting:
                text = self._waiting.popleft()
                self._size -= len(text)
                try:
                    async with asyncio.timeout(PATIENCE):
                        await send({"type": "websocket.send", "text": text, "bytes": None})
                except TimeoutError:
                    self.end(Close.TOO_SLOW, "too slow")
                    return
            self._wake.clear()
            await self._wake.wait()

    async def run(self, send: Send, read: "asyncio.Task[Any]") -> int:
        """Send and listen until the client goes or the socket is ended. Answers with which code it was closed."""
        write = asyncio.create_task(self.write(send))
        await asyncio.wait({read, write, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (read, write):
            task.cancel()
        await asyncio.gather(read, write, return_exceptions=True)
        if not self.ended.done():
            self.ended.cancel()
            return 1000
        code, reason = self.ended.result()
        try:
            async with asyncio.timeout(FAREWELL):
                await send({"type": "websocket.close", "code": code, "reason": reason})
        except (TimeoutError, OSError):
            pass  # it takes nothing any more; the protocol cuts it off
        return code
