"""What the host owes for a booking."""

from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.errors import ForbiddenError
from tourpad.core.money import Money
from tourpad.core.payments.errors import AlreadyPaidError, NothingOwedError
from tourpad.core.payments.rules import Due
from tourpad.core.payments.states import PaymentKind
from tourpad.core.work import Work


def what_is_owed(work: Work, *, booking_id: UUID, user_id: UUID) -> Due:
    """The artist's fee of a booking that both have agreed on.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: who wants to pay.

    Raises:
        NotFoundError: no such booking of this person.
        ForbiddenError: the artist does not pay.
        AlreadyPaidError: the fee is secured.
        NothingOwedError: it is not agreed (any more), or free.
        DateTaken: another booking got the date; it would only be refunded.
    """
    view = queries.get_view(work, booking_id)
    booking, sides = view.booking, view.sides
    side = sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    if side is Side.ARTIST:
        raise ForbiddenError("The host pays the fee, not the artist.")
    if booking.state in queries.HELD and booking.artist_fee_cents:
        raise AlreadyPaidError("The fee is paid, and the date is held.")
    if booking.state is not BookingState.APPROVED or booking.artist_fee_cents == 0:
        raise NothingOwedError(
            f"Nothing is to be paid: the booking is {booking.state}"
            + (" and costs nothing." if booking.artist_fee_cents == 0 else "."),
            hint="POST /api/bookings/{id}/confirm confirms what costs nothing."
            if booking.state is BookingState.APPROVED
            else "A fee is paid once both sides have agreed.",
            state=booking.state,
        )
    if booking.respond_by is not None and work.now >= booking.respond_by:
        raise NothingOwedError("The time to pay has run out.", hint="Ask the artist to ask again.")
    steps.check_still_free(work, booking, sides, speaker=side)
    return Due(
        kind=PaymentKind.BOOKING,
        reference_type="booking",
        reference_id=booking.id,
        concert_id=booking.concert_id,
        amount=Money(booking.artist_fee_cents, booking.currency),
        description=f"Fee of {sides.stage_name} for {booking.requested_date.day} {booking.requested_date:%B %Y}",
    )
