"""What an artist's profile may say (pure)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tourpad.core.errors import InvalidInputError
from tourpad.core.fields import Fields
from tourpad.core.places import Town
from tourpad.core.places.towns import STATES
from tourpad.core.words import joined

LONGEST_NAME = 100
LONGEST_BIO = 5000
MOST_MILES = 5000
MOST_GUARANTEE_CENTS = 10_000_000
MOST_DAYS_AHEAD = 730
SET_MINUTES = (10, 480)
MOST_ENTRIES = 20

_ALWAYS = frozenset({"stage_name", "genres", "equipment_needs", "music_samples"})
"""May be changed, not taken away."""


def check_profile(changes: Mapping[str, Any], *, fields: Fields | None = None) -> dict[str, Any]:
    """The changes in clean form, by column; a town brings its coordinates.

    Args:
        changes: field names and new values; null clears what may be empty.
        fields: where to collect faults; raised here when none is given.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    found = fields or Fields()
    found.known(changes, FIELDS)
    clean: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _CHECKS:
            continue
        if value is None:
            if name in _ALWAYS:
                found.wrong(name, "can't be taken away")
            else:
                clean[name] = None
        else:
            clean[name] = _CHECKS[name](found, name, value)
    if "city" in changes or "state" in changes:
        clean.update(check_town(found, changes.get("city"), changes.get("state")))
    if fields is None:
        found.done()
    return clean


def words_of(*, stage_name: str, city: str | None, state: str | None, genres: Iterable[str]) -> str:
    """What search reads of an artist: name, town, state by its code and its name, genres."""
    return joined([stage_name, city, state, STATES.get(state or ""), *genres])


def usable(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of what somebody said, that which can be used, in clean form. The rest is left out without a word."""
    place = {name: said[name] for name in ("city", "state") if name in said}
    parts = [{name: said[name]} for name in said if name in FIELDS and name not in place]
    clean: dict[str, Any] = {}
    for part in [*parts, place]:
        try:
            clean.update(check_profile(part))
        except InvalidInputError:
            continue
    return clean


def check_town(found: Fields, city: object, state: object) -> dict[str, Any]:
    """The columns of a place: a town, or nowhere when both are null."""
    town: Town | None = None
    if city is not None:
        town = found.town(city, state)
    elif state is not None:
        found.wrong("city", "is needed with a state")
    return {
        "city": town.name if town else None,
        "state": town.state if town else None,
        "latitude": town.latitude if town else None,
        "longitude": town.longitude if town else None,
    }


def _sample(found: Fields, place: str, value: object) -> dict[str, str | None]:
    parts = found.mapping(place, value, ("title", "url", "platform"))
    platform = parts.get("platform")
    return {
        "title": found.text(f"{place}.title", parts.get("title"), longest=200),
        "url": found.url(f"{place}.url", parts.get("url")),
        "platform": None if platform is None else found.text(f"{place}.platform", platform, longest=40),
    }


_CHECKS: dict[str, Callable[[Fields, str, object], object]] = {
    "stage_name": lambda f, n, v: f.text(n, v, longest=LONGEST_NAME),
    "bio": lambda f, n, v: f.text(n, v, longest=LONGEST_BIO, lines=True),
    "genres": lambda f, n, v: f.genres(n, v),
    "typical_set_length": lambda f, n, v: f.number(n, v, low=SET_MINUTES[0], high=SET_MINUTES[1]),
    "equipment_needs": lambda f, n, v: f.items(
        n, v, lambda place, item: f.text(place, item, longest=200), most=MOST_ENTRIES
    ),
    "travel_radius": lambda f, n, v: f.number(n, v, low=0, high=MOST_MILES),
    "min_guarantee_cents": lambda f, n, v: f.number(n, v, low=0, high=MOST_GUARANTEE_CENTS),
    "preferred_booking_advance": lambda f, n, v: f.number(n, v, low=0, high=MOST_DAYS_AHEAD),
    "performance_video_url": lambda f, n, v: f.url(n, v),
    "music_profile_url": lambda f, n, v: f.url(n, v),
    "music_samples": lambda f, n, v: f.items(n, v, lambda place, item: _sample(f, place, item), most=MOST_ENTRIES),
}

FIELDS = frozenset(_CHECKS) | {"city", "state"}
