"""Requests for seats."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, func, literal, or_, select, tuple_

from tourpad.core.bookings.queries import ARRIVED
from tourpad.core.concerts.models import Concert, ConcertInvitation, Rsvp, RsvpNews
from tourpad.core.concerts.rules import ADDRESS_BEFORE, standing, stored_as
from tourpad.core.concerts.states import HOLDS_SEATS, OPEN, UNDECIDED, ConcertState, RsvpState
from tourpad.core.errors import NotFoundError
from tourpad.core.fans.models import Fan
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.payments.models import Payment
from tourpad.core.values import Value
from tourpad.core.work import Work


class Guest(Value):
    """A party with the name of its fan, or of the walk-up, as the host and the artist see it."""

    rsvp: Rsvp
    name: str


class Asker(Value):
    """A fan who asks for seats, and what stands between them and a concert."""

    fan_id: UUID
    is_member: bool
    rsvp: Rsvp | None
    """The open request, or the latest one that was declined."""
    is_invited: bool


def asker(work: Work, *, user_id: UUID, concert_id: UUID) -> Asker | None:
    """A fan and their request at one concert; nothing where the person is no fan."""
    invited = exists().where(ConcertInvitation.concert_id == concert_id, ConcertInvitation.user_id == user_id)
    row = work.session.execute(
        select(Fan.id, User.state == UserState.ACTIVE, Rsvp, invited)
        .join(User, User.id == Fan.user_id)
        .outerjoin(
            Rsvp,
            and_(
                Rsvp.fan_id == Fan.id,
                Rsvp.concert_id == concert_id,
                Rsvp.state.in_((*OPEN, RsvpState.DECLINED)),
            ),
        )
        .where(Fan.user_id == user_id)
        .order_by((Rsvp.state == RsvpState.DECLINED).asc(), Rsvp.requested_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else Asker(*row)


def get(work: Work, rsvp_id: UUID) -> tuple[Rsvp, UUID | None]:
    """One request and its fan's account (none for a walk-up), as they are now.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(_with_fan(), {"rsvp_id": rsvp_id}).one_or_none()
    if row is None:
        raise unknown()
    return row[0], row[1]


@cache
def _with_fan() -> Select[Rsvp, UUID]:
    """Made once: each payment of a door fee asks it."""
    return (
        select(Rsvp, Fan.user_id)
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .where(Rsvp.id == bindparam("rsvp_id"))
        .execution_options(populate_existing=True)
    )


def get_for_update(work: Work, rsvp_id: UUID) -> tuple[Rsvp, UUID | None]:
    """One request and its fan's account (none for a walk-up), locked: of two reminders at once only one is sent.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(
        select(Rsvp, Fan.user_id)
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .where(Rsvp.id == rsvp_id)
        .with_for_update(of=Rsvp)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise unknown()
    return row[0], row[1]


def open_of(work: Work, *, user_id: UUID, concert_id: UUID) -> Rsvp | None:
    """A person's open request at one concert."""
    return work.session.scalar(
        select(Rsvp)
        .join(Fan, Fan.id == Rsvp.fan_id)
        .where(Fan.user_id == user_id, Rsvp.concert_id == concert_id, Rsvp.state.in_(OPEN))
        .execution_options(populate_existing=True)
    )


def latest_of(work: Work, *, user_id: UUID, concert_id: UUID) -> Rsvp | None:
    """A person's open request at one concert, or the last one there was."""
    return work.session.scalar(
        select(Rsvp)
        .join(Fan, Fan.id == Rsvp.fan_id)
        .where(Fan.user_id == user_id, Rsvp.concert_id == concert_id)
        .order_by(Rsvp.state.in_(OPEN).desc(), Rsvp.requested_at.desc(), Rsvp.id.desc())
        .limit(1)
    )


