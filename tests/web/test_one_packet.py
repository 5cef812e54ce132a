"""An answer leaves as one packet, and one whose body takes its time has its head sent at once: by a real socket."""

import socket
import struct
import sys
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import pytest

from tests.web.live import served

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

ASKED = 5
DATA_SEGMENTS = 152
"""Where `tcpi_data_segs_in` stands in `struct tcp_info` (linux/tcp.h)."""
LONG = 20.0
"""Seconds: whoever waits for so long has waited for the body."""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count of packets is read as Linux tells it")
def test_head_and_body_are_one_packet(platform: "Platform") -> None:
    with served(platform) as address, socket.create_connection(_place(address), timeout=LONG) as line:
        for _ in range(ASKED):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}}"):
                answer += line.recv(65_536)
        told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, DATA_SEGMENTS + 4)
        assert struct.unpack_from("I", told, DATA_SEGMENTS) == (ASKED,)


def test_a_head_does_not_wait_for_a_slow_body(platform: "Platform") -> None:
    from litestar import get
    from litestar.response import Stream

    from tourpad.web.needs import PUBLIC, needs

    asked = anyio.Event()

    @get("/slow", opt=needs(PUBLIC)["opt"])
    async def slow() -> Stream:
        async def parts() -> AsyncGenerator[bytes]:
            await asked.wait()
            yield b"at last"

        return Stream(parts())

    @get("/now", opt=needs(PUBLIC)["opt"])
    async def now() -> None:
        asked.set()

    with served(platform, more=[slow, now]) as address, socket.create_connection(_place(address), timeout=LONG) as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = line.recv(65_536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert body == b""
        with socket.create_connection(_place(address), timeout=LONG) as other:
            other.sendall(b"GET /now HTTP/1.1\r\nHost: x\r\n\r\n")
            assert other.recv(65_536).startswith(b"HTTP/1.1 200 ")
        came = b""
        while not came.endswith(b"0\r\n\r\n"):
            came += line.recv(65_536)
        assert came == b"7\r\nat last\r\n0\r\n\r\n"


def _place(address: str) -> tuple[str, int]:
    there = urlsplit(address)
    return there.hostname or "", there.port or 0
