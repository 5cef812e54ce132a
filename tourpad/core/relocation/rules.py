"""What each line may say, checked by the rules of the house (pure)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from tourpad.core.artists import rules as artists
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.fans import rules as fans
from tourpad.core.fields import Fields
from tourpad.core.hosts import rules as hosts
from tourpad.core.identity.addresses import checked_email, checked_name
from tourpad.core.identity.profiles import checked_profile
from tourpad.core.identity.rules import COMMON_PROFILE, REGISTRABLE
from tourpad.core.identity.states import UserType
from tourpad.core.media import rules as media
from tourpad.core.media.states import MediaCategory, MediaKind
from tourpad.core.relocation.shape import LONGEST_ID, MEDIA
from tourpad.core.relocation.states import Entrance, Kind
from tourpad.core.values import Value

LONGEST_REASON: Final = 1_000
_AS_JPEG: Final = {"jpeg": "jpg", "mpeg": "mp3", "opus": "ogg"}
"""Endings that others write for the same."""


class CleanUser(Value):
    """One account, checked."""

    email: str
    name: str
    user_type: UserType
    entrance: Entrance
    profile: dict[str, Any]
    created_at: datetime | None
    email_verified_at: datetime | None
    referral_source: str | None
    is_member: bool
    member_until: datetime | None
    """None for a membership without an end."""
    suspension_reason: str | None
    suspended_until: datetime | None


class CleanMedia(Value):
    """One file, checked as far as that can be done from outside."""

    file: str
    media_kind: MediaKind
    category: MediaCategory
    mime_type: str
    is_private: bool
    texts: dict[str, str]
    sort_order: int | None


def foreign_hash(source: str, kind: Kind, foreign_id: str) -> str:
    """By what a record of another system is known again, even when its id is forgotten."""
    return hashlib.sha256(json.dumps([source, kind.value, foreign_id]).encode()).hexdigest()


def line_hash(said: Mapping[str, Any]) -> str:
    """By what a line is known that says the same, in whatever order."""
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()


def check_reference(found: Fields, field: str, value: object) -> str:
    """An id of the other system: any text on one line."""
    return found.text(field, value, longest=LONGEST_ID)


def check_user(said: Mapping[str, Any], *, now: datetime, local: bool) -> tuple[CleanUser | None, list[FieldError]]:
    """An account.

    Args:
        said: the line.
        now: the present instant: nothing was made after it.
        local: whether reserved test domains are fine, as in development.
    """
    found = Fields()
    email, name = said.get("email", ""), said.get("name", "")
    clean_email = checked_email(email, found.errors, local=local) if isinstance(email, str) and email else ""
    clean_name = checked_name(name, found.errors) if isinstance(name, str) else ""
    if "email" in said and not clean_email:
        found.wrong("email", "must be a mail address")
    if "name" in said and not isinstance(name, str):
        found.wrong("name", "must be text")
    role = _role(found, said.get("user_type"))
    profile: dict[str, Any] = {}
    if role is not None:
        faults: list[FieldError] = []
        given = {key: said[key] for key in said if key in COMMON_PROFILE}
        profile, _ = checked_profile(role, given, faults)
        found.errors += [FieldError(f.field.removeprefix("profile."), f.message) for f in faults]
    entrance = _entrance(found, said.get("state", Entrance.PENDING.value))
    verified = past(found, "email_verified_at", said, now=now)
    if role is UserType.FAN and entrance is Entrance.APPROVED and verified is None:
        found.wrong("state", "can't be approved without email_verified_at: fans are let in by a proved address")
    is_member, member_until = _membership(found, said.get("membership"), role, entrance)
    reason, until = _suspension(found, said.get("suspension"))
    source = said.get("referral_source")
    clean_source = None if source is None else found.text("referral_source", source, longest=100)
    created = past(found, "created_at", said, now=now)
    if found.errors or role is None or entrance is None:
        return None, found.errors
    return (
        CleanUser(
            email=clean_email,
            name=clean_name,
            user_type=role,
            entrance=entrance,
            profile=profile,
            created_at=created,
            email_verified_at=verified,
            referral_source=clean_source,
            is_member=is_member,
            member_until=member_until,
            suspension_reason=reason,
            suspended_until=until,
        ),
        [],
    )


def check_profile(kind: Kind, said: Mapping[str, Any], *, now: datetime) -> list[FieldError]:
    """A profile of a role: what that role's own verb would say against it."""
    found = Fields()
    past(found, "approved_at", said, now=now)
    changes = profile_changes(said)
    if kind is Kind.ARTISTS:
        artists.check_profile(changes, fields=found)
    elif kind is Kind.HOSTS:
        clean = hosts.check_profile(changes, fields=found)
        if clean.town is not None and clean.address is not None and clean.address.point is not None:
            try:
                hosts.check_near(clean.town, clean.address.point)
            except InvalidInputError as error:
                found.errors += error.errors
    else:
        fans.check_preferences(changes, fields=found)
    return found.errors


