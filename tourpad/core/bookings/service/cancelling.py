"""Calling a booking off: withdrawing what is open, cancelling what is confirmed."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import TooLate
from tourpad.core.bookings.events import BookingCancelled
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import BookingState, CancelledBy, Side
from tourpad.core.fields import Fields
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.payments.models import Payment
from tourpad.core.work import Work


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What calling a booking off comes to, before or after it is done."""

    booking: Booking
    by: CancelledBy
    paid: Money
    """What the host had paid of the fee."""
    refund: Money
    """What of it goes back to the host."""


def preview_cancellation(work: Work, *, booking_id: UUID, user_id: UUID | None) -> Cancellation:
    """What calling it off would come to; nothing is changed. Arguments and refusals are those of `cancel`."""
    booking = queries.get_view(work, booking_id).booking
    return _judge(work, booking, queries.sides_of(work, booking), user_id)[0]


def cancel(work: Work, *, booking_id: UUID, user_id: UUID | None, reason: str | None = None) -> Cancellation:
    """Call a booking off. What the host gets back follows the policy (`rules.cancellation_refund`).

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: a side of it; null for the platform (an admin where an admin acts, else the system).
        reason: for the other side to read.

    Raises:
        NotFoundError: no such booking of this person.
        TooLate: the show has begun, and only an admin can still call it off.
        IllegalMoveError: it is over, or was called off before.
        InvalidInputError: the reason is too long.
    """
    found = Fields()
    text = rules.clean_text(found, "reason", reason)
    found.done()
    booking = queries.get_for_update(work, booking_id)
    sides = queries.sides_of(work, booking)
    cancellation, payment = _judge(work, booking, sides, user_id)
    was = steps.end(work, booking, BookingState.CANCELLED)
    booking.cancelled_at = work.now
    booking.cancelled_by = cancellation.by
    booking.cancel_reason = text
    if payment is not None and cancellation.refund:
        payments.plan_refund(
            work, payment_id=payment.id, amount=cancellation.refund, reason="the booking was cancelled"
        )
    work.audit(
        "booking.cancel",
        target_type="booking",
        target_id=booking.id,
        reason=text,
        by=cancellation.by,
        refund_cents=cancellation.refund.cents,
    )
    work.emit(
        BookingCancelled(booking_id=booking.id, was=was, by=cancellation.by, refund_cents=cancellation.refund.cents)
    )
    return cancellation


def _judge(work: Work, booking: Booking, sides: Sides, user_id: UUID | None) -> tuple[Cancellation, Payment | None]:
    """Who calls it off, whether they may, and what goes back of which payment."""
    by = _by(work, sides, user_id)
    starts_at = booking.starts_at
    if (
        booking.state is BookingState.CONFIRMED
        and by in (CancelledBy.ARTIST, CancelledBy.HOST)
        and work.now >= starts_at
    ):
        raise TooLate("The show has begun; it can’t be called off any more.", hint="Write to us if it broke off.")
    nothing = Money(0, booking.currency)
    payment = queries.arrived_payment(work, booking.id) if booking.state is BookingState.CONFIRMED else None
    if payment is None:
        return Cancellation(booking, by, nothing, nothing), None
    paid = Money(payment.amount_cents, payment.currency)
    left = Money(payment.amount_cents - payment.refunded_cents, payment.currency)
    refund = min(rules.cancellation_refund(paid=paid, notice=starts_at - work.now, by=by), left)
    return Cancellation(booking, by, paid, refund), payment


def _by(work: Work, sides: Sides, user_id: UUID | None) -> CancelledBy:
    if user_id is None:
        return CancelledBy.ADMIN if work.actor.is_admin else CancelledBy.SYSTEM
    side = sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    return CancelledBy.ARTIST if side is Side.ARTIST else CancelledBy.HOST
