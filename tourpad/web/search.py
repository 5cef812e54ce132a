"""Query parameters that several lists share: a place, a distance, several values in one."""

from typing import Annotated

from litestar.params import QueryParameter

from tourpad.core.errors import invalid
from tourpad.core.places import Point, town_or_refuse

DEFAULT_RADIUS_MILES = 50.0

LocationParam = Annotated[
    str | None,
    QueryParameter(name="location", max_length=120, description="A town with its state, like `Columbus OH`."),
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
    return town_or_refuse(location).point, radius or DEFAULT_RADIUS_MILES


def several(values: list[str] | None) -> tuple[str, ...]:
    """What was asked for by `?genres=folk&genres=jazz` or by `?genres=folk,jazz`."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
