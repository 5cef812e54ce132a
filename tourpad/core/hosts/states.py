"""Kinds of venue."""

from enum import StrEnum


class VenueType(StrEnum):
    """Where people sit."""

    HOME = "home"
    LOFT = "loft"
    WAREHOUSE = "warehouse"
    OTHER = "other"
