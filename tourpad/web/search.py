"""Query parameters that several lists share: a place, a distance, several values in one."""

from typing import Annotated

from litestar.params import QueryParameter

from tourpad.core.errors import invalid
from tourpad.core.places import Point, find_postcode, town_or_refuse
from tourpad.core.places.towns import STATES

DEFAULT_RADIUS_MILES = 50.0

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
    """Codes of states, as `?state=OH&state=PA` or `?state=oh,pa` names them.

    Raises:
        InvalidInputError: one is none.
    """
    codes = tuple(value.upper() for value in several(values))
    unknown = next((code for code in codes if code not in STATES), None)
    if unknown is not None:
        raise invalid("state", f"{unknown[:20]!r} is no state of the United States", hint="Two letters, like OH.")
    return codes


def check_sort(sort: str | None, *, centre: Point | None, text: str | None) -> None:
    """An order needs what it is measured by.

    Raises:
        InvalidInputError: by distance from nowhere, or by relevance for nothing.
    """
    if sort == "distance" and centre is None:
        raise invalid("sort", "by distance needs a location", hint="Add ?location=Columbus OH.")
    if sort == "relevance" and text is None:
        raise invalid("sort", "by relevance needs words to look for", hint="Add ?q=.")
