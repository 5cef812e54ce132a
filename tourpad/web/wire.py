"""HTTP on the wire, where the framework does not see a request yet: how long its head may be, and what is no HTTP.

And where it sees an answer no more: head and body leave together.
"""

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from tourpad.web.floor import refusal

MAX_HEAD: Final = 65_536
"""Bytes of a request's first line and headers together. The server itself would collect them without an end."""

_BAD: Final = (400, "bad_request", "This is no HTTP request.")
_TOO_LONG: Final = (431, "headers_too_large", "The headers of the request are too large.")


class HeadTooLongError(Exception):
    """Tells the parser to stop; it becomes the answer 431."""


class _Together:
    """The transport as one answer sees it: its head waits for its body, so that one packet carries both.

    The server writes them one after the other, which costs both ends a second call of the system, and the client a
    second awakening. A head whose body takes its time (a download) leaves with the loop's next turn.
    """

    __slots__ = ("_head", "_is_first", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""
        self._is_first = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, or hold back what comes first."""
        if self._is_first:
            self._is_first = False
            self._head = data
            self._loop.call_soon(self._flush)
        elif self._head:
            self._head, data = b"", self._head + data
            self._transport.write(data)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Send what is held back, and hang up."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""


class Wire(HttpToolsProtocol):
    """One connection. What is refused here is refused as everywhere: a problem with its headers."""

    _reading_head = True
    _head = 0
    _came = 0
    _refusal = _BAD

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that has no end is cut off."""
        if self.transport.is_closing():
            return
        self._came = self._head + len(data)
        super().data_received(data)
        if self._reading_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refusal = _TOO_LONG
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._reading_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """The head is there.

        Raises:
            HeadTooLongError: all of it came at once, and is too long.
        """
        self._reading_head = False
        # Nearly always what came with it and before it is shorter than that: then its parts need not be counted.
        if self._came > MAX_HEAD and self._length() > MAX_HEAD:
            self._refusal = _TOO_LONG
            raise HeadTooLongError
        super().on_headers_complete()

    def _length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.transport = cast("asyncio.Transport", _Together(self.transport, self.loop))
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words are not ours
        """Refuse and hang up."""
        status, code, title = self._refusal
        headers, body = refusal(status, code, title)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()
