"""A load generator: connections that stay open, each asking again as soon as it was answered."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import uvloop

_WARM: Final = 0.3
"""Seconds before the count begins."""
_REFUSED: Final = 409
"""Who has seats already: a full answer all the same."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `head` are further header lines."""

    method: str
    path: str
    head: str = ""
    body: str = ""

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        length = f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n" if self.body else ""
        return f"{self.method} {self.path} HTTP/1.1\r\nHost: bench\r\n{self.head}{length}\r\n{self.body}".encode()


def rate(port: int, requests: Sequence[Request], connections: int, seconds: float) -> float:
    """Answers a second."""
    return uvloop.run(_run(port, [request.encoded() for request in requests], connections, seconds))


async def _run(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> float:
    turn = itertools.cycle(requests)
    loop = asyncio.get_running_loop()
    begin = loop.time() + _WARM
    counts = await asyncio.gather(*(_ask(port, turn, begin, begin + seconds) for _ in range(connections)))
    return sum(counts) / seconds


async def _ask(port: int, turn: Iterator[bytes], begin: float, end: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    answered = 0
    while True:
        writer.write(next(turn))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        status = int(head[9:12])
        if status >= 400 and status != _REFUSED:  # noqa: PLR2004 - whatever is no answer
            raise RuntimeError(f"{status}: {body[:300]!r}")
        now = loop.time()
        if now >= end:
            writer.close()
            return answered
        if now >= begin:
            answered += 1
