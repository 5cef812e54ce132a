"""What everybody has to agree to: being of age, the terms, how data is handled. Pure rules.

Registering agrees to the versions of that day. A new version is asked for at the next sign-in, and until it is accepted
a person may do nothing but read it and look after their account.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from tourpad.core.errors import FieldError
from tourpad.core.identity.states import UserType
from tourpad.core.values import Value

OF_AGE: Final = 18
"""Years. Homes, money and strangers: TourPad is for adults."""


class Agreement(StrEnum):
    """One thing to agree to."""

    ADULT = "adult"
    """Being 18 or older."""
    TERMS = "terms"
    PRIVACY = "privacy"


class Agreed(Value):
    """What somebody has agreed to so far."""

    adult: bool
    terms: str | None
    privacy: str | None


def outstanding(
    agreed: Agreed, *, user_type: UserType, terms: str, privacy: str, local: bool
) -> dict[Agreement, str | None]:
    """What is still to be agreed to, and which version of it.

    Admins are bound otherwise. Where nobody was ever asked (accounts from before, or from a test), nothing is
    outstanding on a developer's machine.

    Args:
        agreed: so far.
        user_type: the person's role.
        terms: the version of today.
        privacy: likewise.
        local: whether this is development or a test.
    """
    if user_type is UserType.ADMIN:
        return {}
    found: dict[Agreement, str | None] = {}
    if not agreed.adult and not local:
        found[Agreement.ADULT] = None
    for agreement, has, current in (
        (Agreement.TERMS, agreed.terms, terms),
        (Agreement.PRIVACY, agreed.privacy, privacy),
    ):
        never_asked = has is None and local
        if has != current and not never_asked:
            found |= {agreement: current}
    return found


def age_fault(*, birth_date: date | None, is_adult: bool | None, today: date) -> FieldError | None:
    """Why somebody is too young, or nothing. The date is looked at and not kept."""
    if is_adult is False:
        return FieldError("is_adult", f"must be true: TourPad is for people of {OF_AGE} and older")
    if birth_date is None:
        return None
    if birth_date > today:
        return FieldError("birth_date", "is in the future")
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    age = today.year - birth_date.year - (0 if had_birthday else 1)
    return FieldError("birth_date", f"must be {OF_AGE} years ago or more") if age < OF_AGE else None
