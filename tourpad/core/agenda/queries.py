"""Every SELECT on secret addresses, and the shows that stand in somebody's calendar."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, literal, null, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from tourpad.core.agenda.models import CalendarLink
from tourpad.core.agenda.rules import CALLED_OFF, PAST, Show
from tourpad.core.artists.models import Artist
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import OPEN, ConcertState, RsvpState
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.work import Work

MOST_SHOWS = 1_000
"""The latest ones."""

_READERS = (UserState.APPROVED, UserState.ACTIVE)


def of_user(work: Work, user_id: UUID) -> CalendarLink | None:
    """A person's address, if they have one."""
    return work.session.scalar(select(CalendarLink).where(CalendarLink.user_id == user_id))


def find(work: Work, link_id: UUID) -> CalendarLink | None:
    """The address by the id that stands in it; nothing where its owner may not sign in any more."""
    return work.session.scalar(
        select(CalendarLink)
        .join(User, User.id == CalendarLink.user_id)
        .where(CalendarLink.id == link_id, User.state.in_(_READERS))
    )


def shows(work: Work, user_id: UUID) -> list[Show]:
    """One's own shows: as its artist, its host, or with seats at it. From three months ago on, the first one first."""
    as_side = (
        select(Concert.id.label("id"), literal(None, Rsvp.state.type).label("seats"), null().label("changed"))
        .join(Artist, Artist.id == Concert.artist_id)
        .join(Host, Host.id == Concert.host_id)
        .where(or_(Artist.user_id == user_id, Host.user_id == user_id))
    )
    gone = Rsvp.state.in_((RsvpState.CANCELLED, RsvpState.DECLINED, RsvpState.LAPSED))
    # One's latest word on each show: whoever came back is in it again.
    as_guest = (
        select(Rsvp.concert_id.label("id"), Rsvp.state.label("seats"), Rsvp.state_changed_at.label("changed"))
        .join(Fan, Fan.id == Rsvp.fan_id)
        .where(
            Fan.user_id == user_id,
            or_(Rsvp.state.in_(OPEN), gone & (Rsvp.state_changed_at > work.now - CALLED_OFF)),
        )
        .ext(distinct_on(Rsvp.concert_id))
        .order_by(Rsvp.concert_id, Rsvp.requested_at.desc(), Rsvp.id.desc())
    )
    mine = union_all(as_side, as_guest.subquery().select()).subquery()
    rows: Iterable[Any] = work.session.execute(
        select(
            Concert.id,
            Concert.state,
            Concert.title,
            Host.city,
            Host.state,
            Concert.time_zone,
            Concert.starts_at,
            Concert.ends_at,
            func.greatest(Concert.updated_at, mine.c.changed),
            mine.c.seats,
        )
        .join(mine, mine.c.id == Concert.id)
        .join(Host, Host.id == Concert.host_id)
        .where(
            Concert.ends_at > work.now - PAST,
            or_(Concert.state != ConcertState.CANCELLED, Concert.cancelled_at > work.now - CALLED_OFF),
        )
        .order_by(Concert.starts_at.desc(), Concert.id)
        .limit(MOST_SHOWS)
    )
    return [
        Show(
            concert_id=row[0],
            state=row[1],
            title=row[2],
            city=row[3],
            region=row[4],
            time_zone=row[5],
            starts_at=row[6],
            ends_at=row[7],
            changed_at=row[8],
            seats=cast("RsvpState | None", row[9]),
        )
        for row in rows
    ][::-1]
