"""Time passes over seats: what was not taken, paid or answered lapses; guests are reminded. Called by jobs."""

from uuid import UUID

from tourpad.core.concerts import rules
from tourpad.core.concerts.events import RsvpLapsed, RsvpReminded
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import HOLDS_SEATS, UNDECIDED, ConcertState, RsvpState
from tourpad.core.work import Work


def lapse(work: Work, *, rsvp_id: UUID) -> bool:
    """Let a party's seats go, if its time has run out. They are offered to those who wait. Answers whether it had."""
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if not _has_run_out(work, concert, rsvp):
        return False
    was = seats.move(work, concert, rsvp, RsvpState.LAPSED)
    work.audit("rsvp.lapse", target_type="rsvp", target_id=rsvp.id, was=was)
    work.emit(RsvpLapsed(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id, was=was))
    if was in HOLDS_SEATS:
        seats.offer_freed(work, concert)
    work.session.flush()
    return True


def remind(work: Work, *, rsvp_id: UUID) -> bool:
    """Remind a guest whose seats are certain that the show is near. Once; answers whether it was done now."""
    rsvp, fan_user_id = queries.get_for_update(work, rsvp_id)
    concert = shows.get_view(work, rsvp.concert_id).concert
    near = rules.address_from(concert.starts_at) <= work.now < concert.starts_at
    if not (
        near
        and concert.state is ConcertState.SCHEDULED
        and rsvp.state is RsvpState.APPROVED
        and seats.is_paid(rsvp)
        and rsvp.keep_by is None
        and rsvp.reminded_at is None
    ):
        return False
    rsvp.reminded_at = work.now
    work.emit(RsvpReminded(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
    return True


def _has_run_out(work: Work, concert: Concert, rsvp: Rsvp) -> bool:
    if rsvp.state in UNDECIDED and work.now >= concert.starts_at and concert.state is not ConcertState.CANCELLED:
        return True
    waits = rsvp.state is RsvpState.OFFERED or (rsvp.state is RsvpState.APPROVED and not seats.is_paid(rsvp))
    return waits and rsvp.expires_at is not None and work.now >= rsvp.expires_at
