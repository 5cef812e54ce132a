"""Query parameters that several lists share: a place, a distance, several values in one."""

from datetime import date, timedelta
from typing import Annotated, Any

from litestar.params import QueryParameter

from tourpad.core.availability.rules import MOST_DAYS_AHEAD
from tourpad.core.database.free import Span
from tourpad.core.database.paging import ListSort
from tourpad.core.errors import invalid
from tourpad.core.places import Point, find_postcode, town_or_refuse
from tourpad.core.places.towns import state_code
from tourpad.web.facets import words

DEFAULT_RADIUS_MILES = 50.0
LONGEST_SPAN = 62
"""Days in which somebody may be looked for who is free on one of them."""

LocationParam = Annotated[
    str | None,
    QueryParameter(
        name="location", max_length=120, description="A town with its state, like `Columbus OH`, or a postcode."
    ),
]
"""`location: LocationParam = None`."""
RadiusParam = Annotated[
    float | None,
    QueryParameter(
        name="radius", gt=0, le=5_000, description=f"Miles around `location`; {DEFAULT_RADIUS_MILES:g} unless given."
    ),
]
"""`radius: RadiusParam = None`."""


FreeOnParam = Annotated[
    date | None,
    QueryParameter(name="freeOn", description="Who can be asked for that day; with `freeUntil`, for one of the days."),
]
"""`free_on: FreeOnParam = None`."""
FreeUntilParam = Annotated[
    date | None,
    QueryParameter(name="freeUntil", description=f"The last day, within {LONGEST_SPAN} days of `freeOn`."),
]
"""`free_until: FreeUntilParam = None`."""


def free_span(free_on: date | None, free_until: date | None, *, today: date) -> Span | None:
    """The days on one of which people must be free; nothing where none are asked for.

    Raises:
        InvalidInputError: days that are over, too far ahead, too many, or no span.
    """
    if free_on is None:
        if free_until is not None:
            raise invalid("freeUntil", "needs a first day", hint="Add ?freeOn=2026-05-03.")
        return None
    last = free_until or free_on
    if free_on < today - timedelta(days=1):
        raise invalid("freeOn", "is over")
    if last < free_on:
        raise invalid("freeUntil", "lies before the first day")
    if (last - free_on).days >= LONGEST_SPAN:
        raise invalid("freeUntil", f"must be within {LONGEST_SPAN} days of the first")
    if (last - today).days > MOST_DAYS_AHEAD:
        raise invalid("freeUntil" if free_until else "freeOn", f"is more than {MOST_DAYS_AHEAD} days ahead")
    return Span(free_on, last)


def circle(location: str | None, radius: float | None) -> tuple[Point | None, float | None]:
    """The middle and the miles that a search asks for; neither when no place is named.

    Raises:
        InvalidInputError: an unknown town, or a distance from nowhere.
    """
    if location is None:
        if radius is not None:
            raise invalid("radius", "needs a location to be measured from", hint="Add ?location=Columbus OH.")
        return None, None
    place = find_postcode(location) or town_or_refuse(location)
    return place.point, radius or DEFAULT_RADIUS_MILES


def several(values: list[str] | None) -> tuple[str, ...]:
    """What was asked for by `?genres=folk&genres=jazz` or by `?genres=folk,jazz`."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def us_states(values: list[str] | None) -> tuple[str, ...]:
    """Codes of states, as `?state=OH&state=PA`, `?state=oh,pa` or `?state=Ohio` names them.

    Raises:
        InvalidInputError: one is none.
    """
    codes = {value: state_code(value) for value in several(values)}
    unknown = next((value for value, code in codes.items() if code is None), None)
    if unknown is not None:
        raise invalid("state", f"{unknown[:20]!r} is no state of the United States", hint="Two letters, like OH.")
    return tuple(code for code in codes.values() if code is not None)


def check_sort(sort: str | None, *, centre: Point | None, text: str | None) -> None:
    """An order needs what it is measured by.

    Raises:
        InvalidInputError: by distance from nowhere, or by relevance for nothing.
    """
    if sort == "distance" and centre is None:
        raise invalid("sort", "by distance needs a location", hint="Add ?location=Columbus OH.")
    if sort == "relevance" and text is None:
        raise invalid("sort", "by relevance needs words to look for", hint="Add ?q=.")


def asked(
    *,
    q: str | None,
    location: str | None,
    radius: float | None,
    genres: list[str] | None,
    states: list[str] | None,
    rating_min: float | None,
    sort: ListSort | None,
) -> dict[str, Any]:
    """What all lists of people's profiles can be asked for, as `ListFilter` has it.

    Raises:
        InvalidInputError: an unknown place or state, no words, or an order without what it is measured by.
    """
    centre, miles = circle(location, radius)
    text = words(q)
    check_sort(sort, centre=centre, text=text)
    return {
        "centre": centre,
        "radius_miles": miles,
        "text": text,
        "states": us_states(states),
        "genres": tuple(genre.lower() for genre in several(genres)),
        "rating_min": rating_min,
        "sort": sort,
    }
