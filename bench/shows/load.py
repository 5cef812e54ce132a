"""A load generator: connections that stay open, each asking again as soon as it was answered."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import uvloop

_WARM: Final = 0.3
"""Seconds before the count begins."""
_TURN: Final = 0.1
"""Seconds that one server is asked before it is the other's turn."""
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
    return rates([Target(port, requests)], connections, seconds)[0]


@dataclass(frozen=True, slots=True)
class Target:
    """A server, and what it is asked in turn."""

    port: int
    requests: Sequence[Request]


def rates(targets: Sequence[Target], connections: int, seconds: float) -> list[float]:
    """Answers a second of several servers that have short turns, one after the other.

    Each has its connections all the while, and answers for so many seconds in all. A machine that is half as fast for
    some seconds is so for all of them: two numbers that were taken one after the other say more of it than of them.
    """
    return uvloop.run(_run(targets, connections, seconds))


async def _run(targets: Sequence[Target], connections: int, seconds: float) -> list[float]:
    crowds = [await _Crowd.of(target, connections) for target in targets]
    for crowd in crowds:
        await crowd.ask_for(_WARM)
        crowd.answered, crowd.took = 0, 0.0
    turns = max(1, round(seconds / _TURN))
    for turn in range(turns):
        # Who comes first changes, so that nobody always follows the same one.
        for crowd in crowds if turn % 2 == 0 else reversed(crowds):
            await crowd.ask_for(seconds / turns)
    for crowd in crowds:
        crowd.close()
    return [crowd.answered / crowd.took for crowd in crowds]


class _Crowd:
    """The connections to one server."""

    def __init__(self, turn: Iterator[bytes], streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
        self._turn, self._streams = turn, streams
        self.answered, self.took = 0, 0.0

    @classmethod
    async def of(cls, target: Target, connections: int) -> "_Crowd":
        turn = itertools.cycle([request.encoded() for request in target.requests])
        return cls(turn, [await asyncio.open_connection("127.0.0.1", target.port) for _ in range(connections)])

    async def ask_for(self, seconds: float) -> None:
        """Ask for some time, and until all is answered: the last ones count, and so does the time they take."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        asked = (_ask(*streams, self._turn, began + seconds) for streams in self._streams)
        self.answered += sum(await asyncio.gather(*asked))
        self.took += loop.time() - began

    def close(self) -> None:
        for _, writer in self._streams:
            writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: Iterator[bytes], end: float) -> int:
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
        answered += 1
        if loop.time() >= end:
            return answered
