"""Shows begin and end by the clock."""

from uuid import UUID

from tourpad.core.bookings import service as bookings
from tourpad.core.concerts.events import ConcertCompleted
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries import shows as queries
from tourpad.core.concerts.service import doors, search
from tourpad.core.concerts.states import CONCERT_MOVES, ConcertState
from tourpad.core.states import check_move
from tourpad.core.work import Work


def advance(work: Work, *, concert_id: UUID) -> ConcertState | None:
    """Move a concert to where the clock says it is. Answers the new state, or nothing where it was right."""
    view = queries.get_view(work, concert_id)
    if work.now >= view.concert.ends_at and view.concert.state in (ConcertState.SCHEDULED, ConcertState.LIVE):
        # The booking leads, the concert follows (reactions): locks are always taken in that order.
        bookings.complete(work, booking_id=view.concert.booking_id, user_id=None)
        return ConcertState.COMPLETED
    concert = queries.lock(work, concert_id)
    if concert.state is not ConcertState.SCHEDULED or work.now < concert.starts_at:
        return None
    _move(work, concert, ConcertState.LIVE)
    return ConcertState.LIVE


def complete(work: Work, *, booking_id: UUID) -> Concert:
    """The booking was completed, so its show was.

    Parties that were never ticked off have not come, where the host kept a list at all.
    """
    concert = queries.lock_by_booking(work, booking_id)
    if concert.state is ConcertState.COMPLETED:
        return concert
    _move(work, concert, ConcertState.COMPLETED)
    concert.completed_at = work.now
    doors.note_absent(work, concert)
    work.audit("concert.complete", target_type="concert", target_id=concert.id)
    work.emit(ConcertCompleted(concert_id=concert.id))
    return concert


def _move(work: Work, concert: Concert, to: ConcertState) -> None:
    check_move(CONCERT_MOVES, entity="concert", now=concert.state, to=to)
    concert.state = to
    concert.updated_at = work.now
    search.refresh(work, concert)
