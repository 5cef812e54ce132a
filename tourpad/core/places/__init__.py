"""Towns, distances and time zones. The floor of the house: no feature is imported here."""

from tourpad.core.places.geometry import (
    EARTH_METRES,
    METRES_PER_MILE,
    Point,
    box_around,
    destination,
    distance_band,
    distance_metres,
    distance_miles,
)
from tourpad.core.places.postcodes import Postcode, find_postcode
from tourpad.core.places.towns import (
    STATES,
    Town,
    find_town,
    state_code,
    suggest,
    town_or_refuse,
    towns,
    zone_at,
    zone_of,
)

__all__ = [
    "EARTH_METRES",
    "METRES_PER_MILE",
    "STATES",
    "Point",
    "Postcode",
    "Town",
    "box_around",
    "destination",
    "distance_band",
    "distance_metres",
    "distance_miles",
    "find_postcode",
    "find_town",
    "state_code",
    "suggest",
    "town_or_refuse",
    "towns",
    "zone_at",
    "zone_of",
]
