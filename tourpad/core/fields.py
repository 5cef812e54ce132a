"""Checking what people send in: every fault is collected with its field's name, and told at once.

Shells see to the types (text, number, list); the limits are here, so that every shell has the same ones.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.places import Town, town_or_refuse

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

LONGEST_URL = 2000
MOST_GENRES = 10
LONGEST_GENRE = 40
MOST_LINKS = 20
_HIGHEST_PORT = 65_535

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (PostgreSQL refuses NUL), marks that reorder text on a screen, halves of characters."""

_GENRE = re.compile(r"[\w&'’+./ -]+")


class Fields:
    """One input being checked. Each method answers the clean value; `done` raises if anything was wrong."""

    def __init__(self, *, prefix: str = "") -> None:
        self.prefix = prefix
        self.errors: list[FieldError] = []
        self.hint: str | None = None

    def wrong(self, field: str, message: str) -> None:
        """Remember one fault."""
        self.errors.append(FieldError(f"{self.prefix}{field}", message))

    def done(self) -> None:
        """All is well, or say everything that is not.

        Raises:
            InvalidInputError: naming every wrong field.
        """
        if self.errors:
            raise InvalidInputError(*self.errors, hint=self.hint)

    def require(self, values: Mapping[str, Any], names: Collection[str]) -> None:
        """These fields must be given and not be null."""
        for name in names:
            if values.get(name) is None:
                self.wrong(name, "is needed")

    def known(self, values: Mapping[str, Any], names: Collection[str]) -> None:
        """No other fields than these may be given."""
        for name in values:
            if name not in names:
                self.wrong(name, "is no field here")

    def text(self, field: str, value: object, *, longest: int, shortest: int = 1, lines: bool = False) -> str:
        """Text without blanks around it and without control characters; on one line unless `lines`."""
        if not isinstance(value, str):
            self.wrong(field, "must be text")
            return ""
        clean = value.replace("\r\n", "\n").strip()
        if not lines:
            clean = " ".join(clean.split())
        if _CONTROL.search(clean):
            self.wrong(field, "has characters that are no text")
        elif len(clean) < shortest:
            self.wrong(field, "is empty" if not clean else f"is shorter than {shortest} characters")
        elif len(clean) > longest:
            self.wrong(field, f"is longer than {longest:,} characters")
        return clean

    def number(self, field: str, value: object, *, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(field, "must be a whole number")
            return low
        if not low <= value <= high:
            self.wrong(field, f"must be between {low:,} and {high:,}")
        return value

    def degrees(self, field: str, value: object, *, most: float) -> float:
        """An angle from `-most` to `most`."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not -most <= value <= most:
            self.wrong(field, f"must be between -{most:g} and {most:g} degrees")
            return 0.0
        return float(value)

    def flag(self, field: str, value: object) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            self.wrong(field, "must be true or false")
            return False
        return value

    def url(self, field: str, value: object) -> str:
        """An `http` or `https` address without a password in it."""
        clean = self.text(field, value, longest=LONGEST_URL)
        if self._has_fault(field):
            return clean
        try:
            parts = urlsplit(clean)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) <= _HIGHEST_PORT
        except ValueError:
            parts, good = None, False
        if not good or " " in clean:
            self.wrong(field, "must be a web address that begins with https://")
        elif parts is not None and (parts.username or parts.password):
            self.wrong(field, "must not have a user name or password in it")
        return clean

    def choice(self, field: str, value: object, choices: type[E]) -> E | None:
        """One of an enumeration's values."""
        try:
            return choices(str(value))
        except ValueError:
            self.wrong(field, f"must be one of {', '.join(choices)}")
            return None

    def items(self, field: str, value: object, check: Callable[[str, object], T], *, most: int) -> list[T]:
        """A list of at most `most`, each one checked by `check(field, item)`."""
        if not isinstance(value, list | tuple):
            self.wrong(field, "must be a list")
            return []
        entries = cast("Sequence[object]", value)
        if len(entries) > most:
            self.wrong(field, f"has more than {most} entries")
            return []
        return [check(f"{field}.{i}", entry) for i, entry in enumerate(entries)]

    def mapping(self, field: str, value: object, names: Collection[str]) -> Mapping[str, Any]:
        """Named parts, none but these."""
        if not isinstance(value, Mapping):
            self.wrong(field, f"must be an object with {', '.join(sorted(names))}")
            return {}
        parts = cast("Mapping[str, Any]", value)
        for name in parts:
            if name not in names:
                self.wrong(f"{field}.{name}", "is no field here")
        return parts

    def genres(self, field: str, value: object, *, least: int = 0) -> list[str]:
        """Kinds of music: lower case, each once, in the order given."""

        def one(place: str, item: object) -> str:
            genre = self.text(place, item, longest=LONGEST_GENRE).lower()
            if genre and not _GENRE.fullmatch(genre):
                self.wrong(place, "may have letters, digits, blanks and & ' + . / -")
            return genre

        clean = list(dict.fromkeys(self.items(field, value, one, most=MOST_GENRES)))
        if len(clean) < least and not self._has_fault(field):
            self.wrong(field, f"needs at least {least}")
        return clean

    def links(self, field: str, value: object) -> dict[str, str]:
        """Web addresses by the name of what they lead to, like `instagram`."""
        if not isinstance(value, Mapping) or len(cast("Mapping[object, object]", value)) > MOST_LINKS:
            self.wrong(field, f"must be up to {MOST_LINKS} web addresses by name")
            return {}
        clean: dict[str, str] = {}
        for name, address in cast("Mapping[object, object]", value).items():
            if not re.fullmatch(r"[A-Za-z0-9_ .-]{1,40}", str(name)):
                self.wrong(field, "has a name that is not made of up to 40 letters, digits, - and _")
                continue
            clean[str(name)] = self.url(f"{field}.{name}", address)
        return clean

    def town(self, city: object, state: object, *, field: str = "city") -> Town | None:
        """The town of a city and a state (`state` may be null where `city` says both)."""
        clean = self.text(field, city, longest=80)
        region = None if state is None else self.text("state", state, longest=40)
        if self._has_fault(field) or self._has_fault("state"):
            return None
        try:
            return town_or_refuse(clean, region, field=field)
        except InvalidInputError as error:
            self.wrong(field, error.errors[0].message)
            self.hint = error.hint
            return None

    def _has_fault(self, field: str) -> bool:
        return any(e.field == f"{self.prefix}{field}" for e in self.errors)
