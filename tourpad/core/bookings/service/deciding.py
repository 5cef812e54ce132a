"""A booking becomes a show: confirmed once the fee is secured, completed once it was played."""

from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.errors import FeeNotSecured, TooEarly
from tourpad.core.bookings.events import BookingCompleted, BookingConfirmed
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.money import Money
from tourpad.core.work import Work


def confirm(work: Work, *, booking_id: UUID, user_id: UUID | None) -> Booking:
    """Confirm what both have agreed on. Safe to repeat.

    A booking with a fee is confirmed by the payment itself; this answers it once that has happened, and confirms what
    costs nothing.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: a side of it; null for the platform itself.

    Raises:
        NotFoundError: no such booking of this person.
        FeeNotSecured: the host has not paid.
        DateTaken: another booking got the date first.
        IllegalMoveError: it is not agreed, or over.
    """
    booking, side = _load(work, booking_id, user_id)
    if booking.state in queries.HELD:
        return booking
    if booking.approved_at is not None and booking.state in (BookingState.APPROVED, BookingState.EXPIRED):
        steps.check_still_free(work, booking, queries.sides_of(work, booking), speaker=side)
    if booking.state is BookingState.APPROVED and booking.artist_fee_cents:
        fee = Money(booking.artist_fee_cents, booking.currency)
        raise FeeNotSecured(
            f"The host has not paid the fee of {fee} yet, or Stripe has not told us of it.",
            hint="The host pays it: POST /api/payments/create-intent with paymentType booking and this bookingId. "
            "Once it has arrived the booking confirms by itself.",
            amount_cents=fee.cents,
        )
    secure(work, booking, speaker=side)
    return booking


def secure(work: Work, booking: Booking, *, speaker: Side | None = None) -> None:
    """Confirm a locked booking whose fee is paid, or that has none. The database decides who gets the date.

    Raises:
        DateTaken: another booking of the artist or the host got it first; nothing is changed.
        IllegalMoveError: it is not agreed, or over.
    """
    sides = queries.sides_of(work, booking)
    with steps.translated(work, sides, booking.requested_date, speaker=speaker, hint=steps.OVERTAKEN):
        steps.end(work, booking, BookingState.CONFIRMED)
        booking.confirmed_at = work.now
        work.session.flush()
    work.audit("booking.confirm", target_type="booking", target_id=booking.id)
    work.emit(BookingConfirmed(booking_id=booking.id))


def complete(work: Work, *, booking_id: UUID, user_id: UUID | None) -> Booking:
    """The show was played. Safe to repeat.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: a side of it; null for the platform itself (the job that watches the clock).

    Raises:
        NotFoundError: no such booking of this person.
        TooEarly: the show is not over.
        IllegalMoveError: it is not confirmed.
    """
    booking, _ = _load(work, booking_id, user_id)
    if booking.state is BookingState.COMPLETED:
        return booking
    ends_at = booking.ends_at
    if booking.state is BookingState.CONFIRMED and work.now < ends_at:
        raise TooEarly("The show is not over yet.", ends_at=ends_at.isoformat())
    steps.end(work, booking, BookingState.COMPLETED)
    booking.completed_at = work.now
    work.audit("booking.complete", target_type="booking", target_id=booking.id)
    work.emit(BookingCompleted(booking_id=booking.id))
    return booking


def _load(work: Work, booking_id: UUID, user_id: UUID | None) -> tuple[Booking, Side | None]:
    booking = queries.get_for_update(work, booking_id)
    if user_id is None:
        return booking, None
    side = queries.sides_of(work, booking).side_of(user_id)
    if side is None:
        raise queries.unknown()
    return booking, side
