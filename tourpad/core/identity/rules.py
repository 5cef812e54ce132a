"""Who needs approval, what comes next, and what a profile may say: pure rules."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity.states import UserState, UserType

REGISTRABLE: Final = (UserType.ARTIST, UserType.HOST, UserType.FAN)
"""Admins are made by `tourpad users create-admin`, never by registering."""

COMMON_PROFILE: Final = frozenset({"bio", "location", "phone", "website_url", "social_links"})
ROLE_PROFILE: Final[Mapping[UserType, frozenset[str]]] = {
    UserType.ARTIST: frozenset({"stage_name", "genres", "city", "state"}),
    UserType.HOST: frozenset({"venue_name", "city", "state"}),
    UserType.FAN: frozenset({"favorite_genres", "travel_radius", "city", "state"}),
    UserType.ADMIN: frozenset(),
}
"""What each role may add of its own; kept as first answers for the forms that ask for them properly."""


def requires_approval(user_type: UserType) -> bool:
    """Artists and hosts are let in by an admin; fans by their mail address."""
    return user_type in (UserType.ARTIST, UserType.HOST)


def next_step(user_type: UserType, state: UserState, email_verified_at: datetime | None) -> str | None:
    """What the person does next: `email_verification`, `application`, `payment`, or nothing."""
    if state in (UserState.SUSPENDED, UserState.ERASED, UserState.ACTIVE):
        return None
    if email_verified_at is None:
        return "email_verification"
    if requires_approval(user_type) and state in (UserState.PENDING, UserState.REJECTED):
        return "application"
    return "payment" if state is UserState.APPROVED and user_type is not UserType.HOST else None


def profile_faults(user_type: UserType, profile: Mapping[str, Any]) -> list[FieldError]:
    """Fields of a profile that this role does not have."""
    allowed = COMMON_PROFILE | ROLE_PROFILE[user_type]
    return [
        FieldError(f"profile.{name}", f"is not part of the profile of {article(user_type)}")
        for name in profile
        if name not in allowed
    ]


def article(user_type: UserType) -> str:
    """`an artist`, `a host`."""
    return f"an {user_type}" if user_type.value[0] in "aeiou" else f"a {user_type}"


_S256: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def check_return(return_to: str | None, challenge: str | None, *, origins: Iterable[str]) -> None:
    """Where a browser may be sent after it has signed in elsewhere: to our own origins, and with a challenge.

    Raises:
        InvalidInputError: naming what is wrong.
    """
    faults: list[FieldError] = []
    if return_to is not None and _origin(return_to) not in {_origin(o) for o in origins} - {None}:
        faults.append(FieldError("return_to", "must be an address of this site, or of TOURPAD_CORS_ORIGINS"))
    if return_to is not None and challenge is None:
        faults.append(FieldError("challenge", "is needed with return_to"))
    if challenge is not None and not _S256.fullmatch(challenge):
        faults.append(FieldError("challenge", "must be a SHA-256 in base64url without padding (43 characters)"))
    if faults:
        raise InvalidInputError(*faults)


def _origin(address: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no plain web address, or is read differently by different readers."""
    if "\\" in address or "#" in address or any(c <= " " or c > "~" for c in address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme]
