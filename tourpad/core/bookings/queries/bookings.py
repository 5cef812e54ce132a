"""Bookings: one, lists of them, whom they are between, what was paid, and those whose time has come."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.rules import FEE_REMINDER
from tourpad.core.bookings.states import OPEN, BookingState, Side
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import PaymentState
from tourpad.core.values import Value
from tourpad.core.work import Work

HELD = (BookingState.CONFIRMED, BookingState.COMPLETED)
"""These hold their date, for the artist and for the host."""

ARRIVED = (PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED)
"""Payments whose money is here and may go back. A disputed one's is with the bank."""


class Sides(Value):
    """Who a booking is between, as far as both sides may know."""

    artist_id: UUID
    artist_user_id: UUID
    stage_name: str
    host_id: UUID
    host_user_id: UUID
    venue_name: str
    city: str
    region: str
    """Two letters."""
    time_zone: str
    indoor_capacity: int
    outdoor_capacity: int

    @property
    def capacity(self) -> int:
        """How many people fit: indoors or outdoors, whichever holds more. A show is in one of them."""
        return max(self.indoor_capacity, self.outdoor_capacity)

    @property
    def title(self) -> str:
        """What a show of theirs is called unless somebody calls it something else."""
        return f"{self.stage_name} at {self.venue_name}, {self.city}"

    def side_of(self, user_id: UUID | None) -> Side | None:
        """Which side a person is, if any."""
        if user_id == self.artist_user_id:
            return Side.ARTIST
        return Side.HOST if user_id == self.host_user_id else None

    def user_of(self, side: Side) -> UUID:
        """The account of a side."""
        return self.artist_user_id if side is Side.ARTIST else self.host_user_id

    def name_of(self, side: Side) -> str:
        """What a side is called in public."""
        return self.stage_name if side is Side.ARTIST else self.venue_name


class Candidates(Value):
    """An artist and a host who might book, and whether each takes part at present."""

    sides: Sides
    artist_listed: bool
    host_listed: bool


class BookingView(Value):
    """A booking with its sides."""

    booking: Booking
    sides: Sides


class BookingFilter(Value):
    """What a list of bookings is narrowed to."""

    user_id: UUID | None = None
    """One of its sides."""
    states: tuple[BookingState, ...] = ()
    from_date: date | None = None
    to_date: date | None = None


_SIDES: tuple[Any, ...] = (
    Artist.id,
    Artist.user_id,
    Artist.stage_name,
    Host.id,
    Host.user_id,
    Host.venue_name,
    Host.city,
    Host.state,
    Host.time_zone,
    Host.indoor_capacity,
    Host.outdoor_capacity,
)


def get_for_update(work: Work, booking_id: UUID) -> Booking:
    """One booking, locked: two answers, an answer and an expiry, a payment and a cancellation come in turn.

    Raises:
        NotFoundError: none by that id.
    """
    booking = work.session.scalar(
        select(Booking).where(Booking.id == booking_id).with_for_update().execution_options(populate_existing=True)
    )
    if booking is None:
        raise unknown()
    return booking


def sides(work: Work, *, artist_id: UUID, host_id: UUID) -> Sides:
    """Who they are, whatever their state."""
    row = work.session.execute(
        select(*_SIDES).select_from(Artist).join(Host, Host.id == host_id).where(Artist.id == artist_id)
    ).one()
    return Sides(*row)


def sides_of(work: Work, booking: Booking) -> Sides:
    """Who a booking is between."""
    return sides(work, artist_id=booking.artist_id, host_id=booking.host_id)


def sides_to_book(
    work: Work, *, user_id: UUID, host_id: UUID | None = None, artist_id: UUID | None = None
) -> Candidates | None:
    """An artist and a host who might book: the profile of `user_id`, and the other's by its id."""
    asks_host = artist_id is None
    artist_user, host_user = aliased(User), aliased(User)
    artist_listed = and_(Artist.approved_at.is_not(None), artist_user.state == UserState.ACTIVE)
    host_listed = and_(Host.approved_at.is_not(None), host_user.state == UserState.ACTIVE)
    row = work.session.execute(
        select(*_SIDES, artist_listed, host_listed)
        .select_from(Artist)
        .join(Host, Host.id == host_id if asks_host else Host.user_id == user_id)
        .join(artist_user, artist_user.id == Artist.user_id)
        .join(host_user, host_user.id == Host.user_id)
        .where(Artist.user_id == user_id if asks_host else Artist.id == artist_id)
    ).one_or_none()
    return None if row is None else Candidates(Sides(*row[:-2]), artist_listed=row[-2], host_listed=row[-1])


def house_rules(work: Work, host_id: UUID) -> str | None:
    """What the host asks of guests, by their profile."""
    return work.session.scalar(select(Host.house_rules).where(Host.id == host_id))


def account_name(work: Work, user_id: UUID) -> str:
    """What a person's account is called."""
    return work.session.scalars(select(User.name).where(User.id == user_id)).one()


