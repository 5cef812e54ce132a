"""Names that a route does not know: refused with the nearest that it does, in queries as in bodies.

A list that ignores `?dateFrom=…` answers everything, and whoever asked takes it for what they asked for. So a route
refuses query parameters that it does not name. Public ones don't: links in mails, callbacks and feeds come back with
what programs on the way have hung on to them (decision 73).
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote_plus

from litestar import Request
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from tourpad.core.concerts.queries.hot import NOTHING_MORE
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.web.hot import hot_statements
from tourpad.web.layer import Layer
from tourpad.web.needs import CLAIMS, PUBLIC, wanted_by

KNOWN: Final = "query_parameters"
"""Key in a handler's `opt`: the names that its query may have, as they are sent; None where any may come."""
_DECLARED: Final = "declared_parameters"
"""Key in a handler's `opt`: those of them that do something."""
READ: Final = "read"
"""Key in a handler's `opt`: reads it, so that the names are known; it may not have been called yet (decision 68)."""
UNKNOWN: Final = "is not known here"
LIST: Final = ("page", "limit")
"""Every list is asked with these, also one that is answered whole."""
_MOST: Final = 8
"""So many faults are named; whoever sends more has not read what they send."""


class UnknownNames(InvalidInputError):
    """Names as they were sent, which is not renamed on the way back."""

    def __init__(self, unknown: Iterable[str], known: Iterable[str], *, prefix: str = "") -> None:
        faults = [FieldError(f"{prefix}{name[:80]}", UNKNOWN) for name in list(unknown)[:_MOST]]
        super().__init__(*faults, hint=_hint([fault.field.removeprefix(prefix) for fault in faults], sorted(known)))


class QueryNames(Layer):
    """Refuses query parameters that the route does not know, once it is known who asks."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through, or say what its parameters should be called."""
        query: bytes = scope["query_string"]
        if query and scope["type"] == ScopeType.HTTP:  # browsers can say nothing but by the query of a socket
            handler = scope["route_handler"]
            if KNOWN not in handler.opt:
                handler.opt[READ]()
            known: frozenset[bytes] | None = handler.opt[KNOWN]
            # Nearly always plain names; only what does not fit is looked at more closely.
            if known is not None and not known.issuperset([part.partition(b"=")[0] for part in query.split(b"&")]):
                await _look(scope, receive, query, known)
        await next_app(scope, receive, send)


async def _look(scope: Scope, receive: Receive, query: bytes, known: frozenset[bytes]) -> None:
    names = {name.decode() for name in known}
    sent = dict.fromkeys(unquote_plus(part.partition(b"=")[0].decode("latin-1")) for part in query.split(b"&") if part)
    # `_=1764460800` is how programs keep answers from being cached.
    unknown = [name for name in sent if name not in names and not name.startswith("_")]
    if not unknown:
        return
    if scope.get(CLAIMS) is not None:
        # Signed in by the handler, which is not reached now: only whoever may ask at all is told what they may ask.
        await hot_statements(Request(scope)).read(Request(scope, receive), NOTHING_MORE)
    raise UnknownNames(unknown, scope["route_handler"].opt[_DECLARED])


def declare(handler: HTTPRouteHandler, names: Iterable[str]) -> None:
    """Note once what the query of a route may hold."""
    if PUBLIC in wanted_by(handler):
        handler.opt[KNOWN] = None
        return
    always = LIST if "GET" in handler.http_methods else ()
    handler.opt[_DECLARED] = declared = frozenset(names)
    handler.opt[KNOWN] = frozenset(name.encode() for name in (*declared, *always))


def _hint(unknown: list[str], known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for refusals alone

    if not known:
        return "It takes none."
    plain: dict[str, Any] = {_plain(name): name for name in known}
    near = dict.fromkeys(
        plain[found] for name in unknown for found in get_close_matches(_plain(name), plain, n=1, cutoff=0.7)
    )
    said = f"Did you mean {' and '.join(near)}? " if near else ""
    return f"{said}Known here: {', '.join(known)}."


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
