"""What a fan may say of their taste (pure)."""

from collections.abc import Mapping
from typing import Any

from tourpad.core.errors import InvalidInputError
from tourpad.core.fields import Fields

FIELDS = frozenset({"favorite_genres", "city", "state", "travel_radius"})
MOST_MILES = 5000


def check_preferences(changes: Mapping[str, Any], *, fields: Fields | None = None) -> dict[str, Any]:
    """The changes in clean form, by column.

    Args:
        changes: field names and new values; null clears what may be empty.
        fields: where to collect faults; raised here when none is given.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    found = fields or Fields()
    found.known(changes, FIELDS)
    clean: dict[str, Any] = {}
    if "favorite_genres" in changes:
        clean["favorite_genres"] = found.genres("favorite_genres", changes["favorite_genres"] or [])
    if "travel_radius" in changes:
        miles = changes["travel_radius"]
        clean["travel_radius"] = None if miles is None else found.number("travel_radius", miles, low=0, high=MOST_MILES)
    if changes.get("city") is not None:
        town = found.town(changes["city"], changes.get("state"))
        if town is not None:
            clean["city"], clean["state"] = town.name, town.state
    elif changes.get("state") is not None:
        found.wrong("city", "is needed with a state")
    elif "city" in changes:
        clean["city"] = clean["state"] = None
    if fields is None:
        found.done()
    return clean


def usable(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of what somebody said, that which can be used. The rest is left out without a word."""
    place = {name: said[name] for name in ("city", "state") if name in said}
    rest = [{name: said[name]} for name in ("favorite_genres", "travel_radius") if name in said]
    clean: dict[str, Any] = {}
    for part in [*rest, place]:
        try:
            clean.update(check_preferences(part))
        except InvalidInputError:
            continue
    return clean
