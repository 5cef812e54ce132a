"""A person goes for good: not while the other side counts on them, and then without their words."""

from uuid import UUID

from sqlalchemy import update

from tourpad.core.bookings import queries
from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.work import Work


def refuse_erasure(work: Work, *, user_id: UUID) -> None:
    """Object while a booking of this person is open or confirmed.

    Raises:
        ErasureRefused: saying how many there are.
    """
    count = queries.count_standing(work, user_id)
    if count:
        raise ErasureRefused(f"{count} booking{'s are' if count > 1 else ' is'} open or confirmed", "cancel them first")


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank what was said in bookings with this person; dates and amounts stay.

    The words of both sides go: what one side wrote is about the other.
    """
    ids = queries.ids_of(work, user_id)
    work.session.execute(
        update(Booking)
        .where(Booking.id.in_(ids))
        .values(
            message=None,
            artist_response=None,
            host_response=None,
            lodging_details={},
            house_rules=None,
            cancel_reason=None,
        )
    )
    work.session.execute(
        update(Offer).where(Offer.booking_id.in_(ids)).values(message=None, lodging_details={}, house_rules=None)
    )
    # That they signed what, and when, stays with the money that was paid by it; the name does not.
    work.session.execute(
        update(BookingSignature).where(BookingSignature.user_id == user_id).values(name=None, address=None)
    )
