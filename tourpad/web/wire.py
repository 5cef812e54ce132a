"""HTTP on the wire, where the framework does not see a request yet: how long its head may be, and what is no HTTP."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from tourpad.web.floor import refusal

MAX_HEAD: Final = 65_536
"""Bytes of a request's first line and headers together. The server itself would collect them without an end."""

_BAD: Final = (400, "bad_request", "This is no HTTP request.")
_TOO_LONG: Final = (431, "headers_too_large", "The headers of the request are too large.")


class HeadTooLongError(Exception):
    """Tells the parser to stop; it becomes the answer 431."""


class Wire(HttpToolsProtocol):
    """One connection. What is refused here is refused as everywhere: a problem with its headers."""

    _reading_head = True
    _head = 0
    _refusal = _BAD

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that has no end is cut off."""
        if self.transport.is_closing():
            return
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
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD:
            self._refusal = _TOO_LONG
            raise HeadTooLongError
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words are not ours
        """Refuse and hang up."""
        status, code, title = self._refusal
        headers, body = refusal(status, code, title)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()
