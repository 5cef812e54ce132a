"""`GET /openapi.json`: what Litestar reads from the handlers, and what it can't know of ours.

Added to each operation: the sign-in and the permissions that it needs, the problems that it may answer with, and the
`Idempotency-Key` that it takes.
"""

from functools import cache
from typing import Any, Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute, WebSocketRoute

from tourpad.web.application import read_all
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.live.describing import describe
from tourpad.web.needs import PUBLIC, wanted_by

DESCRIPTION: Final = """\
House concerts: artists ask hosts for a date, fans ask for a seat, and money reaches whoever earned it.

JSON in `camelCase`; instants in RFC 3339 (UTC), dates as `YYYY-MM-DD`, ids are UUIDs, money is whole cents with a \
currency. Errors are RFC 9457 problems with a stable `code`; input errors name each field in `errors`. Lists take \
`page` and `limit`. Query parameters that a route does not know are refused with 422, but for those whose names begin \
with `_`, and on routes that need no sign-in. Unsafe requests take an \
`Idempotency-Key`: the same key and body give the same answer."""

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "description": "`urn:tourpad:problem:` and the code."},
        "title": {"type": "string", "description": "A sentence for people."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "hint": {"type": "string", "description": "What to do next."},
        "requestId": {"type": "string", "description": "The same as in `X-Request-Id`, and in our logs."},
        "details": {"type": "object", "description": "Facts that belong to the code.", "additionalProperties": True},
        "errors": {
            "type": "array",
            "description": "Wrong input, field by field.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Dotted path, as in the request."},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_SAID: Final = {
    "401": "Nobody is signed in, or the token is not good.",
    "403": "Not allowed in this role and state.",
    "404": "No such thing, or none that you may know of.",
    "409": "A rule of the domain says no, or somebody was first.",
    "413": "The body is too large.",
    "422": "The input is wrong; `errors` names the fields.",
    "429": "Too many tries; see `Retry-After`.",
    "default": "A fault of ours or of a service behind us.",
}

_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer; another body with it is 409.",
    "schema": {"type": "string", "maxLength": 255},
}


ALSO: Final = "also_answers"
"""The key in a route's options under which other media types stand that it answers with."""


def document(app: Litestar) -> dict[str, Any]:
    """The whole OpenAPI document of one application."""
    read_all(app)
    schema: dict[str, Any] = app.openapi_schema.to_schema()
    schema["info"]["description"] = DESCRIPTION
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token from `POST /api/auth/login` or `/refresh`; good for 15 minutes.",
        }
    }
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                _complete(schema, route.path_format, handler)
        elif isinstance(route, WebSocketRoute):
            operation = describe(schema, route.path_format, route.route_handler)
            _name(operation)
            for status in ("401", "403", "429", "default"):
                operation["responses"][status] = _problem(_SAID[status])
    return schema


def _complete(schema: dict[str, Any], path: str, handler: HTTPRouteHandler) -> None:
    item = schema["paths"].get(path)
    if item is None or not handler.resolve_include_in_schema():
        return
    for method in handler.http_methods:
        operation = item.get(method.lower())
        if operation is not None:
            _describe(operation, path, method, handler)


def _describe(operation: dict[str, Any], path: str, method: str, handler: HTTPRouteHandler) -> None:
    _name(operation)
    wanted = wanted_by(handler)
    statuses = ["default"]
    if PUBLIC in wanted:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": []}]
        operation["x-permissions"] = [str(permission) for permission in wanted]
        statuses += ["401", "403"]
    if "{" in path:
        statuses.append("404")
    if PUBLIC not in wanted or operation.get("requestBody") or operation.get("parameters"):
        statuses.append("422")
    if method != "GET":
        statuses += ["409", "413"]
        if not handler.opt.get(NO_STORED_ANSWER):
            operation.setdefault("parameters", []).append(_KEY)
    statuses.append("429")
    responses: dict[str, Any] = operation["responses"]
    for media_type in handler.opt.get(ALSO, ()):
        responses["200"]["content"][media_type] = {"schema": {"type": "string", "format": "binary"}}
    # Litestar lists its own form of a validation error, which we never send.
    responses.pop("400", None)
    for status in sorted(statuses):
        responses[status] = _problem(_SAID[status])


def _name(operation: dict[str, Any]) -> None:
    """Call an operation by the first sentence of its docstring, not by the name of a function."""
    first, _, rest = operation.get("description", "").strip().partition("\n\n")
    sentence, _, more = " ".join(first.split()).partition(". ")
    if sentence:
        operation["summary"] = sentence.removesuffix(".")
        operation["description"] = "\n\n".join(part for part in (more, rest.strip()) if part)


@cache
def _problem(said: str) -> dict[str, Any]:
    return {
        "description": said,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
