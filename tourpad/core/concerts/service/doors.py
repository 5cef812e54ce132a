"""At the door."""

from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import DoorClosed, NotConfirmed
from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.work import Work


def check_in(work: Work, *, concert_id: UUID, rsvp_id: UUID, user_id: UUID) -> Rsvp:
    """Tick a party off at the door. Safe to repeat.

    Args:
        work: the unit of work.
        concert_id: which concert.
        rsvp_id: which party.
        user_id: the host.

    Raises:
        NotFoundError: no such concert of this host, or no such party there.
        DoorClosed: it is too early, or the show is long over or was called off.
        NotConfirmed: the party is not approved, or has not paid.
    """
    concert = shows.lock(work, concert_id)
    if shows.sides_of(work, concert).side_of(user_id) is not Side.HOST:
        raise shows.unknown()
    rsvp, _ = queries.get(work, rsvp_id)
    if rsvp.concert_id != concert.id:
        raise queries.unknown()
    if rsvp.state is RsvpState.CHECKED_IN:
        return rsvp
    open_now = rules.door_is_open(now=work.now, starts_at=concert.starts_at, ends_at=concert.ends_at)
    if concert.state is ConcertState.CANCELLED or not open_now:
        raise DoorClosed(
            "Guests are checked in from six hours before the show until a day after it.",
            opens_at=(concert.starts_at - rules.DOOR_OPENS).isoformat(),
        )
    if rsvp.state not in (RsvpState.APPROVED, RsvpState.NO_SHOW) or not seats.is_paid(rsvp):
        reason = rsvp.state if seats.is_paid(rsvp) else "not paid"
        raise NotConfirmed(f"This party has no certain seats: it is {reason}.", status=rsvp.state)
    seats.move(work, concert, rsvp, RsvpState.CHECKED_IN)
    rsvp.checked_in_at = work.now
    work.audit("rsvp.check_in", target_type="rsvp", target_id=rsvp.id)
    work.session.flush()
    return rsvp
