"""What can be brought, and how each line of it stands to what is here."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of record. Each has a file `<kind>.jsonl`; this is the order in which they are brought."""

    USERS = "users"
    ARTISTS = "artists"
    HOSTS = "hosts"
    FANS = "fans"
    MEDIA = "media"
    BOOKINGS = "bookings"
    CONCERTS = "concerts"
    REVIEWS = "reviews"


class Standing(StrEnum):
    """How one line stands to what is here."""

    NEW = "new"
    """It comes in."""
    MATCHED = "matched"
    """Somebody with this mail address is here: they stay as they are, and the line is noted as theirs."""
    HERE = "here"
    """It was brought before, word for word."""
    DIFFERS = "differs"
    """It was brought before and reads differently now. What is here stays: it has gone on since."""
    ERASED = "erased"
    """It was brought before, and its person has been erased since. They stay so."""
    AT_FAULT = "at_fault"
    """It can't come in."""


COMES = (Standing.NEW, Standing.MATCHED)
"""Lines that change something here."""


class Entrance(StrEnum):
    """How far somebody had come in elsewhere."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
