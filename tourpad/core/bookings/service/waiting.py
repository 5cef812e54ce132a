"""Time passes over open bookings: reminders, and ends. Called by jobs, one booking a transaction."""

from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.events import BookingExpired, BookingReminded
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.rules import Step
from tourpad.core.bookings.service import moving, steps
from tourpad.core.bookings.states import OPEN, BookingState, OfferState
from tourpad.core.money import Money
from tourpad.core.work import Work


def remind(work: Work, *, booking_id: UUID) -> bool:
    """Remind whoever has to answer or pay, if it is time and has not been done. Answers whether it was."""
    booking = queries.get_for_update(work, booking_id)
    offer = _waiting(work, booking)
    if _step(work, booking, offer) is not Step.REMIND:
        return False
    booking.reminded_at = work.now
    if booking.state is not BookingState.APPROVED:
        booking.respond_by = offer.expires_at
    booking.updated_at = work.now
    work.emit(BookingReminded(booking_id=booking.id))
    return True


def expire(work: Work, *, booking_id: UUID) -> bool:
    """End what has waited too long, or whose date another booking got. Answers whether anything was ended.

    Of a confirmed booking it is the proposal of another date that ends; the show stays as it was.
    """
    booking = queries.get_for_update(work, booking_id)
    if booking.state not in (*OPEN, BookingState.CONFIRMED):
        return False
    if _step(work, booking, _waiting(work, booking)) is Step.EXPIRE:
        if booking.state is BookingState.CONFIRMED:
            moving.close(work, booking, OfferState.EXPIRED, by=None)
            return True
        end_by_time(work, booking, date_taken=False)
        return True
    if booking.state is BookingState.APPROVED and queries.whose_date_is_taken(
        work,
        day=booking.requested_date,
        artist_id=booking.artist_id,
        host_id=booking.host_id,
        besides=booking.id,
    ):
        end_by_time(work, booking, date_taken=True)
        return True
    return False


def end_by_time(work: Work, booking: Booking, *, date_taken: bool) -> None:
    """Expire a locked booking, and have both sides told."""
    was = steps.end(work, booking, BookingState.EXPIRED, offer=OfferState.EXPIRED)
    work.audit(
        "booking.expire",
        target_type="booking",
        target_id=booking.id,
        reason="another booking got the date" if date_taken else None,
        was=was,
    )
    work.emit(BookingExpired(booking_id=booking.id, was=was, date_taken=date_taken))


def _waiting(work: Work, booking: Booking) -> Offer:
    """The offer that waits, or else the one that both agreed on."""
    return queries.open_offer(work, booking.id) or queries.present_offer(work, booking)


def _step(work: Work, booking: Booking, offer: Offer) -> Step:
    return rules.next_step(
        state=booking.state,
        now=work.now,
        made_at=offer.created_at,
        expires_at=offer.expires_at,
        respond_by=booking.respond_by,
        asks=booking.turn is not None,
        reminded=booking.reminded_at is not None,
        fee=Money(booking.artist_fee_cents, booking.currency),
    )
