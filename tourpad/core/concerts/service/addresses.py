"""Who learns where the home is, and when."""

from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.concerts import rules
from tourpad.core.concerts.queries import shows as queries
from tourpad.core.concerts.queries.shows import ConcertView, Viewer
from tourpad.core.concerts.service import seats
from tourpad.core.hosts import queries as host_queries
from tourpad.core.hosts import service as hosts
from tourpad.core.hosts.errors import NoAddress
from tourpad.core.hosts.service import Address
from tourpad.core.hosts.states import LookReason
from tourpad.core.work import Work


def address_for(work: Work, *, concert_id: UUID, user_id: UUID) -> Address | None:
    """The exact address of a concert, for whoever is entitled to it now; each look is put on record (commit it).

    The host: always. The artist: from the confirmation of the booking until a week after the show. A guest whose
    seats are approved and paid: from 48 hours before the show until a day after it. Nobody else, and nobody but the
    host once it was called off.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: who asks.

    Raises:
        NotFoundError: no such concert.
    """
    view = queries.get_view(work, concert_id)
    return address_of(work, view, queries.viewer(work, view, user_id), user_id)


def address_of(work: Work, view: ConcertView, viewer: Viewer, user_id: UUID) -> Address | None:
    """The same, where the concert and what the person has to do with it are known already."""
    if view.sides.side_of(user_id) is Side.HOST:
        return hosts.own_address(work, user_id=user_id)
    reason = _reason(work, view, viewer)
    if reason is None:
        return None
    try:
        return hosts.look_at_address(
            work, host_id=view.concert.host_id, user_id=user_id, reason=reason, concert_id=view.concert.id
        )
    except NoAddress:
        return None


def knowing(work: Work, view: ConcertView) -> dict[UUID, UUID]:
    """Who was shown the address of a show and still may know it, each with their last look."""
    looks = host_queries.last_looks(work, host_id=view.concert.host_id, concert_id=view.concert.id)
    return {
        user_id: look
        for user_id, look in looks.items()
        if _reason(work, view, queries.viewer(work, view, user_id)) is not None
    }


def _reason(work: Work, view: ConcertView, viewer: Viewer) -> LookReason | None:
    concert = view.concert
    if viewer.is_side:
        allowed = rules.artist_may_look(now=work.now, ends_at=concert.ends_at, concert=concert.state)
        return LookReason.ARTIST if allowed else None
    if viewer.rsvp is None:
        return None
    allowed = rules.guest_may_look(
        now=work.now,
        starts_at=concert.starts_at,
        ends_at=concert.ends_at,
        concert=concert.state,
        rsvp=viewer.rsvp.state,
        is_paid=seats.is_paid(viewer.rsvp),
    )
    return LookReason.GUEST if allowed else None
