"""The list for the door: who may come in, as a device can keep it where there is no network; and the link to it."""

from datetime import datetime
from uuid import UUID

from tourpad.core.concerts import door_tokens, rules, tickets
from tourpad.core.concerts.door_tokens import DoorKey
from tourpad.core.concerts.errors import ConcertClosed, DoorLinkDead
from tourpad.core.concerts.queries import doors as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.doors import Attendance, Scanned
from tourpad.core.concerts.queries.seats import Guest
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import doors, seats
from tourpad.core.concerts.states import ConcertState, ScanOutcome
from tourpad.core.concerts.tickets import Ticket
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.states import UserState
from tourpad.core.money import Money
from tourpad.core.values import Value
from tourpad.core.work import Work

REPORTED = (ScanOutcome.DUPLICATE, ScanOutcome.REFUSED)


class Listed(Value):
    """One party on the list."""

    guest: Guest
    owing: Money
    refusal: str | None
    """Why it may not come in yet: `not_paid`, `refunded`."""
    ticket_hashes: list[str]
    code_hashes: list[str]


class DoorList(Value):
    """An evening's list at one instant."""

    view: ConcertView
    token: str
    """Shown again when scans made with it are told."""
    made_at: datetime
    opens_at: datetime
    closes_at: datetime
    parties: list[Listed]
    reported: list[Scanned]
    """Scans that let nobody in: second ones, and those that were refused."""
    attendance: Attendance
    seats_left: int


class DoorLink(Value):
    """A link by which somebody does the door of one evening, without an account."""

    url: str
    expires_at: datetime


class Doorkeeper(Value):
    """Whose door a link opens."""

    concert_id: UUID
    host_user_id: UUID


def door_list(work: Work, *, concert_id: UUID, user_id: UUID) -> DoorList:
    """Who may come in tonight, by name, with what a device needs to know their tickets by. Three queries.

    It holds no ticket: whoever has the list can tell a ticket, and not make one.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: its host.

    Raises:
        NotFoundError: no such concert of this host.
    """
    view = _as_host(work, concert_id, user_id)
    concert = view.concert
    guests = queries.parties(work, concert)
    refunded = queries.paid_back(work, [guest.rsvp.id for guest in guests])
    return DoorList(
        view=view,
        token=door_tokens.mint_list(work.settings.secret, concert_id=concert.id, made_at=work.now),
        made_at=work.now,
        opens_at=concert.starts_at - rules.DOOR_OPENS,
        closes_at=concert.ends_at + rules.DOOR_CLOSES,
        parties=[_listed(work, guest, concert.currency, refunded) for guest in guests],
        reported=queries.scanned(work, concert.id, outcomes=REPORTED),
        attendance=queries.attendance(work, concert),
        seats_left=seats.free(concert),
    )


def door_link(work: Work, *, concert_id: UUID, user_id: UUID, renew: bool = False) -> DoorLink:
    """A link to the page of one's door: for whoever stands there, on any telephone.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: its host.
        renew: make all links that were given out before worthless.

    Raises:
        NotFoundError: no such concert of this host.
        ConcertClosed: it was called off, or its doors are closed for good.
    """
    concert = doors.lock_as_host(work, concert_id=concert_id, user_id=user_id)
    closes_at = concert.ends_at + rules.DOOR_CLOSES
    if concert.state is ConcertState.CANCELLED or work.now >= closes_at:
        raise ConcertClosed("There is no door to do any more.", state=concert.state)
    if renew:
        concert.door_turn += 1
        work.session.flush()
    work.audit("concert.door_link", target_type="concert", target_id=concert.id, renewed=renew)
    token = door_tokens.mint_key(work.settings.secret, DoorKey(concert.id, concert.door_turn))
    return DoorLink(f"{work.settings.base_url.rstrip('/')}/door/{token}", closes_at)


def doorkeeper(work: Work, *, token: str) -> Doorkeeper:
    """Whose door a link opens now; whoever has it acts for the host, at this door only.

    Raises:
        DoorLinkDead: it is none of ours, was replaced, the doors are closed for good, or the host is locked out.
    """
    key = door_tokens.read_key(work.settings.secret, token)
    try:
        view = shows.get_view(work, key.concert_id)
    except NotFoundError:
        raise DoorLinkDead from None
    concert = view.concert
    host = get_user(work, view.sides.host_user_id)
    dead = key.turn != concert.door_turn or work.now >= concert.ends_at + rules.DOOR_CLOSES
    if dead or host.state is not UserState.ACTIVE:
        raise DoorLinkDead
    return Doorkeeper(concert.id, host.id)


def _as_host(work: Work, concert_id: UUID, user_id: UUID) -> ConcertView:
    view = shows.get_view(work, concert_id)
    doors.check_host(view.sides.side_of(user_id))
    return view


def _listed(work: Work, guest: Guest, currency: str, refunded: set[UUID]) -> Listed:
    rsvp = guest.rsvp
    owing = Money(0 if seats.is_paid(rsvp) else rsvp.fee_cents, currency)
    ticket = Ticket(rsvp.id, rsvp.ticket_issue)
    back = bool(rsvp.fee_cents) and rsvp.id in refunded
    return Listed(
        guest=guest,
        owing=owing,
        refusal="not_paid" if owing else "refunded" if back else None,
        ticket_hashes=tickets.hashes(work.settings.secret, ticket),
        code_hashes=tickets.code_hashes(work.settings.secret, ticket),
    )
