"""The towns of the United States, from the table that is shipped (`tourpad/data/README.md`)."""

import gzip
import re
import unicodedata
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from math import pi

from tourpad.core.errors import InvalidInputError, invalid
from tourpad.core.places.geometry import Point, destination
from tourpad.core.places.sorted import Sorted
from tourpad.core.values import Value

STATES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana",
    "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
    "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming",
}  # fmt: skip
"""Postal codes and names."""

CLEAR_WINNER = 10
"""A town named without its state is meant when it is so many times larger than the next of its name."""

LONGEST = 80
"""Characters of a name that are looked at for a likely town, or repeated to whoever wrote them."""

_ZONE_METRES = 5_000.0
"""How far from the border of two zones their shapes may be trusted."""

_NO_WORD = re.compile(r"[^a-z0-9]+")

_LENGTH_SLIP = 3
"""Letters that people leave out or put in."""

_SHORT = {
    "st": "saint",
    "ste": "sainte",
    "ft": "fort",
    "mt": "mount",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
}


class Town(Value):
    """One town. Its coordinates are its middle."""

    name: str
    state: str
    """Two letters."""
    latitude: float
    longitude: float
    time_zone: str
    """IANA name."""
    population: int

    @property
    def point(self) -> Point:
        """Its middle."""
        return Point(self.latitude, self.longitude)

    @property
    def label(self) -> str:
        """As people write it: `Columbus OH`."""
        return f"{self.name} {self.state}"


def towns() -> tuple[Town, ...]:
    """All towns with 1,000 people or more, by state and name. Made anew at each call: to find one, `find_town`."""
    return tuple(sorted((_town(line) for _, line in _table()), key=lambda town: (town.state, town.name)))


def find_town(text: str, state: str | None = None) -> Town | None:
    """The town meant by `Columbus OH`, `columbus, ohio`, or by a name and a state given apart.

    Case, accents, dots and usual short forms (St., Ft., Mt.) do not matter. A name without a state finds the
    only town of that name, or the one that is far larger than all others of that name.
    """
    if state is None:
        name, state = _split(text)
    else:
        name, state = text, state_code(state)
        if state is None:
            return None
    if state is not None:
        return _lookup(comparable(name), state)
    namesakes = _namesakes(comparable(name))
    if not namesakes:
        return None
    if len(namesakes) == 1 or namesakes[0].population >= CLEAR_WINNER * namesakes[1].population:
        return namesakes[0]
    return None


def suggest(text: str, *, limit: int = 3) -> tuple[str, ...]:
    """Labels of towns that may have been meant, the likeliest first, for the hint of an error."""
    name, state = _split(text[:LONGEST])
    key = comparable(name)
    namesakes = _namesakes(key)
    if namesakes:
        return tuple(t.label for t in namesakes[:limit])
    # People get the first letter right, and about the length; comparing with all towns would take a third of a second.
    pool: dict[str, str] = {}
    for known, line in _table().beginning(key[:1]):
        if abs(len(known) - len(key)) <= _LENGTH_SLIP:
            name, where, _ = line.split("\t", 2)
            if state in (None, where):
                pool.setdefault(known, f"{name} {where}")
    return tuple(pool[k] for k in get_close_matches(key, pool, n=limit, cutoff=0.72))


def town_or_refuse(text: str, state: str | None = None, *, field: str = "location") -> Town:
    """`find_town`, or one clear error that names the field.

    Raises:
        InvalidInputError: no town, or several, are meant; the hint names some that may have been.
    """
    found = find_town(text, state)
    if found is None:
        raise _unknown(text if state is None else f"{text} {state}", field)
    return found


def state_code(text: str) -> str | None:
    """`OH` for `oh`, `Ohio`, `O.H.`; nothing for what is no state."""
    letters = re.sub(r"[^a-z]+", "", text.lower())
    if letters.upper() in STATES:
        return letters.upper()
    return _states_by_name().get(letters)


def zone_at(point: Point, *, town: Town) -> str:
    """The IANA time zone of a home: its town's, unless the home lies well inside another one.

    The shapes of zones are drawn to a few kilometres; nearer to a border the town knows better.

    Raises:
        InvalidInputError: the point lies in no zone.
    """
    from tzfpy import get_tz  # noqa: PLC0415 - its shapes take 40 MB, and only who says where they live needs them

    ways = (destination(point, metres=_ZONE_METRES, bearing=quarter * pi / 2) for quarter in range(4))
    found = [get_tz(spot.longitude, spot.latitude) for spot in (point, *ways)]
    if town.time_zone in found:
        return town.time_zone
    if not found[0]:
        raise invalid("address.latitude", "with the longitude is no place on land")
    return found[0]


def zone_of(town: Town) -> str:
    """The IANA time zone in which a town's clocks go."""
    return town.time_zone


def _unknown(text: str, field: str) -> InvalidInputError:
    near = suggest(text)
    hint = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else "Give a town of the United States with its state, like Columbus OH."
    )
    shown = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    # Namesakes are all meant by the same words; whatever else is near was meant by others.
    alike = len(near) > 1 and {comparable(_split(one)[0]) for one in near} == {comparable(text)}
    why = "is the name of several towns" if alike else "is no town that we know"
    return invalid(field, f"{shown!r} {why}", hint=hint)


def comparable(name: str) -> str:
    """A name as it is compared: no case, accents or punctuation, short forms written out."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = _NO_WORD.sub(" ", name.lower().replace("'", "").replace("`", "")).split()
    return " ".join(_SHORT.get(word, word) for word in words)


def _split(text: str) -> tuple[str, str | None]:
    """A name and its state out of one text; no state where the text's end is none."""
    text = text.strip()
    if "," in text:
        name, _, last = text.rpartition(",")
        return (name, code) if (code := state_code(last)) else (text, None)
    words = text.split()
    # "Charleston West Virginia": the longest state name first. A state alone ("New York") is a town's name.
    for count in (3, 2, 1):
        if len(words) > count and (code := state_code(" ".join(words[-count:]))):
            return " ".join(words[:-count]), code
    return text, None


def _lookup(key: str, state: str) -> Town | None:
    """By exact key; `New York` also finds `New York City`."""
    found = (*_of_key(key), *_of_key(f"{key} city"))
    return next((town for town in found if town.state == state), None)


def _namesakes(key: str) -> tuple[Town, ...]:
    """Towns of that name, and of that name with `City` behind it, the largest first."""
    return tuple(sorted((*_of_key(key), *_of_key(f"{key} city")), key=lambda town: -town.population))


@lru_cache(maxsize=1_024)
def _of_key(key: str) -> tuple[Town, ...]:
    """Towns of exactly that name as it is compared, the largest first. Places that many ask for are kept."""
    return tuple(_town(line) for line in _table().of(key))


def _town(line: str) -> Town:
    name, state, latitude, longitude, zone, population = line.split("\t")
    return Town(name, state, float(latitude), float(longitude), zone, int(population))


@cache
def _table() -> Sorted:
    """The lines by the names that they are compared by, the largest town of a name first. Read at the first call."""
    return Sorted(gzip.decompress(files("tourpad").joinpath("data", "us_towns.tsv.gz").read_bytes()))


@cache
def _states_by_name() -> dict[str, str]:
    return {re.sub(r"[^a-z]+", "", name.lower()): code for code, name in STATES.items()}
