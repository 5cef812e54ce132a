"""What every request passes first and every answer last: an id, security headers, and the clock of the metrics.

It lies outside of the framework, so that answers to unknown paths and failures have all of it, too.
"""

import random
import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from litestar import Response
from litestar.enums import HttpMethod
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tourpad.core.clock import stopwatch
from tourpad.core.requests.limits import Policy, Usage
from tourpad.core.settings import Settings
from tourpad.core.watch import logs, traces
from tourpad.web.json_answer import JSON, LENGTH
from tourpad.web.metrics import Metrics

REQUEST_ID: Final = b"x-request-id"
_TRACE: Final = frozenset({b"traceparent", b"tracestate"})
REFUSAL: Final = "tourpad_refusal"
"""Key in the scope of a socket: the answer to a request for it that failed (`web/live/refusing.py`)."""
_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,128}")
_PAGE_POLICY: Final = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For the few pages that people see: styles and forms, and no script at all."""
_POLICY: Final = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_ALWAYS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-site"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_IDS: Final = random.Random()  # noqa: S311 - names requests apart; nothing is opened by it
"""Where ids of requests come from: seeded by the system in each process, and asked without it."""


class Floor:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        secure = urlsplit(settings.base_url).scheme == "https"
        hsts = ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),) if secure else ()
        self._headers = _ALWAYS + hsts
        self._usual = [*self._headers, (b"content-security-policy", _POLICY), (b"cache-control", b"no-store")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = stopwatch()
        request_id = _request_id(scope)
        named = logs.request_id.set(request_id.decode())
        method, status = scope["method"], 500
        if method == "HEAD":
            # Answered like GET, without the body. The server must go on knowing what it was asked.
            scope = {**scope, "method": HttpMethod.GET}  # type: ignore[assignment,misc]  # the same scope but for that

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._added(scope, message["headers"], request_id)]
            elif method == "HEAD":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            await send(message)

        try:
            if traces.is_tracing():
                with traces.request(method, _trace_headers(scope)) as span:
                    await self._app(scope, receive, send_on)
                    if span is not None:
                        traces.answered(span, method=method, route=scope.get("path_template") or "none", status=status)
            else:
                await self._app(scope, receive, send_on)
        finally:
            logs.request_id.reset(named)
            route = scope.get("path_template") or "none"
            self._metrics.observe(route, method, status, stopwatch() - began)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A socket's log lines have its id; the answer to one that is refused is as every other answer."""
        request_id = _request_id(scope)
        named = logs.request_id.set(request_id.decode())
        is_open = False

        async def send_on(message: Any) -> None:
            nonlocal is_open
            if message["type"] == "websocket.accept":
                is_open = True
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, request_id)]
            elif message["type"] == "websocket.close" and not is_open and REFUSAL in scope:
                await self._refuse(scope, send, request_id)
                return
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            logs.request_id.reset(named)

    async def _refuse(self, scope: Scope, send: Any, request_id: bytes) -> None:
        """Answer the request for a socket with a problem document, as any other request would be.

        A server that can't (none of ours) closes with a code that says the same.
        """
        answer: Response[bytes] = scope[REFUSAL]  # type: ignore[literal-required]  # ours
        code = msgspec.json.decode(answer.content)["code"]
        self._metrics.socket_refused(code)
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 4000 + (answer.status_code or 0), "reason": code})
            return
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        headers += _problem_headers(answer.content)
        headers += self._added(scope, headers, request_id)
        await send({"type": "websocket.http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": answer.content})

    def _added(self, scope: Scope, present: Any, request_id: bytes) -> list[tuple[bytes, bytes]]:
        added = self._usual_to(present)
        added.append((REQUEST_ID, request_id))
        usage: Usage | None = scope.get("tourpad_usage")  # type: ignore[assignment]  # ours, put there by a route
        if usage is not None:
            added += rate_headers(usage)
        return added

    def _usual_to(self, present: Any) -> list[tuple[bytes, bytes]]:
        # Nearly every answer, as the framework makes it.
        if len(present) == 2 and present[0] == JSON and present[1][0] == LENGTH:  # noqa: PLR2004 - these two
            return self._usual.copy()
        names = {name.lower() for name, _ in present}
        page = any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in present)
        added = [header for header in self._headers if header[0] not in names]
        if b"content-security-policy" not in names:
            added.append((b"content-security-policy", _PAGE_POLICY if page else _POLICY))
        if b"cache-control" not in names:
            added.append((b"cache-control", b"no-store"))
        return added


def fresh_id() -> str:
    """An id for a request that brought none."""
    return f"{_IDS.getrandbits(128):032x}"


def refusal(status: int, code: str, title: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of an answer that is given before there is a request: to what is no HTTP, say.

    Without `Strict-Transport-Security`, which is for browsers, and those speak HTTP.
    """
    request_id = fresh_id()
    told: dict[str, Any] = {
        "type": f"urn:tourpad:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "requestId": request_id,
    }
    body = msgspec.json.encode(told)
    headers = [
        *_problem_headers(body),
        (b"connection", b"close"),
        (REQUEST_ID, request_id.encode()),
        *_ALWAYS,
        (b"content-security-policy", _POLICY),
        (b"cache-control", b"no-store"),
    ]
    return headers, body


def _problem_headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]


def rate_headers(usage: Usage) -> list[tuple[bytes, bytes]]:
    """How many tries are left, as the IETF's RateLimit header fields say it."""
    return [
        (b"ratelimit-policy", _policy_header(usage.policy, usage.limit)),
        (b"ratelimit", f'"{usage.policy.name}";r={usage.remaining};t={usage.resets_in}'.encode()),
    ]


@lru_cache(maxsize=256)
def _policy_header(policy: Policy, limit: int) -> bytes:
    return f'"{policy.name}";q={limit};w={int(policy.period.total_seconds())}'.encode()


def _trace_headers(scope: Scope) -> dict[str, str]:
    """By which the caller says of which trace this is a part."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in _TRACE}


def _request_id(scope: Scope) -> bytes:
    """The caller's id where it is a sane one, so that their logs and ours meet; a fresh one otherwise."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _SANE_ID.fullmatch(value):
            return value
    return fresh_id().encode()