def first_waiting(work: Work, concert_id: UUID, *, free: int) -> tuple[Rsvp, UUID] | None:
    """The earliest party on the waitlist that fits into the free seats, and its fan's account."""
    row = work.session.execute(
        select(Rsvp, Fan.user_id)
        .join(Fan, Fan.id == Rsvp.fan_id)
        .where(Rsvp.concert_id == concert_id, Rsvp.state == RsvpState.WAITLISTED, Rsvp.guests_count <= free)
        .order_by(Rsvp.requested_at, Rsvp.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def waiting_before(work: Work, rsvp: Rsvp) -> int:
    """How many parties have waited longer than this one, which waits."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Rsvp)
            .where(
                Rsvp.concert_id == rsvp.concert_id,
                Rsvp.state == RsvpState.WAITLISTED,
                tuple_(Rsvp.requested_at, Rsvp.id) < tuple_(literal(rsvp.requested_at), literal(rsvp.id)),
            )
        )
        or 0
    )


def guests(
    work: Work, concert: Concert, *, states: tuple[RsvpState, ...] = (), page: int, limit: int
) -> tuple[list[Guest], int]:
    """One page of a concert's parties in the order in which they asked, and how many in all. Two queries."""
    matches = [Rsvp.concert_id == concert.id]
    if states:
        matches.append(Rsvp.state.in_(stored_as(states, concert.state)))
    total = work.session.scalar(select(func.count()).select_from(Rsvp).where(*matches))
    rows = work.session.execute(
        select(Rsvp, func.coalesce(User.name, Rsvp.guest_name))
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .outerjoin(User, User.id == Fan.user_id)
        .where(*matches)
        .order_by(Rsvp.requested_at, Rsvp.id)
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return [Guest(*row) for row in rows], total or 0


def guest(work: Work, rsvp_id: UUID) -> Guest:
    """One party with its fan.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(
        select(Rsvp, func.coalesce(User.name, Rsvp.guest_name))
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .outerjoin(User, User.id == Fan.user_id)
        .where(Rsvp.id == rsvp_id)
    ).one_or_none()
    if row is None:
        raise unknown()
    return Guest(*row)


def counts(work: Work, concert: Concert) -> Counter[RsvpState]:
    """Seats by state, for the sides of a concert."""
    rows = work.session.execute(
        select(Rsvp.state, func.sum(Rsvp.guests_count)).where(Rsvp.concert_id == concert.id).group_by(Rsvp.state)
    )
    counted = Counter[RsvpState]()
    for state, seats in rows:
        counted[standing(state, concert.state)] += int(seats)
    return counted


def seats_truly_taken(work: Work, concert_id: UUID) -> int:
    """Seats held, counted request by request: what `seats_taken` must equal."""
    return int(
        work.session.scalar(
            select(func.coalesce(func.sum(Rsvp.guests_count), 0)).where(
                Rsvp.concert_id == concert_id, Rsvp.state.in_(HOLDS_SEATS)
            )
        )
        or 0
    )


def arrived_payment(work: Work, rsvp_id: UUID) -> Payment | None:
    """The door fee as it was paid, while any of it may still go back."""
    return work.session.scalar(
        select(Payment)
        .where(
            Payment.reference_type == "rsvp",
            Payment.reference_id == rsvp_id,
            Payment.state.in_(ARRIVED),
            Payment.refunded_cents + Payment.lost_cents < Payment.amount_cents,
        )
        .order_by(Payment.completed_at)
        .limit(1)
    )


def to_lapse(work: Work, *, limit: int) -> list[UUID]:
    """Offers not taken and fees not paid in time, and requests that nobody decided before the show."""
    return list(
        work.session.scalars(
            select(Rsvp.id)
            .where(Rsvp.state.in_((RsvpState.OFFERED, RsvpState.APPROVED)), Rsvp.expires_at <= work.now)
            .order_by(Rsvp.expires_at, Rsvp.id)
            .limit(limit)
        )
    ) + list(
        work.session.scalars(
            select(Rsvp.id)
            .join(Concert, Concert.id == Rsvp.concert_id)
            .where(
                Rsvp.state.in_(UNDECIDED),
                or_(Rsvp.expires_at.is_(None), Rsvp.expires_at > work.now),
                Concert.starts_at <= work.now,
                Concert.state != ConcertState.CANCELLED,
            )
            .order_by(Rsvp.id)
            .limit(limit)
        )
    )


def to_remind(work: Work, *, limit: int) -> list[UUID]:
    """Guests whose seats are certain and whose show is near, who have not been reminded."""
    return list(
        work.session.scalars(
            select(Rsvp.id)
            .join(Concert, Concert.id == Rsvp.concert_id)
            .where(
                Concert.state == ConcertState.SCHEDULED,
                Concert.starts_at > work.now,
                Concert.starts_at <= work.now + ADDRESS_BEFORE,
                Rsvp.state == RsvpState.APPROVED,
                Rsvp.reminded_at.is_(None),
                Rsvp.keep_by.is_(None),
                or_(Rsvp.paid_at.is_not(None), Rsvp.fee_cents == 0),
            )
            .order_by(Concert.starts_at, Rsvp.id)
            .limit(limit)
        )
    )


def promised(work: Work, concert_id: UUID) -> int:
    """Guests who come, as far as they have said: those who are asked about another date do not count yet."""
    return int(
        work.session.scalar(
            select(func.coalesce(func.sum(Rsvp.guests_count), 0)).where(
                Rsvp.concert_id == concert_id,
                Rsvp.state.in_((RsvpState.APPROVED, RsvpState.CHECKED_IN)),
                Rsvp.keep_by.is_(None),
            )
        )
        or 0
    )


def in_states(work: Work, concert_id: UUID, states: Iterable[RsvpState]) -> list[tuple[Rsvp, UUID | None]]:
    """Parties of one concert in some states, each with its fan's account, in the order in which they asked."""
    rows = work.session.execute(
        select(Rsvp, Fan.user_id)
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .where(Rsvp.concert_id == concert_id, Rsvp.state.in_(list(states)))
        .order_by(Rsvp.requested_at, Rsvp.id)
        .execution_options(populate_existing=True)
    )
    return [(rsvp, fan_user_id) for rsvp, fan_user_id in rows]


def to_release(work: Work, *, limit: int) -> list[UUID]:
    """Parties that have not said in time whether they come on another date."""
    return list(
        work.session.scalars(
            select(Rsvp.id).where(Rsvp.keep_by <= work.now).order_by(Rsvp.keep_by, Rsvp.id).limit(limit)
        )
    )


def keeping(work: Work, concert_id: UUID) -> tuple[int, int]:
    """Of a concert that has moved: parties that have not answered, and all that have seats."""
    asked, seated = work.session.execute(
        select(func.count().filter(Rsvp.keep_by.is_not(None)), func.count()).where(
            Rsvp.concert_id == concert_id, Rsvp.state == RsvpState.APPROVED
        )
    ).one()
    return int(asked), int(seated)


def anyone_checked_in(work: Work, concert_id: UUID) -> bool:
    """Whether the host kept a list at the door at all."""
    return bool(
        work.session.scalar(select(exists().where(Rsvp.concert_id == concert_id, Rsvp.state == RsvpState.CHECKED_IN)))
    )


def certain(work: Work, concert_id: UUID) -> list[Rsvp]:
    """Approved parties whose seats are certain: paid, or free."""
    return list(
        work.session.scalars(
            select(Rsvp)
            .where(
                Rsvp.concert_id == concert_id,
                Rsvp.state == RsvpState.APPROVED,
                or_(Rsvp.paid_at.is_not(None), Rsvp.fee_cents == 0),
            )
            .execution_options(populate_existing=True)
        )
    )


def news_of(work: Work, rsvp_id: UUID, *, lease: datetime | None) -> RsvpNews | None:
    """The note that a request is still to be told, locked, as long as it is the worker's who claimed it until then."""
    return work.session.scalar(
        select(RsvpNews).where(RsvpNews.id == rsvp_id, RsvpNews.lease_until == lease).with_for_update()
    )


def rsvp_ids_of(work: Work, user_id: UUID) -> list[UUID]:
    """Every request for seats of this fan."""
    return list(work.session.scalars(select(Rsvp.id).join(Fan, Fan.id == Rsvp.fan_id).where(Fan.user_id == user_id)))


def count_open_of(work: Work, user_id: UUID) -> int:
    """At how many shows to come this fan asks for seats, or has some."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Rsvp)
            .join(Fan, Fan.id == Rsvp.fan_id)
            .join(Concert, Concert.id == Rsvp.concert_id)
            .where(
                Fan.user_id == user_id,
                Rsvp.state.in_(OPEN),
                Concert.state.in_((ConcertState.SCHEDULED, ConcertState.LIVE)),
            )
        )
        or 0
    )


def unknown() -> NotFoundError:
    """What whoever it does not concern is told, too."""
    return NotFoundError("No RSVP has this id.")
