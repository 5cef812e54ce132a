"""Calendars over HTTP, for addresses that strangers give.

A name is looked up once a connection, every address that it has is judged, and the connection goes to one that was
judged: between the look and the connection nobody can change the answer. A redirect is a new connection, judged alike.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore

from tourpad.core.clock import stopwatch
from tourpad.core.gateways.calendars.addresses import PORTS, in_ascii, is_public
from tourpad.core.gateways.calendars.errors import CalendarRefused, CalendarUnreachable
from tourpad.core.gateways.calendars.protocol import Fetched

SECONDS: Final = 20.0
"""For everything: looking up, connecting, redirects, reading."""
STEP_SECONDS: Final = 8.0
"""For one step of it."""
MOST_BYTES: Final = 5_000_000
MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNCHANGED: Final = 304
_OK: Final = 200
_SIGN_IN: Final = "It asks for a sign-in (error {}). Copy the address that its program gives for sharing with others."
_GONE: Final = "There is no calendar at its address any more (error {}). Copy its address anew."
_REFUSALS: Final = {401: _SIGN_IN, 403: _SIGN_IN, 404: _GONE, 410: _GONE}
"""What its owner can do about it; nothing about other errors."""
_HEAD: Final = b"BEGIN:VCALENDAR"
_LONGEST_VALIDATOR: Final = 500

Resolve = Callable[[str, int], Iterable[str]]
"""From a name and a port to its addresses."""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Web:
    """Fetches from public addresses on the ports of the web."""

    def __init__(
        self,
        *,
        permitted: Callable[[str], bool] = is_public,
        resolver: Resolve = resolve,
        any_port: bool = False,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        ssl_context: Any = None,
    ) -> None:
        self._permitted = permitted
        self._resolver = resolver
        self._any_port = any_port
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._ssl_context = ssl_context

    def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """See the protocol."""
        deadline = stopwatch() + self._seconds
        headers = {
            "User-Agent": "TourPad calendar reader",
            "Accept": "text/calendar, text/plain;q=0.5",
            "Accept-Encoding": "identity",  # nothing to unpack, so nothing that grows while it is
            "Connection": "close",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        backend = _Judged(self._permitted, self._resolver, deadline)
        for _ in range(MOST_REDIRECTS + 1):
            url = self._checked(url)
            try:
                answer = self._get(url, headers, backend, deadline)
            except (httpcore.TimeoutException, TimeoutError):
                raise CalendarUnreachable("It takes too long to answer.") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError):
                # The reason may name an address inside of our network, so it stays here.
                raise CalendarUnreachable("It does not answer.") from None
            if not isinstance(answer, str):
                return answer
            url = urljoin(url, answer)
        raise CalendarRefused("It sends us on and on.")

    def _checked(self, url: str) -> str:
        """An address where we may look, as it goes over the wire."""
        try:
            parts = urlsplit(url)
            port = parts.port
            plain = in_ascii(url)
        except ValueError:
            raise CalendarRefused("It is no web address.") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise CalendarRefused("It is no http or https address.")
        if parts.username is not None or parts.password is not None:
            raise CalendarRefused("It has a user name or password in it.")
        if not self._any_port and port not in (None, *PORTS.values()):
            raise CalendarRefused("It is on a port that is not the web’s.")
        return plain

    def _get(self, url: str, headers: dict[str, str], backend: "_Judged", deadline: float) -> Fetched | str | None:
        """What came, where it sends us on to, or nothing where it has not changed."""
        step = min(STEP_SECONDS, self._seconds)
        limits = {"connect": step, "read": step, "write": step, "pool": step}
        pool = httpcore.ConnectionPool(network_backend=backend, ssl_context=self._ssl_context, max_connections=1)
        sent = list(headers.items())
        with pool, pool.stream("GET", url, headers=sent, extensions={"timeout": limits}) as answer:
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status == _UNCHANGED and ("If-None-Match" in headers or "If-Modified-Since" in headers):
                return None
            if answer.status in _REDIRECTS and said.get("location"):
                return said["location"].encode("latin-1").decode("utf-8", "replace")
            if answer.status != _OK:
                raise CalendarUnreachable(
                    _REFUSALS.get(answer.status, "It answers with the error {}.").format(answer.status)
                )
            if said.get("content-encoding", "identity").lower() != "identity":
                raise CalendarRefused("It comes packed, although we did not ask for that.")
            body = self._read(answer.iter_stream(), deadline)
        if not body.lstrip(b"\xef\xbb\xbf \t\r\n")[: len(_HEAD)].upper() == _HEAD:
            raise CalendarRefused("What comes is no calendar. Copy its address that ends in .ics.")
        return Fetched(body, _validator(said.get("etag")), _validator(said.get("last-modified")))

    def _read(self, parts: Iterable[bytes], deadline: float) -> bytes:
        body = bytearray()
        for part in parts:
            body += part
            if len(body) > self._most_bytes:
                raise CalendarRefused(f"It is larger than {self._most_bytes // 1_000_000} MB.")
            if stopwatch() > deadline:
                raise CalendarUnreachable("It takes too long to answer.")
        return bytes(body)


class _Judged(httpcore.NetworkBackend):
    """Connects to addresses that were judged, within the time that is left."""

    def __init__(self, permitted: Callable[[str], bool], resolver: Resolve, deadline: float) -> None:
        self._permitted = permitted
        self._resolver = resolver
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,  # noqa: ARG002 - the protocol's; calendars need none
    ) -> httpcore.NetworkStream:
        """Look the name up, refuse it if any of its addresses is not public, and connect to one of them."""
        try:
            found = list(self._resolver(host, port))
        except (OSError, UnicodeError):
            raise CalendarUnreachable("Its name is not known.") from None
        if not found or not all(self._permitted(address) for address in found):
            # A name with a public and a private address is a trap, not a mistake.
            raise CalendarRefused("Its address is not one of the public internet.")
        failure: Exception = CalendarUnreachable("It does not answer.")
        for address in found[:3]:
            try:
                stream = self._plain.connect_tcp(address, port, _left(self._deadline, timeout), local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Hurried(stream, self._deadline)
        raise failure


class _Hurried(httpcore.NetworkStream):
    """A connection that whoever drips a byte now and then can't keep open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Hurried(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - stopwatch()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)


def _validator(value: str | None) -> str | None:
    """What is kept to ask with the next time; nothing where it is absurdly long or no plain text."""
    good = value is not None and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if good else None
