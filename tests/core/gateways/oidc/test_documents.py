"""What a provider says of itself, asked by several threads at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tourpad.core.gateways.oidc.documents import Documents
from tourpad.core.providers import Provider

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock

LINES: SimpleQueue[int] = SimpleQueue()
"""How many questions came over each connection."""


class Talkative(BaseHTTPRequestHandler):
    """Answers anything, and would keep its connections for ever."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.asked = 0

    def do_GET(self) -> None:
        self.asked += 1
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def finish(self) -> None:
        LINES.put(self.asked)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name for it
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Talkative)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_two_questions_share_a_connection(address: str, clock: "VirtualClock") -> None:
    """A pool of httpx may close a connection under the thread that has just asked on it (decision 70)."""
    documents = Documents(Provider("club", address, "tourpad"), clock)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: documents.ask("GET", address), range(12))) == [(200, {})] * 12
    assert [LINES.get(timeout=5) for _ in range(12)] == [1] * 12
