"""The socket in the OpenAPI document, which knows requests and answers only: a GET that is answered with events."""

from typing import Any, Final

import msgspec
from litestar.handlers import WebsocketRouteHandler

from tourpad.web.live.shapes import Authenticate, Ping, Resume, Told
from tourpad.web.needs import wanted_by

CLIENT_SAYS: Final = "x-client-messages"
"""The key in the operation under which stands what a client may send."""
_SAID: Final = (Authenticate, Resume, Ping)


def describe(schema: dict[str, Any], path: str, handler: WebsocketRouteHandler) -> dict[str, Any]:
    """Add the socket's shapes to a document. Answers the operation, without the problems that any route may answer."""
    told = list(Told.__args__)
    names, shapes = msgspec.json.schema_components([*told, *_SAID], ref_template="#/components/schemas/{name}")
    for name, shape in shapes.items():
        schema["components"]["schemas"].setdefault(name, shape)
    events, said = names[: len(told)], names[len(told) :]
    text = (handler.fn.__doc__ or "").strip()
    operation: dict[str, Any] = {
        "tags": handler.opt["tags"],
        "operationId": "OpenSocket",
        "description": "\n".join(line.strip() for line in text.splitlines()),
        "security": [{"bearer": []}],
        "x-permissions": [str(permission) for permission in wanted_by(handler)],
        CLIENT_SAYS: {"oneOf": list(said)},
        "responses": {
            "101": {
                "description": "The protocol becomes WebSocket; each event is one of these.",
                "content": {"application/json": {"schema": {"oneOf": list(events)}}},
            }
        },
    }
    schema["paths"].setdefault(path, {})["get"] = operation
    return operation
