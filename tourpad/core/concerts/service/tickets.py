"""A guest's ticket."""

from uuid import UUID

from tourpad.core.concerts import tickets
from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import doors
from tourpad.core.concerts.states import RsvpState
from tourpad.core.errors import IllegalMoveError
from tourpad.core.values import Value
from tourpad.core.work import Work


class TicketView(Value):
    """What a ticket shows. No place: that stands behind the concert's page, for whoever is entitled to it."""

    view: ConcertView
    rsvp: Rsvp
    name: str
    token: str
    code: str


def ticket(work: Work, *, rsvp_id: UUID, user_id: UUID) -> TicketView:
    """The ticket of one's own party, good for each of its guests once.

    Args:
        work: the unit of work.
        rsvp_id: which party.
        user_id: its fan.

    Raises:
        NotFoundError: no such party of this person.
        NotConfirmed: its seats are not certain: not approved, cancelled, not paid, or paid back.
    """
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if fan_user_id != user_id:
        raise queries.unknown()
    doors.check_certain(work, rsvp)
    return _ticket(work, rsvp)


def renew(work: Work, *, rsvp_id: UUID, user_id: UUID) -> TicketView:
    """A new ticket for one's own party, since somebody else may have the old one. That one is worthless from now on.

    Args:
        work: the unit of work.
        rsvp_id: which party.
        user_id: its fan.

    Raises:
        NotFoundError: no such party of this person.
        NotConfirmed: its seats are not certain.
        IllegalMoveError: somebody came with the old one already.
    """
    shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if fan_user_id != user_id:
        raise queries.unknown()
    doors.check_certain(work, rsvp)
    if rsvp.state is not RsvpState.APPROVED:
        raise IllegalMoveError("Somebody came with this ticket already.", hint="Talk to the host.", now=rsvp.state)
    rsvp.ticket_issue += 1
    work.audit("rsvp.ticket_renew", target_type="rsvp", target_id=rsvp.id, issue=rsvp.ticket_issue)
    work.session.flush()
    return _ticket(work, rsvp)


def _ticket(work: Work, rsvp: Rsvp) -> TicketView:
    signing = work.settings.secret
    what = tickets.Ticket(rsvp.id, rsvp.ticket_issue)
    return TicketView(
        view=shows.get_view(work, rsvp.concert_id),
        rsvp=rsvp,
        name=queries.guest(work, rsvp.id).name,
        token=tickets.mint(signing, what),
        code=tickets.code(signing, what),
    )
