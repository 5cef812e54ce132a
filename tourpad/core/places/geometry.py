"""Points on the earth, taken as a sphere: within 0.5 % of the ellipsoid, far finer than what is shown."""

from math import asin, atan2, cos, degrees, hypot, pi, radians, sin, sqrt
from typing import NamedTuple, Protocol

EARTH_METRES = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

METRES_PER_MILE = 1609.344

_POLE = 90.0
_DATE_LINE = 180.0

BANDS: tuple[tuple[float, str], ...] = (
    (5, "under 5 miles"),
    (10, "5 to 10 miles"),
    (25, "10 to 25 miles"),
    (50, "25 to 50 miles"),
    (100, "50 to 100 miles"),
    (250, "100 to 250 miles"),
    (500, "250 to 500 miles"),
)
"""Upper ends and words. Distances to homes are told in these only (DESIGN: privacy of a place)."""


class Point(NamedTuple):
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


class Placed(Protocol):
    """Anything with coordinates: a `Point`, a `Town`."""

    @property
    def latitude(self) -> float:
        """Degrees north."""
        ...

    @property
    def longitude(self) -> float:
        """Degrees east."""
        ...


def distance_metres(a: Placed, b: Placed) -> float:
    """Metres between two points along the surface (haversine, exact also for near ones)."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b.longitude - a.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(chord)))


def distance_miles(a: Placed, b: Placed) -> float:
    """Miles between two points along the surface."""
    return distance_metres(a, b) / METRES_PER_MILE


def destination(start: Placed, *, metres: float, bearing: float) -> Point:
    """Where one arrives after `metres` in the direction `bearing` (radians clockwise from north)."""
    arc, lat = metres / EARTH_METRES, radians(start.latitude)
    north = sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(bearing)
    # atan2 and not asin: it keeps its precision near the poles.
    new_lat = atan2(north, hypot(cos(arc) * cos(lat) - sin(lat) * sin(arc) * cos(bearing), sin(bearing) * sin(arc)))
    turn = atan2(sin(bearing) * sin(arc) * cos(lat), cos(arc) - sin(lat) * north)
    longitude = (degrees(turn) + start.longitude + 180) % 360 - 180
    return Point(degrees(new_lat), longitude)


def box_around(centre: Placed, *, miles: float) -> tuple[Point, Point]:
    """South-west and north-east corners of a box that holds the whole circle: a first filter for an index.

    Near a pole, or when the circle reaches over the date line, the box spans all longitudes.
    """
    arc = miles * METRES_PER_MILE / EARTH_METRES
    south, north = centre.latitude - degrees(arc), centre.latitude + degrees(arc)
    if arc >= pi / 2 or south <= -_POLE or north >= _POLE:
        return Point(max(-_POLE, south), -_DATE_LINE), Point(min(_POLE, north), _DATE_LINE)
    width = degrees(asin(sin(arc) / cos(radians(centre.latitude))))
    west, east = centre.longitude - width, centre.longitude + width
    if west < -_DATE_LINE or east > _DATE_LINE:
        return Point(south, -_DATE_LINE), Point(north, _DATE_LINE)
    return Point(south, west), Point(north, east)


def distance_band(miles: float) -> str:
    """A distance in words that do not give a home away, like `10 to 25 miles`."""
    return next((words for end, words in BANDS if miles < end), "over 500 miles")
