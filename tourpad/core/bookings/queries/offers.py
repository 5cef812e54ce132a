"""Versions of the terms, and who has signed them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.bookings.states import BookingState, OfferState
from tourpad.core.work import Work


def offers(work: Work, booking_id: UUID) -> list[Offer]:
    """All versions of the terms, the first one first."""
    return list(work.session.scalars(select(Offer).where(Offer.booking_id == booking_id).order_by(Offer.number)))


def open_offer(work: Work, booking_id: UUID) -> Offer | None:
    """The version that waits for an answer."""
    return work.session.scalar(select(Offer).where(Offer.booking_id == booking_id, Offer.state == OfferState.OPEN))


def proposals(work: Work, bookings: Iterable[Booking]) -> dict[UUID, Offer]:
    """Other dates that wait for an answer, by booking: of those that are confirmed. No query where nobody is asked."""
    asked = [one.id for one in bookings if one.state is BookingState.CONFIRMED and one.turn is not None]
    if not asked:
        return {}
    found = work.session.scalars(select(Offer).where(Offer.booking_id.in_(asked), Offer.state == OfferState.OPEN))
    return {offer.booking_id: offer for offer in found}


def last_number(work: Work, booking_id: UUID) -> int:
    """Of the latest version."""
    return work.session.scalars(select(func.max(Offer.number)).where(Offer.booking_id == booking_id)).one()


def signatures(work: Work, booking_id: UUID) -> list[BookingSignature]:
    """Who put their name under which version, in that order."""
    return list(
        work.session.scalars(
            select(BookingSignature)
            .where(BookingSignature.booking_id == booking_id)
            .order_by(BookingSignature.number, BookingSignature.signed_at, BookingSignature.id)
        )
    )


def present_offer(work: Work, booking: Booking) -> Offer:
    """The version in force."""
    return work.session.scalars(
        select(Offer).where(Offer.booking_id == booking.id, Offer.number == booking.offer_number)
    ).one()
