"""What people may say of themselves, checked."""

from collections.abc import Mapping
from typing import Any, Final

from tourpad.core.errors import FieldError
from tourpad.core.fields import Fields
from tourpad.core.identity import rules
from tourpad.core.identity.states import UserType

_LONGEST: Final = {"bio": 4_000, "location": 120, "phone": 40}
_LISTS: Final = ("genres", "favorite_genres")


def checked_profile(
    user_type: UserType, given: Mapping[str, Any], faults: list[FieldError]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The common fields and those of the role, clean; faults are added where something is wrong.

    A null among the common fields is kept: it blanks what was said before.
    """
    faults += rules.profile_faults(user_type, given)
    fields = Fields(prefix="profile.")
    common: dict[str, Any] = {}
    role: dict[str, Any] = {}
    for name, value in given.items():
        if name in rules.COMMON_PROFILE:
            common[name] = None if value is None else _common(fields, name, value)
        elif name in rules.ROLE_PROFILE[user_type] and value is not None:
            role[name] = _of_role(fields, name, value)
    faults += fields.errors
    return common, role


def _common(fields: Fields, name: str, value: Any) -> Any:
    if name == "website_url":
        return fields.url(name, value)
    if name == "social_links":
        return fields.links(name, value)
    return fields.text(name, value, longest=_LONGEST[name], lines=name == "bio")


def _of_role(fields: Fields, name: str, value: Any) -> Any:
    if name in _LISTS:
        return fields.genres(name, value)
    if name == "travel_radius":
        return fields.number(name, value, low=0, high=5_000)
    return fields.text(name, value, longest=120)
