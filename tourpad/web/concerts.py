"""A concert as members see it, shared by the routes that show it."""

from datetime import date, datetime
from uuid import UUID

from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.concerts import rules
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.states import ConcertState
from tourpad.core.places import distance_band
from tourpad.web.shapes import Output
from tourpad.web.times import write_time


class PlayerRef(Output):
    """Who plays."""

    id: UUID
    stage_name: str
    genres: list[str]


class VenueRef(Output):
    """Where, as far as members may know: never a street, and distances in bands."""

    venue_name: str
    city: str
    state: str


class ConcertOut(Output):
    """A concert as members see it."""

    id: UUID
    status: ConcertState
    title: str
    artist: PlayerRef
    host: VenueRef
    date: date
    start_time: str
    end_time: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    distance: str | None
    """From the town that the search names, in words like `10 to 25 miles`."""
    max_capacity: int
    seats_taken: int
    seats_left: int
    minimum_attendance: int
    """With fewer people there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_by: datetime | None
    """Until when so many must have seats; null without a minimum."""
    minimum_reached_at: datetime | None
    """From then on seats are paid."""
    door_fee_cents: int
    """What each guest pays; 0 where they pay what they can."""
    door_mode: DoorMode
    door_minimum_cents: int
    """What each guest pays at least, where they pay what they can."""
    door_suggested_cents: int
    door_policy: Policy
    """What guests get back who give seats back, for parties that are approved from now on."""
    currency: str
    requires_approval: bool
    is_private: bool
    advance_tickets_available: bool


def concert_out(view: ConcertView) -> ConcertOut:
    """Shape one concert for a list."""
    concert, sides = view.concert, view.sides
    taken = rules.seats_taken(concert.seats_taken, concert.state)
    return ConcertOut(
        id=concert.id,
        status=concert.state,
        title=concert.title,
        artist=PlayerRef(id=sides.artist_id, stage_name=sides.stage_name, genres=view.genres),
        host=VenueRef(venue_name=sides.venue_name, city=sides.city, state=sides.region),
        date=concert.date,
        start_time=write_time(concert.start_time),
        end_time=write_time(concert.end_time),
        time_zone=concert.time_zone,
        starts_at=concert.starts_at,
        ends_at=concert.ends_at,
        distance=None if view.miles is None else distance_band(view.miles),
        max_capacity=concert.max_capacity,
        seats_taken=taken,
        seats_left=concert.max_capacity - taken,
        minimum_attendance=concert.minimum_attendance,
        minimum_by=concert.minimum_by,
        minimum_reached_at=concert.minimum_reached_at,
        door_fee_cents=concert.door_fee_cents,
        door_mode=concert.door_mode,
        door_minimum_cents=concert.door_minimum_cents,
        door_suggested_cents=concert.door_suggested_cents,
        door_policy=concert.door_policy,
        currency=concert.currency,
        requires_approval=concert.requires_approval,
        is_private=concert.is_private,
        advance_tickets_available=concert.advance_tickets_available,
    )
