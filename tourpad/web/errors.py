"""Errors as RFC 9457 `application/problem+json`, with a stable `code` and the wrong fields by name."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError, OperationalError

from tourpad.core.errors import InvalidInputError, Kind, LimitedError, TourPadError

log = logging.getLogger(__name__)

STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.REFUSED: 409,
    Kind.LIMITED: 429,
    Kind.OUTSIDE: 502,
    Kind.FAILED: 500,
}

CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


def camel(name: str) -> str:
    """`counter_offer.artist_fee_cents` as the wire has it: `counterOffer.artistFeeCents`."""
    return ".".join(
        head + "".join(part.capitalize() for part in rest)
        for head, *rest in (p.split("_") for p in name.split("."))
    )


def problem(
    status: int, *, code: str, title: str, headers: dict[str, str] | None = None, **more: Any
) -> Response[bytes]:
    """One problem document."""
    body = {"type": f"urn:tourpad:problem:{code}", "title": title, "status": status, "code": code, **more}
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/problem+json", headers=headers
    )


def domain_error(_: Request[Any, Any, Any], error: TourPadError) -> Response[bytes]:
    """A refusal of the core."""
    more: dict[str, Any] = {}
    if error.hint:
        more["hint"] = error.hint
    if error.details:
        more["details"] = {camel(k): v for k, v in error.details.items()}
    if isinstance(error, InvalidInputError):
        more["errors"] = [{"field": camel(e.field), "message": e.message} for e in error.errors]
    headers: dict[str, str] = {}
    if isinstance(error, LimitedError) and "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(STATUS[error.kind], code=error.code, title=error.message, headers=headers, **more)


def validation_error(_: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Input that does not have the declared shape."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [
        {"field": str(item.get("key", "")), "message": str(item.get("message", ""))}
        for item in extra
        if isinstance(item, dict)
    ]
    title = (
        "; ".join(f"{e['field']}: {e['message']}" if e["field"] else e["message"] for e in errors)
        or error.detail
    )
    return problem(422, code="invalid_input", title=title, errors=errors)


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown paths, methods, bodies that are no JSON."""
    code = CODES.get(error.status_code, "http_error")
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() in ("allow", "retry-after")}
    return problem(error.status_code, code=code, title=error.detail, headers=headers)


def database_error(_: Request[Any, Any, Any], error: DBAPIError) -> Response[bytes]:
    """The database is away (503), or refused something that the code should have refused first (500)."""
    log.error("database error: %s", type(error.orig).__name__, exc_info=error)
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return problem(
            503, code="database_unavailable", title="The database does not answer. Try again shortly."
        )
    return unexpected_error(_, error)


def unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged with its trace, told without it."""
    log.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    return problem(500, code="failed", title="Something went wrong on our side. Nothing was changed.")


HANDLERS: dict[Any, Any] = {
    TourPadError: domain_error,
    ValidationException: validation_error,
    HTTPException: http_error,
    DBAPIError: database_error,
    Exception: unexpected_error,
}
