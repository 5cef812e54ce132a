"""One tree of errors.

Each error has a stable `code`, a sentence for people, a hint, and a `kind`. The kind is what shells map:
the web to an HTTP status (`tourpad/web/errors.py`), the CLI to an exit code (`tourpad/cli/errors.py`).
The core itself knows neither.
"""

from enum import StrEnum
from typing import Any, ClassVar

from tourpad.core.values import Value


class Kind(StrEnum):
    """What sort of refusal an error is, in words that belong to no protocol."""

    INVALID = "invalid"
    """The input itself is wrong; the fields are named."""
    UNAUTHENTICATED = "unauthenticated"
    """Nobody is signed in, or the proof of it is not good."""
    FORBIDDEN = "forbidden"
    """This person may not do this."""
    NOT_FOUND = "not_found"
    """No such thing, or none that this person may know of."""
    CONFLICT = "conflict"
    """Somebody or something else was first."""
    REFUSED = "refused"
    """A rule of the domain says no."""
    LIMITED = "limited"
    """Too many tries; come back later."""
    OUTSIDE = "outside"
    """A service that we depend on failed."""
    FAILED = "failed"
    """Our own fault."""


class FieldError(Value):
    """One wrong input field. `field` is its snake_case path (`counter_offer.date`); shells rename it."""

    field: str
    message: str


class TourPadError(Exception):
    """The root of all refusals. `details` carries the facts a machine may want (JSON-serialisable)."""

    code: ClassVar[str] = "failed"
    kind: ClassVar[Kind] = Kind.FAILED

    def __init__(self, message: str, *, hint: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = details


class InvalidInputError(TourPadError):
    """One or more fields are wrong. Nothing was changed."""

    code = "invalid_input"
    kind = Kind.INVALID

    def __init__(self, *errors: FieldError, message: str | None = None, hint: str | None = None) -> None:
        sentence = message or "; ".join(f"{e.field}: {e.message}" for e in errors) or "The input is not valid."
        super().__init__(sentence, hint=hint)
        self.errors = errors


def invalid(field: str, message: str, *, hint: str | None = None) -> InvalidInputError:
    """Shorthand for the common case of one wrong field."""
    return InvalidInputError(FieldError(field, message), hint=hint)


class UnauthenticatedError(TourPadError):
    """Sign in first."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED


class ForbiddenError(TourPadError):
    """Signed in, but not entitled."""

    code = "forbidden"
    kind = Kind.FORBIDDEN


class NotFoundError(TourPadError):
    """Nothing by that id (ids of others answer the same)."""

    code = "not_found"
    kind = Kind.NOT_FOUND


class ConflictError(TourPadError):
    """Another change came first."""

    code = "conflict"
    kind = Kind.CONFLICT


class RefusedError(TourPadError):
    """A rule says no. Features derive their typed refusals from this."""

    code = "refused"
    kind = Kind.REFUSED


class LimitedError(TourPadError):
    """Too many requests. `details["retry_after"]` is in whole seconds."""

    code = "rate_limited"
    kind = Kind.LIMITED


class OutsideError(TourPadError):
    """A service outside failed or did not answer in time."""

    code = "outside_service_failed"
    kind = Kind.OUTSIDE


class ConfigurationError(TourPadError):
    """The settings do not allow this to start; the message names each one."""

    code = "configuration"
    kind = Kind.FAILED


class IllegalMoveError(RefusedError):
    """A state machine does not allow this move."""

    code = "illegal_move"
