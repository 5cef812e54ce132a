"""What a settlement is computed from."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.states import CancelledBy, Side
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.states import ConcertState
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import Host
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.payments.models import Payment, Refund
from tourpad.core.payments.states import PaymentKind, PaymentState, RefundState
from tourpad.core.payouts.models import Settlement
from tourpad.core.values import Value
from tourpad.core.work import Work

IN_POT = (
    PaymentState.COMPLETED,
    PaymentState.PARTLY_REFUNDED,
    PaymentState.REFUNDED,
    PaymentState.DISPUTED,
)
"""Payments whose money has arrived."""


class Terms(Value):
    """The accepted offer of a concert, and whose it is."""

    artist_user_id: UUID
    host_user_id: UUID
    offer_number: int
    offer_accepted_at: datetime | None
    artist_door_bps: int
    cancelled_by: CancelledBy | None
    brought_from: str | None
    """The system in which the show was played and paid; None for our own."""

    def user_of(self, side: Side) -> UUID:
        """The account of one side."""
        return self.artist_user_id if side is Side.ARTIST else self.host_user_id


class PotPayment(Value):
    """One payment of a concert's pot, and what is left of it."""

    payment_id: UUID
    kind: PaymentKind
    amount_cents: int
    refunded_cents: int
    lost_cents: int
    """Taken back by a dispute that was lost."""
    fee_cents: int | None
    charge_id: str | None

    @property
    def left_cents(self) -> int:
        """What has not gone back."""
        return self.amount_cents - self.refunded_cents - self.lost_cents


def lock_concert(work: Work, concert_id: UUID) -> Concert:
    """A concert, locked: two settlements of it come one after the other.

    Raises:
        NotFoundError: there is no such concert.
    """
    concert = work.session.scalar(
        select(Concert).where(Concert.id == concert_id).with_for_update().execution_options(populate_existing=True)
    )
    if concert is None:
        raise NotFoundError("There is no concert with this id.")
    return concert


def settlement_of(work: Work, concert_id: UUID) -> Settlement | None:
    """The settlement of a concert, where there is one."""
    return work.session.scalar(select(Settlement).where(Settlement.concert_id == concert_id))


def settlements_of(work: Work, concert_ids: Collection[UUID]) -> dict[UUID, Settlement]:
    """The settlements of several concerts, by concert."""
    rows = work.session.scalars(select(Settlement).where(Settlement.concert_id.in_(concert_ids)))
    return {row.concert_id: row for row in rows}


def terms_of(work: Work, concert_id: UUID) -> Terms:
    """The accepted terms of a concert."""
    row = work.session.execute(
        select(
            Artist.user_id,
            Host.user_id,
            Booking.offer_number,
            Offer.accepted_at,
            Booking.artist_door_bps,
            Booking.cancelled_by,
            Booking.brought_from,
        )
        .select_from(Concert)
        .join(Artist, Artist.id == Concert.artist_id)
        .join(Host, Host.id == Concert.host_id)
        .join(Booking, Booking.id == Concert.booking_id)
        .outerjoin(Offer, and_(Offer.booking_id == Booking.id, Offer.number == Booking.offer_number))
        .where(Concert.id == concert_id)
    ).one()
    return Terms(*row)


def pot_of(work: Work, concert_id: UUID) -> Sequence[PotPayment]:
    """Every payment of a concert that has arrived, in the order in which they came."""
    rows = work.session.execute(
        select(
            Payment.id,
            Payment.kind,
            Payment.amount_cents,
            Payment.refunded_cents,
            Payment.lost_cents,
            Payment.fee_cents,
            Payment.stripe_charge_id,
        )
        .where(Payment.concert_id == concert_id, Payment.state.in_(IN_POT))
        .order_by(Payment.completed_at, Payment.id)
    )
    return [PotPayment(*row) for row in rows]


def undecided(work: Work, concert_id: UUID, *, abandoned_before: datetime) -> int:
    """How many charges and refunds of a concert are still on their way.

    Args:
        work: the unit of work.
        concert_id: the concert.
        abandoned_before: a payment begun but not finished before that instant will not be finished any more
            (should it be, it is given back by itself).
    """
    charges = work.session.scalar(
        select(func.count())
        .select_from(Payment)
        .where(
            Payment.concert_id == concert_id,
            or_(
                and_(Payment.state == PaymentState.PENDING, Payment.updated_at >= abandoned_before),
                and_(Payment.state.in_(IN_POT), Payment.fee_cents.is_(None)),
            ),
        )
    )
    refunds = work.session.scalar(
        select(func.count())
        .select_from(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.concert_id == concert_id, Refund.state.in_((RefundState.PLANNED, RefundState.SENDING)))
    )
    return (charges or 0) + (refunds or 0)


def held_cents(work: Work, concert_id: UUID) -> int:
    """What the ledger holds for a concert, in cents."""
    return -int(
        work.session.scalar(
            select(func.coalesce(func.sum(Line.amount_cents), 0)).where(Line.account == f"held:{concert_id}")
        )
        or 0
    )


def to_settle(work: Work, *, limit: int) -> list[UUID]:
    """Concerts whose money waits to be divided: the played ones, and cancelled ones with money left.

    Those that were played elsewhere had theirs divided there.
    """
    settled = exists().where(Settlement.concert_id == Concert.id)
    left = (
        select(Journal.concert_id)
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.concert_id == Concert.id, Line.account == func.concat("held:", Concert.id))
        .group_by(Journal.concert_id)
        .having(func.sum(Line.amount_cents) != 0)
        .exists()
    )
    return list(
        work.session.scalars(
            select(Concert.id)
            .join(Booking, Booking.id == Concert.booking_id)
            .where(
                ~settled,
                Booking.brought_from.is_(None),
                or_(
                    Concert.state == ConcertState.COMPLETED,
                    and_(Concert.state == ConcertState.CANCELLED, left),
                ),
            )
            .order_by(Concert.ends_at, Concert.id)
            .limit(limit)
        )
    )
