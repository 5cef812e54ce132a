"""The demo's hands: nobody asks on a connection that another thread may close."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tourpad.demo.client import Lines


class Counting(ThreadingHTTPServer):
    """Says ok, and remembers who asked from which port."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Ok)
        self.ports: list[int] = []


class Ok(BaseHTTPRequestHandler):
    """Keeps connections open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Counting)
        self.server.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting() as counting:
        thread = threading.Thread(target=counting.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield counting
        counting.shutdown()
        thread.join()


def test_a_line_is_in_one_hand_at_a_time_and_kept_for_the_next(server: Counting) -> None:
    lines = Lines(f"http://127.0.0.1:{server.server_port}")
    with lines.one() as mine, lines.one() as yours:
        assert mine is not yours
        assert (mine.get("/").text, yours.get("/").text) == ("ok", "ok")
    with lines.one() as again:
        assert again in (mine, yours)
    assert len(set(server.ports)) == 2
    lines.close()


def test_threads_share_no_connection_and_open_no_more_than_they_are(server: Counting) -> None:
    lines = Lines(f"http://127.0.0.1:{server.server_port}")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: lines.request("GET", "/").text, range(100))) == ["ok"] * 100
    assert len(set(server.ports)) <= 4
    lines.close()
