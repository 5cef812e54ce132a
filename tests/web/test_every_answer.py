"""Every answer has its headers and its id, whatever was asked and however: by a real socket."""

import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests import plain_http
from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert, make_fan, seat
from tests.web.api import Api
from tests.web.live import served
from tourpad.core.values import replace
from tourpad.web.needs import PUBLIC

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

FRONT_END = "https://app.example"
ALWAYS = {
    "x-content-type-options": r"nosniff",
    "x-frame-options": r"DENY",
    "referrer-policy": r"no-referrer",
    "cross-origin-opener-policy": r"same-origin",
    "cross-origin-resource-policy": r"same-site",
    "permissions-policy": r"camera=\((self)?\), geolocation=\(\), microphone=\(\)",
    "content-security-policy": r"default-src 'none'.*frame-ancestors 'none'.*",
    "cache-control": r".+",
    "x-request-id": r"[A-Za-z0-9._-]{8,128}",
}
BIG = 2_000_000
LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

ON_THE_WIRE: dict[str, tuple[bytes, int, str | None]] = {
    "unknown path": (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not_found"),
    "a path that is no text": (b"GET /%ff%fe%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not_found"),
    "method": (b"PUT /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, "method_not_allowed"),
    "TRACE": (b"TRACE /api/auth/login HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
    "no method at all": (b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "bad_request"),
    "CONNECT": (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
    "no host": (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad_request"),
    "one line without an end": (b"GET /" + b"a" * 300_000, 431, "headers_too_large"),
    "one header without an end": (GET + b"X: " + b"a" * 300_000, 431, "headers_too_large"),
    "one header": (GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431, "headers_too_large"),
    "many headers": (GET + b"".join(b"X-%d: y\r\n" % n for n in range(9_000)) + b"\r\n", 431, "headers_too_large"),
    "as many as go": (GET + b"X: " + b"a" * 60_000 + b"\r\n\r\n", 200, None),
    "large": (LOGIN + b"Content-Length: %d\r\n\r\n" % BIG + b" " * BIG, 413, "too_large"),
    "large by its word": (LOGIN + b"Content-Length: %d\r\n\r\n" % BIG, 413, "too_large"),
    "large, and asks first": (LOGIN + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % BIG, 413, "too_large"),
    "less than its word": (LOGIN + b"Content-Length: 2\r\n\r\n" + b" " * BIG, 400, "bad_request"),
    "length below zero": (LOGIN + b"Content-Length: -5\r\n\r\n{}", 400, "bad_request"),
    "length that is none": (LOGIN + b"Content-Length: all\r\n\r\n{}", 400, "bad_request"),
    "two lengths": (LOGIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400, "bad_request"),
    "a length and chunks": (
        LOGIN + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        400,
        "bad_request",
    ),
    "chunks without an end": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 20, 413, "too_large"),
    "large in chunks": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 20 + b"0\r\n\r\n", 413, "too_large"),
    "small in chunks": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 422, "invalid_input"),
    "deep": (LOGIN + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000, 422, "invalid_input"),
    "cut off": (LOGIN + b'Content-Length: 10\r\n\r\n{"email": "', 400, "bad_request"),
    "no JSON": (LOGIN + b"Content-Length: 1\r\n\r\n{", 400, "bad_request"),
    "no body": (LOGIN + b"Content-Length: 0\r\n\r\n", 422, "invalid_input"),
    "multipart": (
        LOGIN.replace(b"application/json", b"multipart/form-data; boundary=x")
        + b"Content-Length: 61\r\n\r\n--x\r\nContent-Disposition: form-data; name=email\r\n\r\nada\r\n--x--",
        400,
        "bad_request",
    ),
    "multipart without an end": (
        LOGIN.replace(b"application/json", b"multipart/form-data; boundary=x")
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + CHUNK * 20,
        413,
        "too_large",
    ),
    "a form": (
        LOGIN.replace(b"application/json", b"application/x-www-form-urlencoded") + b"Content-Length: 3\r\n\r\na=b",
        400,
        "bad_request",
    ),
}
"""What is sent, the status, and the problem's code."""


def handshake(path: str = "/api/ws", *, leave_out: str = "", **more: str) -> bytes:
    """A request for a socket."""
    headers = {
        "Host": "x",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if name != leave_out)]
    return "\r\n".join([*lines, "", ""]).encode()


SOCKETS_REFUSED: dict[str, tuple[bytes, int, str]] = {
    "nobody": (handshake(), 401, "unauthenticated"),
    "a token that is none": (handshake(Authorization="Bearer x.y.z"), 401, "invalid_token"),
    "a page of strangers": (handshake(Origin="https://evil.example"), 403, "origin_refused"),
    "unknown path": (handshake("/nowhere"), 404, "not_found"),
    "a path that takes no sockets": (handshake("/api/users/me"), 400, "bad_request"),
    "a page that takes no sockets": (handshake("/docs"), 400, "bad_request"),
    "a host that is none": (handshake(Host="a b"), 400, "bad_request"),
    "no key": (handshake(leave_out="Sec-WebSocket-Key"), 400, "bad_request"),
    "no version": (handshake(leave_out="Sec-WebSocket-Version"), 400, "bad_request"),
    "an old version": (handshake(Sec_WebSocket_Version="8"), 426, "upgrade_required"),
    "not by GET": (handshake().replace(b"GET", b"POST"), 400, "bad_request"),
    "a fault of ours": (handshake("/breaks"), 500, "failed"),
    "one that does not sign in by itself": (handshake("/guarded"), 401, "unauthenticated"),
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def exchange(address: str, sent: bytes) -> Answer:
    """Send bytes, and read the one answer."""
    there = urlsplit(address)
    with socket.create_connection((there.hostname, there.port), timeout=20) as line:
        with suppress(OSError):  # refused before all of it was sent, which is what we want
            line.sendall(sent)
        answer = b""
        while b"\r\n\r\n" not in answer:
            got = line.recv(65_536)
            assert got, f"the line was cut after {answer!r}"
            answer += got
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        size = int(dict(headers).get("content-length", "0"))
        while len(body) < size:
            body += line.recv(65_536)
    return Answer(int(first.split()[1]), headers, body)


def lacking(headers: list[tuple[str, str]]) -> dict[str, str | None]:
    """The headers that are missing, twice there or not as they should be."""
    counted = Counter(name for name, _ in headers)
    there = dict(headers)
    return {
        name: there.get(name)
        for name, pattern in ALWAYS.items()
        if counted[name] != 1 or not re.fullmatch(pattern, there[name])
    } | {name: value for name, value in there.items() if name in {"server", "x-powered-by"}}


@pytest.fixture(scope="module")
def fails() -> Any:
    from litestar import get

    from tourpad.web.needs import needs

    @get("/fails", **needs(PUBLIC))
    def fails() -> None:
        raise RuntimeError

    return fails


@pytest.fixture(scope="module")
def breaks() -> Any:
    from litestar import websocket

    from tourpad.web.needs import HOT

    @websocket("/breaks", opt={"needs": (PUBLIC,), HOT: True, "tags": ["test"]})
    async def breaks(socket: Any) -> None:
        raise RuntimeError(socket)

    return breaks


@pytest.fixture(scope="module")
def guarded() -> Any:
    from litestar import websocket

    from tourpad.core.identity.permissions import Permission

    @websocket("/guarded", opt={"needs": (Permission.ACCOUNT,), "tags": ["test"]})
    async def guarded(socket: Any) -> None:
        await socket.accept()

    return guarded


@pytest.fixture
def address(platform: "Platform", fails: Any, breaks: Any, guarded: Any) -> Iterator[str]:
    platform.settings = replace(platform.settings, cors_origins=(FRONT_END,))
    with served(platform, more=[fails, breaks, guarded]) as address:
        yield address


def faults(address: str, sent: bytes, status: int, code: str | None) -> str | None:
    """What is wrong with the answer to some bytes."""
    answer = exchange(address, sent)
    headers = dict(answer.headers)
    if answer.status != status or lacking(answer.headers):
        return f"{answer.status} {answer.body[:90]!r}, lacks {lacking(answer.headers)}"
    if code is not None:
        problem = httpx.Response(200, content=answer.body).json()
        told = (headers["content-type"], problem["code"], problem["status"], problem.get("requestId"))
        if told != ("application/problem+json", code, status, headers["x-request-id"]):
            return str(told)
    return None


def test_whatever_is_sent_is_answered_with_every_header(address: str) -> None:
    wrong = {name: faults(address, *case) for name, case in ON_THE_WIRE.items()}
    assert {name: fault for name, fault in wrong.items() if fault} == {}
    assert exchange(address, GET + b"\r\n").status == 200


def test_a_socket_that_is_refused_is_answered_as_everything_is(address: str, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {name: faults(address, *case) for name, case in SOCKETS_REFUSED.items()}
    assert {name: fault for name, fault in wrong.items() if fault} == {}
    assert [r.getMessage() for r in caplog.records if r.exc_info] == ["unexpected error at GET /breaks"]
    counted = plain_http.get(f"{address}/metrics", timeout=30).text
    assert 'tourpad_sockets_refused_total{code="not_found"} 1.0' in counted
    traced = dict(exchange(address, handshake("/nowhere", X_Request_Id="trace-12345678")).headers)
    assert traced["x-request-id"] == "trace-12345678"
    old = dict(exchange(address, handshake(Sec_WebSocket_Version="8")).headers)
    assert old["sec-websocket-version"] == "13"


HOSTILE = (
    b"<script>alert(1)</script>",
    b"short",
    b"x" * 129,
    b"a b c d e f g h",
    b"0123456789\x00",
    "schlüssel".encode(),
    b"${jndi:ldap://x.test/a}",
    b"%0d%0aSet-Cookie:a=b",
)


def test_an_id_is_taken_over_only_where_it_can_do_no_harm(address: str) -> None:
    ours = {given: dict(exchange(address, GET + b"X-Request-Id: " + given + b"\r\n\r\n").headers) for given in HOSTILE}
    ids = [headers["x-request-id"] for headers in ours.values()]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert len(set(ids)) == len(HOSTILE)
    sane = dict(exchange(address, GET + b"X-Request-Id: trace-12345678\r\n\r\n").headers)
    assert sane["x-request-id"] == "trace-12345678"
    absent = [dict(exchange(address, GET + b"\r\n").headers)["x-request-id"] for _ in range(2)]
    assert absent[0] != absent[1]


def test_each_kind_of_answer_has_every_header(platform: "Platform", address: str) -> None:
    api = Api(client=None, platform=platform)  # type: ignore[arg-type]  # only its settings are used
    with api.setting() as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6)
        fan = make_fan(work)
        rsvp = seat(work, concert, 1, fan=fan)
        concert_id, booking_id, rsvp_id = concert.id, concert.booking_id, rsvp.id
    fan_in, host_in = api.sign_in(fan), api.sign_in(pair.host_user)
    wanted: list[tuple[str, str, dict[str, str], int, str]] = [
        ("GET", "/healthz", {}, 200, "application/json"),
        ("HEAD", "/healthz", {}, 200, "application/json"),
        ("GET", "/docs", {}, 200, "text/html"),
        ("GET", "/docs/style.css", {}, 200, "text/css"),
        ("GET", "/openapi.json", {}, 200, "application/"),
        ("GET", "/metrics", {}, 200, "text/plain"),
        ("GET", "/fails", {}, 500, "application/problem+json"),
        ("GET", "/api/users/me", {}, 401, "application/problem+json"),
        ("GET", "/api/admin/users", fan_in, 403, "application/problem+json"),
        ("GET", "/api/concerts", fan_in, 200, "application/json"),
        ("GET", f"/api/concerts/{concert_id}/calendar.ics", fan_in, 200, "text/calendar"),
        ("GET", f"/api/rsvps/{rsvp_id}/ticket?format=pdf", fan_in, 200, "application/pdf"),
        ("GET", f"/api/rsvps/{rsvp_id}/ticket?format=svg", fan_in, 200, "image/svg+xml"),
        ("GET", f"/api/bookings/{booking_id}/agreement?format=pdf", host_in, 200, "application/pdf"),
        ("GET", f"/api/concerts/{concert_id}/guest-list?format=csv", host_in, 200, "text/csv"),
        ("GET", "/api/users/me/export", fan_in, 200, "application/zip"),
        ("DELETE", f"/api/auth/sessions/{rsvp_id}", fan_in, 404, "application/problem+json"),
        ("GET", "/api/auth/oauth/nobody/start", {}, 404, "application/problem+json"),
        ("POST", "/api/auth/login", {"idempotency-key": "k"}, 422, "application/problem+json"),
        ("OPTIONS", "/api/users/me", {}, 204, ""),
        ("POST", "/api/auth/logout", host_in, 20, ""),
    ]
    wrong: list[str] = []
    with httpx.Client(base_url=address) as client:
        for method, path, headers, status, kind in wanted:
            answer = client.request(method, path, headers=headers)
            given = answer.headers.get("content-type", "")
            if not str(answer.status_code).startswith(str(status)) or not given.startswith(kind):
                wrong.append(f"{method} {path}: {answer.status_code} {given} {answer.text[:80]}")
            if missing := lacking(answer.headers.multi_items()):
                wrong.append(f"{method} {path}: {missing}")
        login = {"email": "nobody@shows.test", "password": "seven green lanterns"}
        tries = [client.post("/api/auth/login", json=login) for _ in range(11)]
    assert not wrong, "\n".join(wrong)
    assert [t.status_code for t in tries] == [401] * 10 + [429]
    assert [lacking(t.headers.multi_items()) for t in tries] == [{}] * 11
    assert [t.headers["ratelimit"] for t in tries[:2]] == ['"login";r=9;t=300', '"login";r=8;t=300']
    assert tries[-1].headers["ratelimit-policy"] == '"login";q=10;w=300'
    assert (tries[-1].headers["ratelimit"], tries[-1].headers["retry-after"]) == ('"login";r=0;t=300', "300")


def preflight(client: httpx.Client, origin: str, method: str = "PATCH") -> httpx.Response:
    asked = {"origin": origin, "access-control-request-method": method}
    return client.options("/api/users/me", headers=asked | {"access-control-request-headers": "authorization"})


def test_browsers_of_listed_origins_may_call_and_no_others(address: str) -> None:
    others = ("https://evil.example", "https://app.example.evil.test", "http://app.example", "null", f"{FRONT_END}:81")
    with httpx.Client(base_url=address) as client:
        allowed = preflight(client, FRONT_END)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, FRONT_END)
        assert lacking(allowed.headers.multi_items()) == {}
        plain = client.get("/nowhere", headers={"origin": FRONT_END})
        assert (plain.headers["access-control-allow-origin"], plain.headers["vary"].lower()) == (FRONT_END, "origin")
        assert "x-request-id" in plain.headers["access-control-expose-headers"].lower()
        for origin in others:
            for answer in (preflight(client, origin), client.get("/healthz", headers={"origin": origin})):
                assert answer.headers.get("access-control-allow-origin") is None, origin
                assert lacking(answer.headers.multi_items()) == {}
        for answer in (allowed, plain):
            assert "access-control-allow-credentials" not in answer.headers
