"""Versions of the terms, and who has signed them."""

from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.bookings.states import OfferState
from tourpad.core.work import Work


def offers(work: Work, booking_id: UUID) -> list[Offer]:
    """All versions of the terms, the first one first."""
    return list(work.session.scalars(select(Offer).where(Offer.booking_id == booking_id).order_by(Offer.number)))


def open_offer(work: Work, booking_id: UUID) -> Offer | None:
    """The version that waits for an answer."""
    return work.session.scalar(select(Offer).where(Offer.booking_id == booking_id, Offer.state == OfferState.OPEN))


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
