"""How reliable somebody is, counted from what happened: offers they had to answer, shows they had agreed on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import extract, func, select

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.states import ANSWERED, CancelledBy, OfferState, Side
from tourpad.core.hosts.models import Host
from tourpad.core.values import Value
from tourpad.core.work import Work


class Record(Value):
    """Counts of one side since an instant."""

    asked: int
    """Offers of others that they answered, or let run out. Those that were withdrawn before count for nobody."""
    answered: int
    median_seconds: float | None
    """From the offer to the answer."""
    confirmed: int
    """Shows whose date was held."""
    cancelled: int
    """Of them, called off by this side."""


def record_of(work: Work, side: Side, profile_id: UUID, *, since: datetime) -> Record:
    """What one artist or host has done with what others asked of them. Two queries."""
    whose = (Booking.artist_id if side is Side.ARTIST else Booking.host_id) == profile_id
    answered = Offer.state.in_(ANSWERED)
    took = extract("epoch", Offer.answered_at - Offer.created_at)
    offers = work.session.execute(
        select(
            func.count(),
            func.count().filter(answered),
            func.percentile_cont(0.5).within_group(took).filter(answered),
        )
        .select_from(Offer)
        .join(Booking, Booking.id == Offer.booking_id)
        .where(
            whose,
            Offer.made_by == side.other,
            Offer.state.in_((*ANSWERED, OfferState.EXPIRED)),
            Offer.created_at >= since,
        )
    ).one()
    shows = work.session.execute(
        select(func.count(), func.count().filter(Booking.cancelled_by == CancelledBy(side.value)))
        .select_from(Booking)
        .where(whose, Booking.confirmed_at >= since, Booking.brought_from.is_(None))
    ).one()
    return Record(offers[0], offers[1], None if offers[2] is None else float(offers[2]), shows[0], shows[1])


def profile_of(work: Work, user_id: UUID) -> tuple[Side, UUID] | None:
    """Which side a person is on, and their profile there."""
    artist = work.session.scalar(select(Artist.id).where(Artist.user_id == user_id))
    if artist is not None:
        return Side.ARTIST, artist
    host = work.session.scalar(select(Host.id).where(Host.user_id == user_id))
    return None if host is None else (Side.HOST, host)