def profile_changes(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of a line the part that the role's own verb takes."""
    return {name: value for name, value in said.items() if name not in ("id", "user_id", "approved_at")}


def approved_at(said: Mapping[str, Any], *, now: datetime) -> datetime | None:
    """Since when a profile has been listed elsewhere."""
    return past(Fields(), "approved_at", said, now=now)


def check_media(
    said: Mapping[str, Any], *, owner: UserType | None, size: int | None
) -> tuple[CleanMedia | None, list[FieldError]]:
    """A file, by its ending and its size: what is in it, the worker finds out.

    Args:
        said: the line.
        owner: the role of whoever's it is, where that is known.
        size: bytes, None where the file is missing.
    """
    found = Fields()
    file = found.text("file", said.get("file"), longest=300)
    path = PurePosixPath(file)
    if path.parts[:1] != (MEDIA,) or ".." in path.parts:
        found.wrong("file", f"must lie in {MEDIA}/")
    elif size is None:
        found.wrong("file", "is not there")
    category = found.choice("category", said.get("category"), MediaCategory)
    sort = _of_ending(path.suffix.lower().removeprefix("."))
    if sort is None:
        found.wrong("file", f"must end in one of {', '.join(_endings())}")
    texts = _texts(found, said)
    private = found.flag("is_private", said.get("is_private", False))
    order = said.get("sort_order")
    if order is not None:
        order = found.number("sort_order", order, low=0, high=media.MOST_SORT_ORDER)
    if sort is not None and category is not None and owner is not None and size is not None:
        try:
            media.check_upload(owner, kind=sort[0], category=category, mime_type=sort[1], size_bytes=size)
        except InvalidInputError as error:
            found.errors += [
                FieldError("category" if e.field == "category" else "file", e.message) for e in error.errors
            ]
    if found.errors or sort is None or category is None:
        return None, found.errors
    return (
        CleanMedia(
            file=file,
            media_kind=sort[0],
            category=category,
            mime_type=sort[1],
            is_private=private,
            texts=texts,
            sort_order=order,
        ),
        [],
    )


def instant(found: Fields, field: str, value: object) -> datetime | None:
    """An instant with its offset, in UTC."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        found.wrong(field, "must be an instant like 2025-11-03T19:30:00Z")
        return None
    return at.astimezone(UTC)


def _texts(found: Fields, said: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in ("title", "description", "alt_text"):
        if name in said:
            longest = media.LONGEST_TITLE if name == "title" else media.LONGEST_TEXT
            texts[name] = found.text(name, said[name], longest=longest, lines=name == "description")
    return texts


def past(found: Fields, field: str, said: Mapping[str, Any], *, now: datetime) -> datetime | None:
    """An instant that is over, where there is one."""
    if field not in said:
        return None
    at = instant(found, field, said[field])
    if at is not None and at > now:
        found.wrong(field, "lies in the future")
    return at


def _role(found: Fields, value: object) -> UserType | None:
    if value == UserType.ADMIN.value:
        found.wrong("user_type", "can't be admin: an import makes none, tourpad users create-admin does")
        return None
    if value not in REGISTRABLE:
        found.wrong("user_type", f"must be one of {', '.join(REGISTRABLE)}")
        return None
    return UserType(str(value))


def _entrance(found: Fields, value: object) -> Entrance | None:
    if value == "active":
        found.wrong("state", "can't be active: hosts who are let in are approved, and so are artists and fans, "
                    "who are active by their membership")  # fmt: skip
        return None
    if value == "suspended":
        found.wrong("state", "can't be suspended: give the state before it, and suspension with its reason")
        return None
    return found.choice("state", value, Entrance)


def _membership(
    found: Fields, value: object, role: UserType | None, entrance: Entrance | None
) -> tuple[bool, datetime | None]:
    if value is None:
        return False, None
    parts = found.mapping("membership", value, ("until",))
    if role is UserType.HOST:
        found.wrong("membership", "is for artists and fans: hosts need none")
    elif entrance is not Entrance.APPROVED:
        found.wrong("membership", "is for people who are approved")
    until = parts.get("until")
    return True, None if until is None else instant(found, "membership.until", until)


def _suspension(found: Fields, value: object) -> tuple[str | None, datetime | None]:
    if value is None:
        return None, None
    parts = found.mapping("suspension", value, ("reason", "until"))
    reason = found.text("suspension.reason", parts.get("reason"), longest=LONGEST_REASON, lines=True)
    until = parts.get("until")
    return reason, None if until is None else instant(found, "suspension.until", until)


def _of_ending(ending: str) -> tuple[MediaKind, str] | None:
    """The kind and the type of a file by the end of its name."""
    plain = _AS_JPEG.get(ending, ending)
    for kind, types in media.TYPES.items():
        for mime_type, its in types.items():
            if its == plain:
                return kind, mime_type
    return None


def _endings() -> list[str]:
    return [ending for types in media.TYPES.values() for ending in types.values()]
