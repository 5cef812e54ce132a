"""A request for a socket that fails is answered as any other request would be.

Litestar closes such a socket, which servers tell as a bare 403. Here its error becomes the answer that it would have
been over HTTP; the floor sends it in place of that close.
"""

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import WebSocketException
from litestar.types import Scope

from tourpad.web.errors import answer_to
from tourpad.web.floor import REFUSAL


async def note_refusal(error: Exception, scope: Scope) -> None:
    """Keep the answer for the floor, and log what is a fault of ours (after each exception of the application)."""
    if scope["type"] != ScopeType.WEBSOCKET or isinstance(error, WebSocketException | OSError):
        return  # the client has gone (servers say so by an OSError): there is nobody to tell
    asked = {**scope, "type": ScopeType.HTTP, "method": "GET"}
    scope[REFUSAL] = answer_to(Request(asked), error)  # type: ignore[literal-required,arg-type]  # ours; the same scope
