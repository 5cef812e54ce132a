"""What a host's profile and address may say (pure). Who may know the address is in `privacy.py`."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tourpad.core.errors import InvalidInputError
from tourpad.core.fields import Fields
from tourpad.core.hosts.states import VenueType
from tourpad.core.places import Point, Town, distance_miles
from tourpad.core.places.towns import STATES
from tourpad.core.values import Value
from tourpad.core.words import joined

LONGEST_NAME = 100
LONGEST_TEXT = 5000
MOST_PEOPLE = 1000
MOST_YEARS = 80
SHOW_MINUTES = (10, 480)
FARTHEST_FROM_TOWN_MILES = 50
"""An address farther than this from the town's middle is taken for a slip."""

FARTHEST_MOVE_METRES = 80_000
"""Fifty miles. A home that moves farther, or to another clock, takes no show along: people agreed to a place."""

_MAY_BE_EMPTY = frozenset({"bio", "hosting_experience", "typical_show_length", "house_rules"})
_LODGING = frozenset({"beds", "bathroom", "amenities", "rules", "pricing"})
_ADDRESS = frozenset({"street", "postcode", "arrival_notes", "latitude", "longitude"})


def takes_along(*, metres: float, time_zone: str, show_time_zone: str) -> bool:
    """Whether a show that is agreed stays the same show when its home moves.

    Args:
        metres: how far the home moves.
        time_zone: of the new place.
        show_time_zone: that the show was agreed in.
    """
    return metres <= FARTHEST_MOVE_METRES and time_zone == show_time_zone


class GivenAddress(Value):
    """An address as a host writes it. Without coordinates the town's middle stands for it."""

    street: str
    postcode: str
    arrival_notes: str | None
    point: Point | None


class ProfileChanges(Value):
    """Clean changes: columns, and the two parts that are more than a column."""

    columns: dict[str, Any]
    town: Town | None = None
    address: GivenAddress | None = None


def check_profile(changes: Mapping[str, Any], *, fields: Fields | None = None) -> ProfileChanges:
    """The changes in clean form.

    Args:
        changes: field names and new values; null clears what may be empty.
        fields: where to collect faults; raised here when none is given.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    found = fields or Fields()
    found.known(changes, FIELDS)
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _CHECKS:
            continue
        if value is not None:
            columns[name] = _CHECKS[name](found, name, value)
        elif name in _MAY_BE_EMPTY:
            columns[name] = None
        else:
            found.wrong(name, "can't be taken away")
    town = None
    if changes.get("city") is not None:
        town = found.town(changes["city"], changes.get("state"))
    elif "city" in changes or "state" in changes:
        found.wrong("city", "is needed: a host has a town")
    address = None
    if "address" in changes:
        address = check_address(found, changes["address"])
    if fields is None:
        found.done()
    return ProfileChanges(columns=columns, town=town, address=address)


def check_address(found: Fields, value: object) -> GivenAddress:
    """A private address in clean form."""
    parts = found.mapping("address", value, _ADDRESS)
    latitude, longitude, notes = (parts.get(name) for name in ("latitude", "longitude", "arrival_notes"))
    point = None
    if latitude is not None and longitude is not None:
        point = Point(
            found.degrees("address.latitude", latitude, most=90),
            found.degrees("address.longitude", longitude, most=180),
        )
    elif latitude is not None or longitude is not None:
        missing = "longitude" if longitude is None else "latitude"
        found.wrong(f"address.{missing}", "is needed with the other one")
    postcode = found.text("address.postcode", parts.get("postcode"), longest=20)
    if postcode and not re.fullmatch(r"\d{5}(-\d{4})?", postcode):
        found.wrong("address.postcode", "must be a ZIP code like 43215 or 43215-1234")
    return GivenAddress(
        street=found.text("address.street", parts.get("street"), longest=200, shortest=3),
        postcode=postcode,
        arrival_notes=None
        if notes is None
        else found.text("address.arrival_notes", notes, longest=LONGEST_TEXT, lines=True),
        point=point,
    )


def check_near(town: Town, point: Point) -> None:
    """Refuse coordinates that are nowhere near the town.

    Raises:
        InvalidInputError: without repeating the coordinates.
    """
    if distance_miles(town, point) > FARTHEST_FROM_TOWN_MILES:
        found = Fields()
        found.wrong(
            "address.latitude",
            f"with the longitude is more than {FARTHEST_FROM_TOWN_MILES} miles from {town.label}",
        )
        found.hint = "Check the sign of the longitude (west is negative), or change the town as well."
        found.done()


def words_of(*, venue_name: str, city: str, state: str, genres: Iterable[str]) -> str:
    """What search reads of a host: the venue's name, town, state by its code and its name, genres they like."""
    return joined([venue_name, city, state, STATES.get(state), *genres])


def usable(said: Mapping[str, Any]) -> ProfileChanges:
    """Of what somebody said, that which can be used. The rest is left out without a word."""
    place = {name: said[name] for name in ("city", "state") if name in said}
    columns: dict[str, Any] = {}
    town: Town | None = None
    for part in [{name: said[name]} for name in said if name in FIELDS - {"city", "state", "address"}] + [place]:
        try:
            clean = check_profile(part)
        except InvalidInputError:
            continue
        columns.update(clean.columns)
        town = town or clean.town
    return ProfileChanges(columns=columns, town=town)


def capacity(indoor: int, outdoor: int) -> int:
    """How many people one show can have: it is either inside or outside."""
    return max(indoor, outdoor)


def _lodging(found: Fields, field: str, value: object) -> dict[str, Any]:
    parts = found.mapping(field, value, _LODGING)
    clean: dict[str, Any] = {}
    for name in sorted(_LODGING & set(parts)):
        place, item = f"{field}.{name}", parts[name]
        if item is None:
            continue
        if name == "beds":
            clean[name] = found.number(place, item, low=0, high=50)
        elif name == "amenities":
            clean[name] = found.items(place, item, lambda f, v: found.text(f, v, longest=100), most=30)
        else:
            clean[name] = found.text(place, item, longest=1000, lines=True)
    return clean


_CHECKS: dict[str, Callable[[Fields, str, object], object]] = {
    "venue_name": lambda f, n, v: f.text(n, v, longest=LONGEST_NAME),
    "venue_type": lambda f, n, v: f.choice(n, v, VenueType),
    "bio": lambda f, n, v: f.text(n, v, longest=LONGEST_TEXT, lines=True),
    "indoor_capacity": lambda f, n, v: f.number(n, v, low=0, high=MOST_PEOPLE),
    "outdoor_capacity": lambda f, n, v: f.number(n, v, low=0, high=MOST_PEOPLE),
    "preferred_genres": lambda f, n, v: f.genres(n, v),
    "hosting_experience": lambda f, n, v: f.number(n, v, low=0, high=MOST_YEARS),
    "typical_show_length": lambda f, n, v: f.number(n, v, low=SHOW_MINUTES[0], high=SHOW_MINUTES[1]),
    "house_rules": lambda f, n, v: f.text(n, v, longest=LONGEST_TEXT, lines=True),
    "offers_lodging": lambda f, n, v: f.flag(n, v),
    "lodging_details": _lodging,
}

FIELDS = frozenset(_CHECKS) | {"city", "state", "address"}
