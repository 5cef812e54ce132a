"""Somebody to tell something."""

from typing import Any

from tourpad.core.identity.models import User
from tourpad.core.identity.service.users import draft
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.work import Work


def person(
    work: Work,
    name: str = "Ada",
    *,
    email: str | None = None,
    user_type: UserType = UserType.FAN,
    state: UserState = UserState.ACTIVE,
) -> User:
    """A person whose address is proved; `ada@example.org` unless another is given."""
    user = draft(work, email=email or f"{name.lower()}@example.org", name=name, user_type=user_type)
    user.state = state
    user.email_verified_at = work.now
    work.add(user)
    return user


ANSWERED: dict[str, Any] = {
    "template": "verify_email",
    "token": "t0ken",
    "expires_at": "2026-03-02T12:00:00Z",
}
"""A template and its context, where it does not matter which."""
