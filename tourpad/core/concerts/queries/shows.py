"""Concerts: one, lists of them, and those whose time has come."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.queries import Sides, sides
from tourpad.core.concerts.models import Concert, ConcertInvitation, Rsvp
from tourpad.core.concerts.states import OPEN, ConcertState
from tourpad.core.errors import NotFoundError
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.values import Value
from tourpad.core.work import Work


class ConcertView(Value):
    """A concert with its sides."""

    concert: Concert
    sides: Sides
    genres: list[str]
    miles: float | None = None
    """From the centre of a search to the host's public point. Shown in bands only."""


class Viewer(Value):
    """What somebody has to do with a concert."""

    is_side: bool
    rsvp: Rsvp | None
    """Their request for seats: one that is open, or that was when the show was called off."""
    is_invited: bool


class ConcertFilter(Value):
    """What a list of concerts is narrowed to."""

    user_id: UUID | None = None
    """Somebody's own: a side of it, a guest, or invited."""
    states: tuple[ConcertState, ...] = ()
    from_date: date | None = None
    to_date: date | None = None


_VIEW: tuple[Any, ...] = (
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
    Artist.genres,
)


def lock(work: Work, concert_id: UUID) -> Concert:
    """One concert, locked: seats are counted, and states moved, by one at a time.

    Raises:
        NotFoundError: none by that id.
    """
    return _locked(work, Concert.id == concert_id)


def lock_by_rsvp(work: Work, rsvp_id: UUID) -> Concert:
    """The concert of a request for seats, locked.

    Raises:
        NotFoundError: no such request.
    """
    concert = work.session.scalar(_of_rsvp_locked(), {"rsvp_id": rsvp_id})
    if concert is None:
        raise NotFoundError("No RSVP has this id.")
    return concert


def lock_by_booking(work: Work, booking_id: UUID) -> Concert:
    """The concert of a booking, locked.

    Raises:
        NotFoundError: the booking has none.
    """
    return _locked(work, Concert.booking_id == booking_id)


def find_by_booking(work: Work, booking_id: UUID) -> Concert | None:
    """The concert of a booking, where there is one."""
    return work.session.scalar(select(Concert).where(Concert.booking_id == booking_id))


def get_view(work: Work, concert_id: UUID) -> ConcertView:
    """One concert with its sides.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(_one_view(), {"concert_id": concert_id}).one_or_none()
    if row is None:
        raise unknown()
    return view_of(row)


def sides_of(work: Work, concert: Concert) -> Sides:
    """Who plays and who hosts."""
    return sides(work, artist_id=concert.artist_id, host_id=concert.host_id)


def viewer(work: Work, view: ConcertView, user_id: UUID | None) -> Viewer:
    """What somebody has to do with a concert. One query, and none for a side of it."""
    if user_id is None or view.sides.side_of(user_id) is not None:
        return Viewer(is_side=user_id is not None, rsvp=None, is_invited=False)
    is_theirs: ColumnElement[bool] = Rsvp.state.in_(OPEN)
    if view.concert.cancelled_at is not None:
        is_theirs = or_(is_theirs, Rsvp.state_changed_at >= view.concert.cancelled_at)
    invited = exists().where(ConcertInvitation.concert_id == view.concert.id, ConcertInvitation.user_id == user_id)
    row = work.session.execute(
        select(Rsvp, invited)
        .select_from(User)
        .outerjoin(Fan, Fan.user_id == User.id)
        .outerjoin(
            Rsvp,
            (Rsvp.fan_id == Fan.id) & (Rsvp.concert_id == view.concert.id) & is_theirs,
        )
        .where(User.id == user_id)
        .order_by(Rsvp.state_changed_at.desc())
        .limit(1)
    ).one_or_none()
    return (
        Viewer(is_side=False, rsvp=row[0], is_invited=row[1])
        if row
        else Viewer(is_side=False, rsvp=None, is_invited=False)
    )


def list_views(work: Work, wanted: ConcertFilter, *, page: int, limit: int) -> tuple[list[ConcertView], int]:
    """One page of concerts, the latest first, and how many there are in all. Two queries."""
    matches = _matches(wanted)
    total = work.session.scalar(
        select(func.count())
        .select_from(Concert)
        .join(Artist, Artist.id == Concert.artist_id)
        .join(Host, Host.id == Concert.host_id)
        .where(*matches)
    )
    rows = work.session.execute(
        views().where(*matches).order_by(Concert.starts_at.desc(), Concert.id).offset((page - 1) * limit).limit(limit)
    )
    return [view_of(row) for row in rows], total or 0


def to_advance(work: Work, *, limit: int) -> list[UUID]:
    """Concerts that have begun and do not say so, or have ended and do not say so."""
    begun = (Concert.state == ConcertState.SCHEDULED) & (Concert.starts_at <= work.now)
    ended = (Concert.state == ConcertState.LIVE) & (Concert.ends_at <= work.now)
    return list(
        work.session.scalars(
            select(Concert.id).where(or_(begun, ended)).order_by(Concert.starts_at, Concert.id).limit(limit)
        )
    )


def to_let_go(work: Work, *, limit: int) -> list[UUID]:
    """Concerts for which too few people have said yes in time."""
    return list(
        work.session.scalars(
            select(Concert.id)
            .where(
                Concert.state == ConcertState.SCHEDULED,
                Concert.minimum_reached_at.is_(None),
                Concert.minimum_by <= work.now,
            )
            .order_by(Concert.minimum_by, Concert.id)
            .limit(limit)
        )
    )


def to_refund(work: Work, *, limit: int) -> list[UUID]:
    """Cancelled concerts whose guests are not all refunded."""
    return list(
        work.session.scalars(
            select(Concert.id)
            .where(Concert.state == ConcertState.CANCELLED, Concert.refunded_at.is_(None))
            .order_by(Concert.cancelled_at, Concert.id)
            .limit(limit)
        )
    )


def upcoming_of_host(work: Work, host_id: UUID) -> list[Concert]:
    """Shows at a host's that have not begun."""
    return _scheduled(work, Concert.host_id == host_id)


