"""uvicorn's side of a socket, with an end for clients that take nothing any more.

Closing a connection waits for what was written before. A client that reads nothing would stay for good: it is cut off.
"""

import asyncio
from typing import Final, cast

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol

WRITTEN_AHEAD: Final = 64 * 1024
"""Bytes that may wait in the process for one client's network."""
LINGER: Final = 12.0
"""Seconds between the end of a socket and its being cut off; a closing handshake takes at most ten."""
LINGER_AT_STOP: Final = 2.0
"""The same when the server stops."""


class SocketProtocol(WSProtocol):
    """As uvicorn's, bounded."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bound what waits for the network."""
        made = cast("asyncio.Transport", transport)
        made.set_write_buffer_limits(high=WRITTEN_AHEAD)
        super().connection_made(made)

    async def run_asgi(self) -> None:
        """Serve the socket, then see that it goes."""
        await super().run_asgi()
        self.loop.call_later(LINGER, self.transport.abort)

    def shutdown(self) -> None:
        """Tell that the server restarts; whoever does not listen is cut off."""
        super().shutdown()
        self.loop.call_later(LINGER_AT_STOP, self.transport.abort)
