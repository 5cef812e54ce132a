"""Squares of half a degree: search by place looks up a few numbers (PERFORMANCE: the list query; pure)."""

from math import floor

from tourpad.core.places.geometry import Placed, box_around

PER_DEGREE = 2
COLUMNS = 360 * PER_DEGREE


def cell_of(place: Placed) -> int:
    """The number of the square that a point lies in."""
    return _row(place.latitude) * COLUMNS + _column(place.longitude)


def cells_around(centre: Placed, *, miles: float) -> list[int]:
    """Every square that the circle may reach into (and, at its corners, some that it does not)."""
    low, high = box_around(centre, miles=miles)
    columns = range(_column(low.longitude), _column(high.longitude) + 1)
    return [row * COLUMNS + column for row in range(_row(low.latitude), _row(high.latitude) + 1) for column in columns]


def _row(latitude: float) -> int:
    return min(180 * PER_DEGREE - 1, max(0, floor((latitude + 90) * PER_DEGREE)))


def _column(longitude: float) -> int:
    return min(COLUMNS - 1, max(0, floor((longitude + 180) * PER_DEGREE)))
