"""Stripe's error bodies: https://docs.stripe.com/api/errors."""

from typing import Any, cast

Obj = dict[str, Any]


def part(given: Obj, name: str) -> Obj:
    """Return the object under a name, or an empty one where there is none."""
    found = given.get(name)
    return cast("Obj", found) if isinstance(found, dict) else {}


class StripeError(Exception):
    """An answer other than 200.

    `keep` says that what was done before the error stays (a declined card leaves a charge).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        stored: bool = True,
        extra: Obj | None = None,
    ) -> None:
        """Take the fields of the body; `stored` is false for errors found before any processing began."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.keep = keep
        self.stored = stored
        self.extra = extra or {}

    def body(self, request_id: str, *, version: int = 1) -> Obj:
        """Return the JSON body, in the form of `/v1` or of `/v2`."""
        if version == 2:  # noqa: PLR2004 - the API's second namespace
            return {"error": {"code": self.code or "invalid_parameter", "message": self.message}}
        error: Obj = {"type": self.kind, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        error.update(self.extra)
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def missing(kind: str, object_id: str, param: str = "id") -> StripeError:
    """Return `resource_missing`: 404 for an id in the path, 400 for one in a parameter, as Stripe answers."""
    return StripeError(
        f"No such {kind}: '{object_id}'",
        status=404 if param == "id" else 400,
        code="resource_missing",
        param=param,
    )


def refused(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """Return a plain 400 that came after processing began (so an idempotency key remembers it)."""
    return StripeError(message, code=code, param=param)
