"""What the seeding reads: whether anybody is there, and afterwards everything it made."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from tourpad.core.applications.models import Application
from tourpad.core.artists.models import Artist
from tourpad.core.availability.models import Trip
from tourpad.core.bookings.models import Booking
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host, HostAddress
from tourpad.core.identity.models import User
from tourpad.core.payouts.models import Payout
from tourpad.core.work import Work


def count_people(work: Work) -> int:
    """Accounts of any kind."""
    return work.session.scalar(select(func.count()).select_from(User)) or 0


def people(work: Work) -> Sequence[Row[Any, Any, Any]]:
    """Everybody: account, the profile's id, and of a host the address."""
    return work.session.execute(
        select(User, func.coalesce(Artist.id, Host.id, Fan.id).label("profile_id"), HostAddress)
        .outerjoin(Artist, Artist.user_id == User.id)
        .outerjoin(Host, Host.user_id == User.id)
        .outerjoin(Fan, Fan.user_id == User.id)
        .outerjoin(HostAddress, HostAddress.host_id == Host.id)
        .order_by(User.id)
    ).all()


def applications(work: Work) -> Sequence[Application]:
    """All of them, oldest first."""
    return work.session.scalars(select(Application).order_by(Application.id)).all()


def trips(work: Work) -> Sequence[Row[Any, Any]]:
    """Each with the account of its artist."""
    return work.session.execute(
        select(Trip, Artist.user_id).join(Artist, Artist.id == Trip.artist_id).order_by(Trip.id)
    ).all()


def bookings(work: Work) -> Sequence[Row[Any, Any, Any]]:
    """Each with the accounts of its artist and host."""
    return work.session.execute(
        select(Booking, Artist.user_id.label("artist_user_id"), Host.user_id.label("host_user_id"))
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .order_by(Booking.id)
    ).all()


def concerts(work: Work) -> Sequence[Concert]:
    """By their time."""
    return work.session.scalars(select(Concert).order_by(Concert.starts_at)).all()


def rsvps(work: Work) -> Sequence[Row[Any, Any]]:
    """Each with the account of its fan."""
    return work.session.execute(
        select(Rsvp, Fan.user_id).join(Fan, Fan.id == Rsvp.fan_id).order_by(Rsvp.concert_id, Rsvp.id)
    ).all()


def payouts(work: Work) -> Sequence[Payout]:
    """Oldest first."""
    return work.session.scalars(select(Payout).order_by(Payout.id)).all()
