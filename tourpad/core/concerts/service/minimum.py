"""Shows that take place only if enough people come. Nobody is charged before they do.

Until the number is reached approved seats cost nothing yet: they are kept without a time to pay. The request that makes
up the number ends that for everybody at once; the deadline ends the show. Both happen under the concert's lock, so of a
last seat and a deadline in one instant exactly one counts.
"""

from uuid import UUID

from tourpad.core.bookings import queries as bookings_of
from tourpad.core.bookings import service as bookings
from tourpad.core.concerts import rules
from tourpad.core.concerts.events import MinimumReached, RsvpPayable
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.work import Work


def is_awaited(concert: Concert) -> bool:
    """Whether it is still open if enough people come."""
    return concert.minimum_attendance > 0 and concert.minimum_reached_at is None


def was_missed(work: Work, concert: Concert) -> bool:
    """Whether too few people came in time. The show is off, though nobody may have been told yet."""
    return is_awaited(concert) and concert.minimum_by is not None and work.now >= concert.minimum_by


def note(work: Work, concert: Concert, *, last: Rsvp) -> bool:
    """If enough people come now, the show takes place: seats are to be paid. Answers whether it was this one's doing.

    Args:
        work: the unit of work, which holds the concert's lock.
        concert: which.
        last: the party that was approved a moment ago; it is told by its own approval.
    """
    if not is_awaited(concert) or was_missed(work, concert):
        return False
    work.session.flush()
    if queries.promised(work, concert.id) < concert.minimum_attendance:
        return False
    concert.minimum_reached_at = concert.updated_at = work.now
    work.audit("concert.minimum_reached", target_type="concert", target_id=concert.id)
    for rsvp, fan_user_id in queries.in_states(work, concert.id, (RsvpState.APPROVED,)):
        if rsvp.keep_by is None:
            rsvp.expires_at = rules.pay_by(work.now, concert.starts_at) if rsvp.fee_cents else None
            if rsvp.id != last.id:
                work.emit(RsvpPayable(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
    work.emit(MinimumReached(concert_id=concert.id))
    return True


def let_go(work: Work, *, concert_id: UUID) -> bool:
    """Call a show off for which too few people came in time; the host gets all of the fee back. Answers whether it was.

    Nobody has paid for seats; every party is told by the job that looks after cancelled shows.
    """
    booking_id = shows.get_view(work, concert_id).concert.booking_id
    # The booking first, then the concert, as everywhere: and only then is it certain that nobody came in time.
    bookings_of.get_for_update(work, booking_id)
    concert = shows.lock(work, concert_id)
    if concert.state is not ConcertState.SCHEDULED or not was_missed(work, concert):
        return False
    people = queries.promised(work, concert_id)
    reason = f"{concert.minimum_attendance} people were needed, and {people or 'none'} said yes in time."
    bookings.cancel(work, booking_id=booking_id, user_id=None, reason=reason)
    return True
