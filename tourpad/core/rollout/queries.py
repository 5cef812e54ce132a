"""Every SELECT of the doors."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, true

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import OPEN as OPEN_BOOKING
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import OPEN as OPEN_RSVP
from tourpad.core.concerts.states import ConcertState
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import AuthSession, User
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.states import PayoutState
from tourpad.core.rollout.models import BetaAddress, RolloutChange
from tourpad.core.rollout.rules import FIRST, normal
from tourpad.core.rollout.states import RolloutStage
from tourpad.core.values import Value
from tourpad.core.work import Work

_KEY = "hashtextextended('rollout', 0)"
_AHEAD = (ConcertState.SCHEDULED, ConcertState.LIVE)
_UNPAID = (PayoutState.PLANNED, PayoutState.HELD, PayoutState.SENDING, PayoutState.FAILED)


def hold_open(work: Work) -> None:
    """Until this unit of work ends nobody changes who is let in: no session begins behind the back of a change."""
    work.session.execute(text(f"SELECT pg_advisory_xact_lock_shared({_KEY})"))


def hold_shut(work: Work) -> None:
    """Until this unit of work ends nobody comes in: whoever is on the way in is waited for."""
    work.session.execute(text(f"SELECT pg_advisory_xact_lock({_KEY})"))


def latest(work: Work) -> RolloutChange | None:
    """The stage that was set last, if any ever was."""
    return work.session.scalar(select(RolloutChange).order_by(RolloutChange.id.desc()).limit(1))


def standing(work: Work, email: str) -> tuple[RolloutStage, bool]:
    """The stage in force, and whether an address is in the group; one statement."""
    stage = select(RolloutChange.stage).order_by(RolloutChange.id.desc()).limit(1).scalar_subquery()
    listed = select(BetaAddress.id).where(BetaAddress.email == normal(email)).exists()
    row = work.session.execute(select(stage, listed)).one()
    return RolloutStage(row[0] or FIRST), row[1]


def get_address(work: Work, email: str) -> BetaAddress | None:
    """An address of the group."""
    return work.session.scalar(select(BetaAddress).where(BetaAddress.email == normal(email)))


def listed(work: Work, emails: Collection[str]) -> set[str]:
    """Which of these addresses are in the group."""
    return set(work.session.scalars(select(BetaAddress.email).where(BetaAddress.email.in_(emails))))


class Guest(Value):
    """An address of the group, and the account that it has."""

    email: str
    added_at: datetime
    added_by: str
    user_id: UUID | None
    user_type: UserType | None


def group(work: Work) -> list[Guest]:
    """The group, in the order of addresses."""
    rows = work.session.execute(
        select(BetaAddress.email, BetaAddress.added_at, BetaAddress.added_by, User.id, User.user_type)
        .outerjoin(User, func.lower(User.email) == BetaAddress.email)
        .order_by(BetaAddress.email)
    )
    return [Guest(*row) for row in rows]


def let_in(stage: RolloutStage, *, added: Collection[str] = (), removed: Collection[str] = ()) -> ColumnElement[bool]:
    """Of a row of `users`: whether they are let in (`rules.is_let_in`).

    Args:
        stage: how far the doors are open.
        added: addresses that count as in the group.
        removed: addresses that do not.
    """
    if stage is RolloutStage.EVERYONE:
        return true()
    is_admin = User.user_type == UserType.ADMIN
    if stage is RolloutStage.ADMINS:
        return is_admin
    email = func.lower(User.email)
    in_group = and_(email.in_(select(BetaAddress.email)), email.not_in(removed))
    return or_(is_admin, in_group, email.in_(added))


def people(condition: ColumnElement[bool]) -> Select[UUID]:
    """Accounts that are not erased and of which this holds."""
    return select(User.id).where(User.state != UserState.ERASED, condition)


def count_people(work: Work, condition: ColumnElement[bool]) -> int:
    """How many those are."""
    return _count(work, people(condition))


def count_sessions(work: Work, condition: ColumnElement[bool]) -> int:
    """How many sessions they have open."""
    live = select(AuthSession.id).where(
        AuthSession.user_id.in_(people(condition)), AuthSession.ended_at.is_(None), AuthSession.expires_at > work.now
    )
    return _count(work, live)


class UnderWay(Value):
    """How many of some people have something under way; each counts once a line."""

    shows: int
    """Artists and hosts with a show ahead."""
    seats: int
    """Guests with seats, or on the list, for one."""
    bookings: int
    """Artists and hosts with a request or an agreement that is not confirmed."""
    payouts: int
    """Payees of whom a payout has not left."""
    people: int
    """Who has any of that."""


def under_way(work: Work, condition: ColumnElement[bool]) -> UnderWay:
    """What the people of whom this holds have under way."""
    whose = people(condition).cte("whose")
    concert = Concert.state.in_(_AHEAD)
    booking = Booking.state.in_(OPEN_BOOKING)
    shows = (
        select(Artist.user_id)
        .join(Concert, Concert.artist_id == Artist.id)
        .where(concert)
        .union(select(Host.user_id).join(Concert, Concert.host_id == Host.id).where(concert))
    )
    seats = (
        select(Fan.user_id)
        .join(Rsvp, Rsvp.fan_id == Fan.id)
        .join(Concert, Concert.id == Rsvp.concert_id)
        .where(concert, Rsvp.state.in_(OPEN_RSVP))
    )
    bookings = (
        select(Artist.user_id)
        .join(Booking, Booking.artist_id == Artist.id)
        .where(booking)
        .union(select(Host.user_id).join(Booking, Booking.host_id == Host.id).where(booking))
    )
    payouts = select(Payout.user_id).where(Payout.state.in_(_UNPAID))
    each = (shows, seats, bookings, payouts)
    marks = [whose.c.id.in_(one) for one in each]
    counts = [func.count().filter(mark) for mark in (*marks, or_(*marks))]
    row = work.session.execute(select(*counts).select_from(whose)).one()
    return UnderWay(*row)


def _count(work: Work, of: Select[UUID]) -> int:
    return work.session.scalar(select(func.count()).select_from(of.subquery())) or 0
