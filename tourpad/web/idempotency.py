"""`Idempotency-Key` for unsafe requests (the rules are in `core/requests/idempotency.py`).

Routes whose answers carry tokens say `opt={NO_STORED_ANSWER: True}`: nothing that signs anybody in is ever stored.
"""

from contextvars import ContextVar
from typing import Final
from uuid import UUID

from litestar.concurrency import sync_to_thread
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_204_NO_CONTENT, HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import ASGIApp, HTTPRequestEvent, HTTPScope, Message, Receive, Scope, Send
from sqlalchemy import event
from sqlalchemy.orm import Session

from tourpad.core.errors import InvalidInputError, invalid
from tourpad.core.identity.permissions import Principal
from tourpad.core.platform import Platform
from tourpad.core.requests import idempotency
from tourpad.core.requests.idempotency import Answer
from tourpad.web.auth import IDEMPOTENCY_KEY, UNSAFE
from tourpad.web.layer import Layer
from tourpad.web.limits import client_address

NO_STORED_ANSWER: Final = "no_stored_answer"
"""Key in a handler's `opt`: its answers are secrets, so the header does nothing there."""

_MAX_KEY: Final = 255
_UNDECIDED: Final = frozenset({400, 401, 403, 413, 415, 422, 429})
"""Refused before anything was decided: the key stays free for the mended request."""

_claimed: ContextVar[UUID | None] = ContextVar("claimed_idempotency_key", default=None)


class Idempotency(Layer):
    """Gives the stored answer to a request that was answered before."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        event.listen(platform.sessions, "before_commit", _mark)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Claim the key and do the work, or answer as before."""
        key = _key(scope) if scope["type"] == "http" else None
        if key is None:
            await next_app(scope, receive, send)
            return
        body = await _read(scope, receive)
        found = await sync_to_thread(self._claim, scope, key, body)
        if isinstance(found, Answer):
            await _give(found, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        token = _claimed.set(found)
        try:
            await next_app(scope, _again(body, receive), hold)
        finally:
            _claimed.reset(token)
            # Kept before it is sent: whoever got an answer will get the same one again.
            await sync_to_thread(self._settle, found, _answer(held))
        for message in held:
            await send(message)

    def _claim(self, scope: Scope, key: str, body: bytes) -> UUID | Answer:
        principal: Principal | None = scope.get("user")
        caller = str(principal.user_id) if principal else f"address {client_address(scope)}"
        method = scope.get("method", "")
        line = b" ".join((str(method).encode(), scope["path"].encode(), scope["query_string"]))
        return idempotency.claim(
            self._platform.autocommit,
            caller=caller,
            key=key,
            hashes=idempotency.request_hash(self._platform.settings.secret, line + b"\n" + body),
            now=self._platform.clock.now(),
        )

    def _settle(self, claimed: UUID, answer: Answer | None) -> None:
        if answer is None or answer.status >= HTTP_500_INTERNAL_SERVER_ERROR or answer.status in _UNDECIDED:
            idempotency.release(self._platform.autocommit, claimed)
        else:
            idempotency.finish(self._platform.autocommit, claimed, answer)


def _mark(session: Session) -> None:
    """Runs before every commit: within a claimed request the claim learns that the work was done."""
    claimed = _claimed.get()
    if claimed is not None:
        session.connection().exec_driver_sql(idempotency.MARK, (claimed,))


def _key(scope: HTTPScope) -> str | None:
    """The key of an unsafe request to a route that takes one.

    Raises:
        InvalidInputError: it is empty, too long, or no plain text.
    """
    if scope["method"] not in UNSAFE:
        return None
    for name, value in scope["headers"]:
        if name == IDEMPOTENCY_KEY:
            if scope["route_handler"].opt.get(NO_STORED_ANSWER):
                return None
            key = value.decode("latin-1").strip()
            if not 1 <= len(key) <= _MAX_KEY or not key.isascii() or not key.isprintable():
                raise _bad_key()
            return key
    return None


def _bad_key() -> InvalidInputError:
    return invalid("Idempotency-Key", f"must be 1 to {_MAX_KEY} printable ASCII characters", hint="A UUID does well.")


async def _read(scope: Scope, receive: Receive) -> bytes:
    handler = scope["route_handler"]
    most = handler.resolve_request_max_body_size() if isinstance(handler, HTTPRouteHandler) else None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message["body"]
        if most is not None and len(body) > most:
            raise RequestEntityTooLarge
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever the connection says."""
    first: HTTPRequestEvent | None = {"type": "http.request", "body": body, "more_body": False}

    async def receive_again() -> HTTPRequestEvent:
        nonlocal first
        message, first = first, None
        return message if message is not None else await receive()  # type: ignore[return-value]  # a disconnect

    return receive_again  # type: ignore[return-value]  # a receive in all but its name


def _answer(held: list[Message]) -> Answer | None:
    status, content_type, body = 0, "", bytearray()
    for message in held:
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.lower(): value for name, value in message["headers"]}
            content_type = headers.get(b"content-type", b"").decode("latin-1")
        elif message["type"] == "http.response.body":
            body += message["body"]
    return Answer(status, content_type, bytes(body)) if status else None


async def _give(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-length", str(len(answer.body)).encode()),
        (b"idempotency-replayed", b"true"),
    ]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
    if answer.status == HTTP_204_NO_CONTENT:
        headers = [h for h in headers if h[0] != b"content-length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
