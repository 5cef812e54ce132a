"""What a search of concerts may ask for."""

from datetime import date

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.states import ConcertSort
from tourpad.core.hosts.states import VenueType
from tourpad.core.places import Point
from tourpad.core.values import Value


class Search(Value):
    """What to look for; nothing given means every open concert. Places are compared by the public point only."""

    centre: Point | None = None
    radius_miles: float = 0
    start: date | None = None
    end: date | None = None
    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""
    text: str | None = None
    """Every word must stand in title, artist, venue, town, state or genres, or be like one there."""
    venue_types: tuple[VenueType, ...] = ()
    states: tuple[str, ...] = ()
    """Of the United States, two letters; any of these."""
    price_max_cents: int | None = None
    """At most so much for each guest; where they pay what they can, the least of it counts."""
    door_modes: tuple[DoorMode, ...] = ()
    seats: int | None = None
    """So many are still free."""
    sort: ConcertSort | None = None
    """Unless given: by relevance for a text, else by date."""

    @property
    def order(self) -> ConcertSort:
        """The order that is meant."""
        return self.sort or (ConcertSort.RELEVANCE if self.text else ConcertSort.DATE)

    @property
    def needs_facts(self) -> bool:
        """Whether place, day, music and the artist's stars do not tell all of it."""
        asked = self.text is not None or self.price_max_cents is not None
        return asked or bool(self.venue_types or self.states or self.door_modes) or self.order is ConcertSort.RELEVANCE
