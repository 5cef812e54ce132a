"""Errors as RFC 9457 `application/problem+json`, with a stable `code` and the wrong fields by name."""

import logging
import traceback
from typing import Any

import msgspec
import psycopg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_400_BAD_REQUEST
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tourpad.core.errors import InvalidInputError, Kind, TourPadError
from tourpad.core.watch.logs import request_id
from tourpad.web.bodies import fault
from tourpad.web.unknown import UnknownNames

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

CODES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request can't be understood."),
    401: ("unauthenticated", "Sign in first."),
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This path does not take this method."),
    413: ("too_large", "The body of the request is too large."),
    415: ("unsupported_media_type", "This kind of body is not taken here."),
}
"""What the framework itself refuses: our code, and a sentence for people."""

_FIRST = ("23505", "23P01", "23503")
"""Unique and exclusion constraints and references: another transaction got there before this one."""
_BUSY = ("40001", "40P01", "55P03", "57014", "53300")
"""Serialisation, deadlock, lock and statement time-outs, too many connections."""
_FORWARDED = ("allow", "retry-after")


def camel(name: str) -> str:
    """`counter_offer.artist_fee_cents` as the wire has it: `counterOffer.artistFeeCents`."""
    words = (part.split("_") for part in name.split("."))
    return ".".join(head + "".join(part.capitalize() for part in rest) for head, *rest in words)


def problem(
    status: int, *, code: str, title: str, headers: dict[str, str] | None = None, **more: Any
) -> Response[bytes]:
    """One problem document."""
    body = {"type": f"urn:tourpad:problem:{code}", "title": title, "status": status, "code": code, **more}
    if found := request_id.get():
        body["requestId"] = found
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
        named = str if isinstance(error, UnknownNames) else camel
        more["errors"] = [{"field": named(e.field), "message": e.message} for e in error.errors]
        title = _sentence(more["errors"], error.message)
    else:
        title = error.message
    headers: dict[str, str] = {}
    if "retry_after" in error.details and error.kind in (Kind.LIMITED, Kind.CONFLICT):
        headers["Retry-After"] = str(error.details["retry_after"])
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.kind is Kind.FAILED:
        log.error("a request failed", exc_info=error)
    return problem(STATUS[error.kind], code=error.code, title=title, headers=headers, **more)


def validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Parameters that do not have the declared shape, or a body that is missing."""
    extra = error.extra if isinstance(error.extra, list) else []
    items = [item for item in extra if isinstance(item, dict)]
    if any(item.get("source") == "path" for item in items):
        # An id that is none is an id of nothing.
        return problem(404, code="not_found", title=CODES[404][1])
    errors: list[dict[str, str]] = []
    for item in items:
        name = str(item.get("key", ""))
        asked = request.route_handler.parsed_fn_signature.parameters.get(name)
        said = fault(str(item.get("message", "")), asked.annotation if asked else None).message
        body = item.get("source") == "body"
        errors.append({"field": "" if body else camel(name), "message": "must be JSON" if body else said})
    if not errors and "Missing required" in error.detail:
        missing = error.detail.split("'")[1] if "'" in error.detail else ""
        errors.append({"field": camel(missing), "message": "is required"})
    if [e["field"] for e in errors] == [""] and not request.headers.get("content-length", "0").strip("0"):
        return problem(422, code="invalid_input", title="The body is missing: send JSON.", errors=errors)
    return problem(422, code="invalid_input", title=_sentence(errors, "The input is not valid."), errors=errors)


def _sentence(errors: list[dict[str, str]], otherwise: str) -> str:
    return "; ".join(f"{e['field']} {e['message']}".strip() for e in errors) or otherwise


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown paths, methods, bodies that are no JSON."""
    code, title = CODES.get(error.status_code, ("http_error", "The request was refused."))
    if error.status_code == HTTP_400_BAD_REQUEST and error.detail:
        title = error.detail
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() in _FORWARDED}
    return problem(error.status_code, code=code, title=title, headers=headers)


def database_error(request: Request[Any, Any, Any], error: DBAPIError) -> Response[bytes]:
    """What the database says, in the order of whose turn it is to do something.

    It can't hold a value (422), somebody was first (409), it is too busy or away (503); all else is a fault of ours.
    """
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, DataError):
        return problem(422, code="invalid_input", title="A value is out of range or can't be stored.", errors=[])
    if state in _FIRST:
        log.warning("a race ended in %s", type(error.orig).__name__)
        return problem(409, code="conflict", title="Somebody else was first. Look again, then decide.")
    if state in _BUSY:
        title = "Too much is happening at once. Try again shortly."
        return problem(503, code="busy", title=title, headers={"Retry-After": "1"})
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return unavailable(request, error)
    # The driver's own words quote the row ("Failing row contains …"), so they are not logged: names and places are.
    diagnosis = getattr(error.orig, "diag", None)
    log.error(
        "the database refused at %s %s: %s %s, table %s, constraint %s\n%s",
        request.method,
        request.scope.get("path_template"),
        state,
        type(error.orig).__name__,
        getattr(diagnosis, "table_name", None),
        getattr(diagnosis, "constraint_name", None),
        "".join(traceback.format_tb(error.__traceback__)),
    )
    return _our_fault()


def unavailable(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The database does not answer, or every connection to it is taken."""
    log.error("the database does not answer: %s", type(getattr(error, "orig", error)).__name__)
    return problem(
        503,
        code="database_unavailable",
        title="The database does not answer. Try again shortly.",
        headers={"Retry-After": "1"},
    )


def unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged with its trace, told without it."""
    path = request.scope.get("path_template") or "an unknown path"
    log.error("unexpected error at %s %s", request.method, path, exc_info=error)
    return _our_fault()


def _our_fault() -> Response[bytes]:
    return problem(500, code="failed", title="Something went wrong on our side.")


HANDLERS: dict[Any, Any] = {
    TourPadError: domain_error,
    ValidationException: validation_error,
    HTTPException: http_error,
    DBAPIError: database_error,
    PoolTimeoutError: unavailable,
    psycopg.OperationalError: unavailable,
    Exception: unexpected_error,
}


def answer_to(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a request that failed, where the framework does not give it."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    answer: Response[bytes] = handler(request, error)
    return answer
