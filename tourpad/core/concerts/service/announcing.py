"""A confirmed booking becomes a concert."""

from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.moments import local_clock, local_today
from tourpad.core.concerts.events import ConcertAnnounced
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.service import search
from tourpad.core.concerts.states import ConcertState
from tourpad.core.work import Work


def announce(work: Work, *, booking_id: UUID) -> Concert:
    """Make the concert of a confirmed booking; its id is the one that the booking has kept for it."""
    view = bookings.get_view(work, booking_id)
    booking, sides = view.booking, view.sides
    starts_at, zone = booking.starts_at, booking.time_zone
    ends_at = booking.ends_at
    concert = Concert(
        id=booking.concert_id,
        booking_id=booking.id,
        artist_id=booking.artist_id,
        host_id=booking.host_id,
        state=ConcertState.SCHEDULED,
        title=sides.title,
        # As clocks there will show it: a time that they skip in spring is moved forward.
        date=local_today(starts_at, zone),
        start_time=local_clock(starts_at, zone),
        end_time=local_clock(ends_at, zone),
        time_zone=zone,
        starts_at=starts_at,
        ends_at=ends_at,
        # What was agreed must fit, whatever the host's profile says meanwhile.
        max_capacity=max(sides.capacity, booking.expected_attendance),
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