def upcoming_of_artist(work: Work, artist_id: UUID) -> list[Concert]:
    """Shows of an artist that have not begun."""
    return _scheduled(work, Concert.artist_id == artist_id)


def upcoming_of_person(work: Work, user_id: UUID) -> list[Concert]:
    """Shows of somebody, as an artist or a host, that have not begun."""
    plays = Concert.artist_id.in_(select(Artist.id).where(Artist.user_id == user_id))
    return _scheduled(work, plays | Concert.host_id.in_(select(Host.id).where(Host.user_id == user_id)))


def members_by_email(work: Work, emails: Iterable[str]) -> list[UUID]:
    """The fans among us with these mail addresses, in whatever case they are written."""
    return list(
        work.session.scalars(
            select(User.id)
            .where(
                func.lower(User.email).in_([email.strip().lower() for email in emails]),
                User.user_type == UserType.FAN,
                User.state.in_((UserState.APPROVED, UserState.ACTIVE)),
            )
            .order_by(User.id)
        )
    )


def views() -> Select[*tuple[Any, ...]]:
    """Concerts with their sides, for `view_of`."""
    return select(Concert, *_VIEW).join(Artist, Artist.id == Concert.artist_id).join(Host, Host.id == Concert.host_id)


def view_of(row: Any, miles: float | None = None) -> ConcertView:
    """A row of `views`."""
    return ConcertView(concert=row[0], sides=Sides(*row[1:12]), genres=row[12], miles=miles)


def ids_of_side(work: Work, user_id: UUID) -> list[UUID]:
    """Every concert of this artist or host."""
    return list(
        work.session.scalars(
            select(Concert.id)
            .join(Artist, Artist.id == Concert.artist_id)
            .join(Host, Host.id == Concert.host_id)
            .where(or_(Artist.user_id == user_id, Host.user_id == user_id))
        )
    )


def unknown() -> NotFoundError:
    """What whoever may not see it is told, too."""
    return NotFoundError("No concert has this id.", hint="GET /api/concerts lists those that are open.")


@cache
def _one_view() -> Select[*tuple[Any, ...]]:
    """Made once, as the one below: each payment of a door fee asks both."""
    return views().where(Concert.id == bindparam("concert_id"))


@cache
def _of_rsvp_locked() -> Select[Concert]:
    return _for_update(Concert.id == select(Rsvp.concert_id).where(Rsvp.id == bindparam("rsvp_id")).scalar_subquery())


def _for_update(which: ColumnElement[bool]) -> Select[Concert]:
    # Other tables' foreign keys may go on pointing here meanwhile.
    return select(Concert).where(which).with_for_update(key_share=True).execution_options(populate_existing=True)


def _locked(work: Work, which: ColumnElement[bool]) -> Concert:
    concert = work.session.scalar(_for_update(which))
    if concert is None:
        raise unknown()
    return concert


def _scheduled(work: Work, which: ColumnElement[bool]) -> list[Concert]:
    return list(
        work.session.scalars(
            select(Concert)
            .where(which, Concert.state == ConcertState.SCHEDULED)
            .order_by(Concert.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def _matches(wanted: ConcertFilter) -> list[ColumnElement[bool]]:
    matches: list[ColumnElement[bool]] = []
    if wanted.user_id is not None:
        guest = (
            select(Rsvp.concert_id)
            .join(Fan, Fan.id == Rsvp.fan_id)
            .where(Fan.user_id == wanted.user_id, Rsvp.state.in_(OPEN))
        )
        invited = select(ConcertInvitation.concert_id).where(ConcertInvitation.user_id == wanted.user_id)
        matches.append(
            or_(
                Artist.user_id == wanted.user_id,
                Host.user_id == wanted.user_id,
                Concert.id.in_(guest),
                Concert.id.in_(invited),
            )
        )
    if wanted.states:
        matches.append(Concert.state.in_(wanted.states))
    if wanted.from_date is not None:
        matches.append(Concert.date >= wanted.from_date)
    if wanted.to_date is not None:
        matches.append(Concert.date <= wanted.to_date)
    return matches
