"""Shows that were played elsewhere."""

from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service.announcing import when
from tourpad.core.concerts.states import ConcertState
from tourpad.core.work import Work


def bring(
    work: Work,
    *,
    booking_id: UUID,
    title: str | None = None,
    description: str | None = None,
    max_capacity: int | None = None,
    seats_taken: int | None = None,
    is_private: bool = False,
) -> Concert:
    """The show of a booking that was brought and had been completed; it is made where it is not there yet.

    Nobody has seats at it, nothing is paid for it, and no search finds it: it is over.

    Args:
        work: the unit of work.
        booking_id: the booking.
        title: what it was called; made of both names where nobody says.
        description: what was said of it.
        max_capacity: how many people fitted.
        seats_taken: how many came.
        is_private: whether only who was invited could see it.
    """
    view = bookings.get_view(work, booking_id)
    booking = view.booking
    concert = shows.find_by_booking(work, booking_id)
    if concert is None:
        concert = Concert(
            id=booking.concert_id,
            booking_id=booking.id,
            artist_id=booking.artist_id,
            host_id=booking.host_id,
            state=ConcertState.COMPLETED,
            title=view.sides.title,
            **when(booking),
            max_capacity=booking.maximum_attendance,
            seats_taken=0,
            door_fee_cents=booking.door_fee_cents,
            currency=booking.currency,
            completed_at=booking.completed_at,
            created_at=booking.created_at,
            updated_at=work.now,
        )
        work.add(concert)
        work.audit("concert.import", target_type="concert", target_id=concert.id)
    concert.title = title or concert.title
    concert.description = description or concert.description
    concert.max_capacity = max(max_capacity or concert.max_capacity, seats_taken or 0)
    concert.seats_taken = seats_taken or concert.seats_taken
    concert.is_private = is_private
    work.session.flush()
    return concert
