"""Kinds of venue, and the reasons for which an address is shown."""

from enum import StrEnum


class VenueType(StrEnum):
    """Where people sit."""

    HOME = "home"
    LOFT = "loft"
    WAREHOUSE = "warehouse"
    OTHER = "other"


class LookReason(StrEnum):
    """Why somebody was shown the exact address."""

    ARTIST = "artist of a confirmed booking"
    GUEST = "approved guest"
    ADMIN = "admin"