def get_view(work: Work, booking_id: UUID) -> BookingView:
    """One booking with its sides.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(_views().where(Booking.id == booking_id)).one_or_none()
    if row is None:
        raise unknown()
    return _view(row)


def list_views(work: Work, wanted: BookingFilter, *, page: int, limit: int) -> tuple[list[BookingView], int]:
    """One page of bookings, the latest date first, and how many there are in all. Two queries."""
    matches = _matches(wanted)
    total = work.session.scalar(
        select(func.count())
        .select_from(Booking)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .where(*matches)
    )
    rows = work.session.execute(
        _views()
        .where(*matches)
        .order_by(Booking.requested_date.desc(), Booking.requested_at.desc(), Booking.id)
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return [_view(row) for row in rows], total or 0


def to_remind_of(work: Work, *, limit: int) -> list[UUID]:
    """Bookings whose time for a reminder has come: an answer or the fee is missing."""
    return _due(
        work,
        or_(
            and_(Booking.turn.is_not(None), Booking.respond_by <= work.now),
            and_(
                Booking.state == BookingState.APPROVED,
                Booking.artist_fee_cents > 0,
                Booking.respond_by <= work.now + FEE_REMINDER,
                Booking.respond_by > work.now,
            ),
        ),
        Booking.reminded_at.is_(None),
        limit=limit,
    )


def to_expire(work: Work, *, limit: int) -> list[UUID]:
    """Bookings in which somebody's time may be over, and agreed ones whose date another booking got."""
    other = aliased(Booking)
    overtaken = exists().where(
        other.requested_date == Booking.requested_date,
        other.state.in_(HELD),
        or_(other.artist_id == Booking.artist_id, other.host_id == Booking.host_id),
    )
    return _due(
        work,
        or_(Booking.respond_by <= work.now, and_(Booking.state == BookingState.APPROVED, overtaken)),
        limit=limit,
    )


def arrived_payment(work: Work, booking_id: UUID) -> Payment | None:
    """The fee as it was paid, while it may still go back."""
    return work.session.scalar(
        select(Payment)
        .where(
            Payment.reference_type == "booking",
            Payment.reference_id == booking_id,
            Payment.state.in_(ARRIVED),
        )
        .order_by(Payment.completed_at)
        .limit(1)
    )


def is_first_payment(work: Work, payment: Payment) -> bool:
    """Whether no other payment of the same thing has arrived before."""
    other = select(Payment.id).where(
        Payment.reference_type == payment.reference_type,
        Payment.reference_id == payment.reference_id,
        Payment.id != payment.id,
        Payment.state.in_((*ARRIVED, PaymentState.DISPUTED)),
    )
    return work.session.scalar(other.limit(1)) is None


def ids_of(work: Work, user_id: UUID) -> list[UUID]:
    """Every booking of which this person is a side."""
    return list(work.session.scalars(_of(user_id)))


def count_standing(work: Work, user_id: UUID) -> int:
    """How many bookings of this person are open or confirmed."""
    standing = _of(user_id).where(Booking.state.in_((*OPEN, BookingState.CONFIRMED)))
    return work.session.scalar(select(func.count()).select_from(standing.subquery())) or 0


def open_at_home(work: Work, host_id: UUID) -> list[BookingView]:
    """Requests and agreements of a host that are open: not confirmed, and not at their end. The first day first."""
    mine = _views().where(Booking.host_id == host_id, Booking.state.in_(OPEN))
    return [_view(row) for row in work.session.execute(mine.order_by(Booking.requested_date, Booking.id))]


def unknown() -> NotFoundError:
    """What whoever is no side of it is told, too."""
    return NotFoundError("No booking has this id.", hint="GET /api/bookings lists yours.")


def _due(work: Work, *conditions: ColumnElement[bool], limit: int) -> list[UUID]:
    return list(
        work.session.scalars(
            select(Booking.id)
            .where(Booking.respond_by.is_not(None), *conditions)
            .order_by(Booking.respond_by, Booking.id)
            .limit(limit)
        )
    )


def _matches(wanted: BookingFilter) -> list[ColumnElement[bool]]:
    matches: list[ColumnElement[bool]] = []
    if wanted.user_id is not None:
        matches.append(or_(Artist.user_id == wanted.user_id, Host.user_id == wanted.user_id))
    if wanted.states:
        matches.append(Booking.state.in_(wanted.states))
    if wanted.from_date is not None:
        matches.append(Booking.requested_date >= wanted.from_date)
    if wanted.to_date is not None:
        matches.append(Booking.requested_date <= wanted.to_date)
    return matches


def _views() -> Select[*tuple[Any, ...]]:
    return select(Booking, *_SIDES).join(Artist, Artist.id == Booking.artist_id).join(Host, Host.id == Booking.host_id)


def _view(row: Row[*tuple[Any, ...]]) -> BookingView:
    return BookingView(row[0], Sides(*row[1:]))


def _of(user_id: UUID) -> Select[UUID]:
    return (
        select(Booking.id)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .where(or_(Artist.user_id == user_id, Host.user_id == user_id))
    )
