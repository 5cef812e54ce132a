"""A confirmed booking becomes a concert."""

from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.moments import local_clock, local_today
from tourpad.core.bookings.rules import minimum_by
from tourpad.core.concerts.events import ConcertAnnounced
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.service import search
from tourpad.core.concerts.states import ConcertState
from tourpad.core.work import Work


def announce(work: Work, *, booking_id: UUID) -> Concert:
    """Make the concert of a confirmed booking; its id is the one that the booking has kept for it."""
    view = bookings.get_view(work, booking_id)
    booking, sides = view.booking, view.sides
    concert = Concert(
        id=booking.concert_id,
        booking_id=booking.id,
        artist_id=booking.artist_id,
        host_id=booking.host_id,
        state=ConcertState.SCHEDULED,
        title=sides.title,
        **when(booking),
        minimum_attendance=booking.minimum_attendance,
        max_capacity=booking.maximum_attendance,
        seats_taken=0,
        door_fee_cents=booking.door_fee_cents,
        door_mode=booking.door_mode,
        door_minimum_cents=booking.door_minimum_cents,
        door_suggested_cents=booking.door_suggested_cents,
        door_policy=booking.door_policy,
        currency=booking.currency,
        advance_tickets_available=True,
        is_private=False,
        requires_approval=True,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(concert)
    search.refresh(work, concert)
    work.audit("concert.announce", target_type="concert", target_id=concert.id)
    work.emit(ConcertAnnounced(concert_id=concert.id))
    return concert


def when(booking: Booking) -> dict[str, Any]:
    """When a booking's show is, and until when its minimum must be reached, by the names of `Concert`."""
    starts_at, ends_at, zone = booking.starts_at, booking.ends_at, booking.time_zone
    return {
        # As clocks there will show it: a time that they skip in spring is moved forward.
        "date": local_today(starts_at, zone),
        "start_time": local_clock(starts_at, zone),
        "end_time": local_clock(ends_at, zone),
        "time_zone": zone,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minimum_by": minimum_by(starts_at, booking.minimum_notice_days) if booking.minimum_attendance else None,
    }
