"""The host or the artist answers a request for seats."""

from enum import StrEnum
from uuid import UUID

from tourpad.core.concerts.errors import ConcertClosed
from tourpad.core.concerts.events import RsvpApproved, RsvpDeclined
from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import HOLDS_SEATS, RsvpState
from tourpad.core.work import Work


class Verdict(StrEnum):
    """What can be said to a party."""

    APPROVED = "approved"
    DECLINED = "declined"


def answer(work: Work, *, rsvp_id: UUID, user_id: UUID, verdict: Verdict) -> Rsvp:
    """Say yes or no to a party. Safe to repeat. Seats of a party that is declined go to those who wait.

    Args:
        work: the unit of work.
        rsvp_id: which party.
        user_id: the concert's host or artist.
        verdict: yes or no.

    Raises:
        NotFoundError: no such request at a concert of this person.
        ConcertClosed: the show has begun, is over, or was called off.
        IllegalMoveError: the party is past that answer (approved parties are not declined: they may have paid).
    """
    concert = shows.lock_by_rsvp(work, rsvp_id)
    if shows.sides_of(work, concert).side_of(user_id) is None:
        raise queries.unknown()
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    to = RsvpState(verdict.value)
    if rsvp.state is to or (to is RsvpState.APPROVED and rsvp.state is RsvpState.OFFERED):
        return rsvp  # offered seats are the fan's for the asking
    if not seats.is_open(work, concert):
        raise ConcertClosed("It is too late to answer.", state=concert.state)
    work.audit(f"rsvp.{'approve' if to is RsvpState.APPROVED else 'decline'}", target_type="rsvp", target_id=rsvp.id)
    if to is RsvpState.APPROVED:
        seats.approve(work, concert, rsvp)
        work.emit(RsvpApproved(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
        return rsvp
    was = seats.move(work, concert, rsvp, to)
    work.emit(RsvpDeclined(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
    if was in HOLDS_SEATS:
        seats.offer_freed(work, concert)
    work.session.flush()
    return rsvp
