"""Shows as papers name them, and their seats."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import Side
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import HOLDS_SEATS
from tourpad.core.hosts.models import Host
from tourpad.core.papers.sheets import ShowRef
from tourpad.core.payments.models import Payment
from tourpad.core.payouts.models import SettlementLine
from tourpad.core.payouts.states import LineKind
from tourpad.core.values import Value
from tourpad.core.work import Work


class ShowFacts(Value):
    """A show as both sides may know it."""

    show: ShowRef
    host: str
    """What the venue is called."""
    artist_user_id: UUID
    host_user_id: UUID


class Seats(Value):
    """Parties that have seats and have not paid."""

    parties: int
    guests: int
    promised_cents: int
    """What was promised for them, where it was already."""


class SettledLine(Value):
    """One amount of one side."""

    kind: LineKind
    cents: int
    description: str


def shows(work: Work, concert_ids: Iterable[UUID]) -> dict[UUID, ShowFacts]:
    """Shows by the ids of their pots; those whose booking never became a concert, too."""
    rows = work.session.execute(
        select(
            Booking.concert_id,
            func.coalesce(Concert.date, Booking.requested_date),
            Artist.stage_name,
            Host.city,
            Host.state,
            Host.venue_name,
            Artist.user_id,
            Host.user_id,
        )
        .select_from(Booking)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .outerjoin(Concert, Concert.id == Booking.concert_id)
        .where(Booking.concert_id.in_(list(concert_ids)))
    )
    return {
        concert_id: ShowFacts(_ref(concert_id, day, artist, city, region), venue, artist_user, host_user)
        for concert_id, day, artist, city, region, venue, artist_user, host_user in rows
    }


def _ref(concert_id: UUID, day: date, artist: str, city: str, region: str) -> ShowRef:
    return ShowRef(concert_id, day, artist, f"{city} {region}")


def seats_of_payments(work: Work, payment_ids: Iterable[UUID]) -> int:
    """How many guests the requests for seats are for that some payments were made for."""
    return int(
        work.session.scalar(
            select(func.coalesce(func.sum(Rsvp.guests_count), 0))
            .join(Payment, (Payment.reference_id == Rsvp.id) & (Payment.reference_type == "rsvp"))
            .where(Payment.id.in_(list(payment_ids)))
        )
        or 0
    )


def lines_of_settlement(work: Work, settlement_id: UUID) -> dict[Side, list[SettledLine]]:
    """The lines of one settlement, by side, in their order."""
    rows = work.session.execute(
        select(SettlementLine.side, SettlementLine.kind, SettlementLine.amount_cents, SettlementLine.description)
        .where(SettlementLine.settlement_id == settlement_id)
        .order_by(SettlementLine.position)
    )
    found: dict[Side, list[SettledLine]] = {}
    for side, kind, cents, description in rows:
        found.setdefault(side, []).append(SettledLine(kind, cents, description))
    return found


def unpaid_seats(work: Work, concert_id: UUID, *, price_cents: int) -> Seats:
    """Parties that have seats and have not paid; what is not promised yet is counted at the price of a guest."""
    due = case((Rsvp.fee_cents > 0, Rsvp.fee_cents), else_=Rsvp.guests_count * price_cents)
    parties, guests, cents = work.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Rsvp.guests_count), 0),
            func.coalesce(func.sum(due), 0),
        ).where(Rsvp.concert_id == concert_id, Rsvp.state.in_(HOLDS_SEATS), Rsvp.paid_at.is_(None))
    ).one()
    return Seats(int(parties), int(guests), int(cents))
