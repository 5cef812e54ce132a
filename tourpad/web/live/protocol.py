"""uvicorn's side of a socket, with an end for clients that take nothing any more, and a word for what is no handshake.

Closing a connection waits for what was written before. A client that reads nothing would stay for good: it is cut off.
"""

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.events import Event, RejectConnection, RejectData

from tourpad.web.floor import REQUEST_ID, refusal

WRITTEN_AHEAD: Final = 64 * 1024
"""Bytes that may wait in the process for one client's network."""
LINGER: Final = 12.0
"""Seconds between the end of a socket and its being cut off; a closing handshake takes at most ten."""
LINGER_AT_STOP: Final = 2.0
"""The same when the server stops."""


_BAD: Final = ("bad_request", "This is no request for a socket.")
_WORDS: Final = {
    403: ("forbidden", "You may not do this."),
    426: ("upgrade_required", "This version of the WebSocket protocol is not spoken here."),
    500: ("failed", "Something went wrong on our side."),
}


class _Told(WSConnection):
    """A connection whose bare refusals become problem documents with the headers of every answer."""

    def send(self, event: Event) -> bytes:
        """What goes over the wire for an event."""
        if not isinstance(event, RejectConnection) or any(name == REQUEST_ID for name, _ in event.headers):
            return super().send(event)
        headers, body = refusal(event.status_code, *_WORDS.get(event.status_code, _BAD))
        told = RejectConnection(event.status_code, [*event.headers, *headers], has_body=True)
        return super().send(told) + super().send(RejectData(body))


class SocketProtocol(WSProtocol):
    """As uvicorn's, bounded, and polite where it refuses."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.conn = _Told(ConnectionType.SERVER)

    def send_500_response(self) -> None:
        """Tell of a fault of ours before the handshake is over."""
        if not self.response_started and not self.handshake_complete:
            self.transport.write(self.conn.send(RejectConnection(status_code=500)))

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
