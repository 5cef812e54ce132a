"""Who needs approval, what comes next, and what a profile may say: pure rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tourpad.core.errors import FieldError
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
