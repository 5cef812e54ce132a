"""Bookings that were made, kept and paid in another system: on record here, and nothing is owed for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.errors import DateTaken
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.service.requesting import CURRENCY
from tourpad.core.bookings.states import BookingState, CancelledBy
from tourpad.core.bookings.terms import Terms
from tourpad.core.ids import new_id
from tourpad.core.values import replace
from tourpad.core.work import Work

OVER = (BookingState.COMPLETED, BookingState.CANCELLED, BookingState.REJECTED, BookingState.EXPIRED)
"""Only what is over can be brought: what is still open here would ask for money and for answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a booking elsewhere, and when."""

    state: BookingState
    requested_at: datetime | None = None
    """The end of the show where nobody knows; so are the instants at which it was confirmed and completed."""
    responded_at: datetime | None = None
    confirmed_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: CancelledBy | None = None
    cancel_reason: str | None = None
    message: str | None = None
    artist_response: str | None = None
    host_response: str | None = None


def bring(work: Work, *, artist_id: UUID, host_id: UUID, terms: Terms, course: Course, source: str) -> Booking:
    """Write down a booking that is over. It has no offers, is signed by nobody here, and its money was never here.

    Args:
        work: the unit of work.
        artist_id: an artist's profile.
        host_id: a host's.
        terms: what was agreed on; as many people fit as the host says, or as were expected.
        course: what became of it; its state is one of `OVER`.
        source: what the other system is called.

    Raises:
        DateTaken: one of both has another show on that day.
    """
    sides = queries.sides(work, artist_id=artist_id, host_id=host_id)
    if course.state not in OVER:
        msg = f"a booking that is {course.state} is not over"
        raise ValueError(msg)
    taken = queries.whose_date_is_taken(work, day=terms.date, artist_id=artist_id, host_id=host_id)
    if course.state is BookingState.COMPLETED and taken is not None:
        raise DateTaken(f"One of both has another show on {terms.date}.")
    fits = max(terms.expected_attendance, sides.capacity, 1)
    booking = Booking(
        id=new_id(),
        concert_id=new_id(),
        artist_id=artist_id,
        host_id=host_id,
        currency=CURRENCY,
        brought_from=source,
        updated_at=work.now,
        **{name: getattr(course, name) for name in course.__slots__},
    )
    steps.put_in_force(booking, replace(terms, maximum_attendance=fits), number=1, time_zone=sides.time_zone)
    over = min(booking.ends_at, work.now)
    booking.requested_at = booking.created_at = course.requested_at or over
    if course.state is BookingState.COMPLETED:
        booking.confirmed_at = course.confirmed_at or booking.requested_at
        booking.completed_at = course.completed_at or over
    if course.state is BookingState.CANCELLED:
        booking.cancelled_at = course.cancelled_at or over
    work.add(booking)
    work.audit("booking.import", target_type="booking", target_id=booking.id, state=course.state.value, source=source)
    return booking
