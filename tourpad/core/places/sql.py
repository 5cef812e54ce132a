"""Distances inside queries; apart, so that whoever only wants towns imports no SQLAlchemy."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func

from tourpad.core.places.geometry import EARTH_METRES, METRES_PER_MILE, Placed, box_around

Column = SQLColumnExpression[Any]


def miles_from(centre: Placed, latitude: Column, longitude: Column) -> ColumnElement[float]:
    """Miles from a point to the point in two columns: the same haversine as `distance_miles`."""
    half_lat = func.radians(latitude - centre.latitude) / 2
    half_lon = func.radians(longitude - centre.longitude) / 2
    chord = func.power(func.sin(half_lat), 2) + (
        func.cos(func.radians(centre.latitude)) * func.cos(func.radians(latitude)) * func.power(func.sin(half_lon), 2)
    )
    return 2 * EARTH_METRES / METRES_PER_MILE * func.asin(func.sqrt(func.least(1.0, chord)))


def within(centre: Placed, miles: float, latitude: Column, longitude: Column) -> ColumnElement[bool]:
    """Whether the columns' point lies in the circle; the box comes first, so that an index can serve."""
    low, high = box_around(centre, miles=miles)
    return and_(
        latitude.between(low.latitude, high.latitude),
        longitude.between(low.longitude, high.longitude),
        miles_from(centre, latitude, longitude) <= miles,
    )
