"""Calling a booking off: withdrawing what is open, cancelling what is confirmed."""

from datetime import timedelta
from uuid import UUID

from tourpad.core.bookings import policies, queries, rules
from tourpad.core.bookings.errors import TooLate
from tourpad.core.bookings.events import BookingCancelled
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import MOVES, BookingState, CancelledBy, Side
from tourpad.core.fields import Fields
from tourpad.core.money import Money
from tourpad.core.payments import queries as payments_of
from tourpad.core.payments import service as payments
from tourpad.core.payments.models import Payment
from tourpad.core.payments.quotes import Part, Quote
from tourpad.core.payments.rules import left_of
from tourpad.core.payments.states import PaymentKind
from tourpad.core.states import check_move
from tourpad.core.values import Value
from tourpad.core.work import Work


class Cancellation(Value):
    """What calling a booking off comes to, before or after it is done."""

    booking: Booking
    by: CancelledBy
    paid: Money
    """What the host had paid of the fee."""
    refund: Money
    """What of it goes back to the host."""
    quote: Quote
    """All of it: the fee, and the door fees of the concert that it became."""


def preview_cancellation(work: Work, *, booking_id: UUID, user_id: UUID | None) -> Cancellation:
    """What calling it off would come to; nothing is changed. Arguments and refusals are those of `cancel`."""
    booking = queries.get_view(work, booking_id).booking
    judged = _judge(work, booking, queries.sides_of(work, booking), user_id)[0]
    check_move(MOVES, entity="booking", now=booking.state, to=BookingState.CANCELLED)
    return judged


def cancel(
    work: Work, *, booking_id: UUID, user_id: UUID | None, reason: str | None = None, quote_id: str | None = None
) -> Cancellation:
    """Call a booking off. What the host gets back of the fee follows the policy that was agreed on (`policies`).

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: a side of it; null for the platform (an admin where an admin acts, else the system).
        reason: for the other side to read.
        quote_id: of the quote that was shown before; None where none was.

    Raises:
        NotFoundError: no such booking of this person.
        QuoteChangedError: it would come to something else than what was shown.
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
    check_move(MOVES, entity="booking", now=booking.state, to=BookingState.CANCELLED)
    cancellation.quote.check(quote_id)
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
    payment = queries.arrived_payment(work, booking.id) if booking.state is BookingState.CONFIRMED else None
    fee, paid = None, Money(0, booking.currency)
    if payment is not None:
        paid = Money(payment.amount_cents, payment.currency)
        fee = _fee_part(booking, sides, payment, by=by, notice=starts_at - work.now)
    quote = _quote(work, booking, by=by, fee=fee, payment=payment)
    return Cancellation(booking, by, paid, fee.back if fee else Money(0, booking.currency), quote), payment


def _fee_part(booking: Booking, sides: Sides, payment: Payment, *, by: CancelledBy, notice: timedelta) -> Part:
    """What becomes of the artist's fee."""
    kind, left = PaymentKind.BOOKING, left_of(payment)
    paid = Money(payment.amount_cents, payment.currency)
    back = min(policies.goes_back(kind=kind, policy=booking.fee_policy, by=by, paid=paid, notice=notice), left)
    if by is policies.PAYER[kind]:
        why = f"the artist's fee, {booking.fee_policy}: {policies.in_words(kind, booking.fee_policy)}"
    else:
        why = "the artist's fee: all of it, as the host did not call it off"
    return Part(
        role="host",
        to=sides.venue_name,
        payments=1,
        paid=left,
        back=back,
        stays_with=sides.stage_name if back < left else None,
        why=why,
    )


def _quote(work: Work, booking: Booking, *, by: CancelledBy, fee: Part | None, payment: Payment | None) -> Quote:
    """The whole of it. Whoever paid at the door gets everything back, whoever calls the show off."""
    parts = [fee] if fee else []
    fees = payment.fee_cents or 0 if payment and fee and not fee.stays else 0
    if booking.state is not BookingState.CONFIRMED:
        return Quote(subject_type="booking", subject_id=booking.id, by=by.value, currency=booking.currency)
    door = payments_of.door_of(work, booking.concert_id)
    if door.payments:
        left = Money(door.left_cents, booking.currency)
        parts.append(
            Part(
                role="guests",
                to=f"{door.payments} part{'y' if door.payments == 1 else 'ies'}",
                payments=door.payments,
                paid=left,
                back=left,
                stays_with=None,
                why="door fees: all of them, as there is no show",
            )
        )
    kind = PaymentKind.BOOKING
    binds = fee is not None and by is policies.PAYER[kind]  # everybody else always gets all of it back
    return Quote(
        subject_type="booking",
        subject_id=booking.id,
        by=by.value,
        currency=booking.currency,
        parts=tuple(parts),
        fees=Money(fees + door.fee_cents, booking.currency),
        at_banks=Money(door.disputed_cents, booking.currency),
        less_from=policies.less_from(
            kind=kind, policy=booking.fee_policy, by=by, starts_at=booking.starts_at, now=work.now
        )
        if binds
        else None,
    )


def _by(work: Work, sides: Sides, user_id: UUID | None) -> CancelledBy:
    if user_id is None:
        return CancelledBy.ADMIN if work.actor.is_admin else CancelledBy.SYSTEM
    side = sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    return CancelledBy.ARTIST if side is Side.ARTIST else CancelledBy.HOST
