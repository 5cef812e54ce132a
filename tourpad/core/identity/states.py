"""What a person is and may become (DESIGN: state machines)."""

from enum import StrEnum


class UserType(StrEnum):
    """A person's role."""

    ARTIST = "artist"
    HOST = "host"
    FAN = "fan"
    ADMIN = "admin"


class UserState(StrEnum):
    """How far a person has come in."""

    PENDING = "pending"
    APPROVED = "approved"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    ERASED = "erased"


_ANY = frozenset({UserState.ERASED})

MOVES: dict[UserState, frozenset[UserState]] = {
    UserState.PENDING: frozenset({UserState.APPROVED, UserState.REJECTED, UserState.ACTIVE, UserState.SUSPENDED})
    | _ANY,
    UserState.APPROVED: frozenset({UserState.ACTIVE, UserState.SUSPENDED, UserState.PENDING}) | _ANY,
    UserState.ACTIVE: frozenset({UserState.SUSPENDED, UserState.APPROVED, UserState.PENDING}) | _ANY,
    UserState.SUSPENDED: frozenset({UserState.ACTIVE, UserState.APPROVED, UserState.PENDING, UserState.REJECTED})
    | _ANY,
    UserState.REJECTED: frozenset({UserState.PENDING, UserState.APPROVED, UserState.ACTIVE, UserState.SUSPENDED})
    | _ANY,
    UserState.ERASED: frozenset(),
}
"""Artist: pending → approved (application) → active (membership paid), and back to approved when it lapses.
Host: pending → active (application). Fan: pending → approved (mail verified) → active (membership paid).
Back to pending or rejected is an application's undo; suspended returns to where the person was."""


class TokenPurpose(StrEnum):
    """What a mailed token is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, no password
    CHANGE_EMAIL = "change_email"
