"""HTTP/1.1 on sockets.

One thread a connection, kept alive, and able to drop an answer (which no framework lets us).
"""

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tourpad.sandbox.engine import Reply, Request

REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    404: "Not Found",
}
LARGEST_BODY = 6_000_000
Answer = Callable[[Request], Reply]


class Server(ThreadingHTTPServer):
    """A listening socket whose connections end when it stops."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], answer: Answer) -> None:
        """Listen; `answer` turns requests to replies, in any thread."""
        self.answer = answer
        self.open: set[socket.socket] = set()
        self.open_lock = threading.Lock()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go away in the middle; anything else is told as usual."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop answering. Its loop asks now and then whether it is to end; somebody who calls makes it ask at once."""
        ending = threading.Thread(target=self.shutdown, name="sandbox-end")
        ending.start()
        with suppress(OSError):
            socket.create_connection(self.socket.getsockname()[:2], timeout=1).close()
        ending.join()

    def close_all(self) -> None:
        """End the connections that are still kept alive."""
        with self.open_lock:
            for connection in list(self.open):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


class Handler(BaseHTTPRequestHandler):
    """Reads requests of one connection and writes each reply with one call."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride] - always ours

    def setup(self) -> None:
        """Remember the connection."""
        super().setup()
        with self.server.open_lock:
            self.server.open.add(self.connection)

    def finish(self) -> None:
        """Forget it."""
        with self.server.open_lock:
            self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's signature
        """Keep the terminal quiet: recordings tell more."""

    def _exchange(self) -> None:
        length = self.headers.get("content-length", "0")
        if self.headers.get("transfer-encoding") or not length.isdigit() or int(length) > LARGEST_BODY:
            self.send_error(413 if length.isdigit() else 411)
            self.close_connection = True
            return
        body = self.rfile.read(int(length)) if length != "0" else b""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.answer(Request(self.command, path, query, headers, body))
        if reply.dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        extra = {"Content-Type": "application/json", **reply.headers, "Content-Length": str(len(reply.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
        line = f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}\r\n"
        self.wfile.write((line + head + "\r\n").encode("latin-1", "replace") + reply.body)

    do_GET = do_POST = do_DELETE = _exchange  # noqa: N815 - names the base class calls
