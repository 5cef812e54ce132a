"""At the door: a ticket is scanned, or a name ticked off; each guest comes in once."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.concerts import rules, tickets
from tourpad.core.concerts.errors import (
    AlreadyIn,
    BadTicket,
    DoorClosed,
    NotConfirmed,
    TicketReplaced,
    TooMany,
    WrongConcert,
)
from tourpad.core.concerts.models import Concert, DoorScan, Rsvp
from tourpad.core.concerts.queries import doors as queries
from tourpad.core.concerts.queries import seats as parties
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import minimum, seats
from tourpad.core.concerts.states import ConcertState, RsvpState, ScanOutcome
from tourpad.core.concerts.tickets import Ticket
from tourpad.core.errors import ForbiddenError, NotFoundError, invalid
from tourpad.core.ids import new_id
from tourpad.core.values import Value
from tourpad.core.work import Work


class Arrival(Value):
    """Guests who came in just now."""

    rsvp: Rsvp
    guests: int


class Shown(Value):
    """What somebody shows at the door: exactly one of a ticket's token, its code, or a party that the list names."""

    rsvp_id: UUID | None = None
    token: str | None = None
    code: str | None = None


def check_in(
    work: Work,
    *,
    concert_id: UUID,
    user_id: UUID,
    rsvp_id: UUID | None = None,
    token: str | None = None,
    code: str | None = None,
    guests: int | None = None,
) -> Arrival:
    """Let a party in, or some of it. A ticket opens the door once for each of its guests.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: the host.
        rsvp_id: the party, by the host's list; or
        token: its ticket, as it was scanned; or
        code: its ticket's code, as it was typed.
        guests: how many of the party have come; None for everybody who is missing.

    Raises:
        NotFoundError: no such concert of this host, or no such party there.
        BadTicket, WrongConcert, TicketReplaced: the ticket is worth nothing here.
        DoorClosed: it is too early, or the show is long over or was called off.
        NotConfirmed: the party has no certain seats: not approved, cancelled, not paid, or paid back.
        AlreadyIn: everybody of this party is in; it says since when, and by whom.
        TooMany: more than are missing.
        InvalidInputError: none or several of the three, or nobody has come.
    """
    concert = lock_as_host(work, concert_id=concert_id, user_id=user_id)
    check_open(concert, at=work.now)
    rsvp = find(work, concert, Shown(rsvp_id, token, code))
    check_certain(work, rsvp)
    missing = rsvp.guests_count - rsvp.arrived_count
    if guests is not None and guests < 1:
        raise invalid("guests", "must be at least 1")
    if not missing:
        raise _already(work, rsvp)
    if guests is not None and guests > missing:
        raise TooMany(f"{missing} of this party are missing, not {guests}.", missing=missing)
    work.add(
        DoorScan(
            id=new_id(),
            concert_id=concert.id,
            rsvp_id=rsvp.id,
            guests=guests,
            let_in=guests or missing,
            outcome=ScanOutcome.LET_IN,
            by_user_id=user_id,
            scanned_at=work.now,
            heard_at=work.now,
        )
    )
    before = rsvp.arrived_count
    settle(work, concert, rsvp)
    work.audit("rsvp.check_in", target_type="rsvp", target_id=rsvp.id, guests=rsvp.arrived_count - before)
    work.session.flush()
    return Arrival(rsvp, rsvp.arrived_count - before)


def lock_as_host(work: Work, *, concert_id: UUID, user_id: UUID) -> Concert:
    """A concert, locked, for its host: of two doors that scan one ticket at once the second sees the first.

    Raises:
        NotFoundError: no such concert of this person.
        ForbiddenError: the artist is not at the door.
    """
    concert = shows.lock(work, concert_id)
    check_host(shows.sides_of(work, concert).side_of(user_id))
    return concert


def check_host(side: Side | None) -> None:
    """Refuse whoever does not do the door of a show.

    Raises:
        NotFoundError: it is not theirs.
        ForbiddenError: they play there.
    """
    if side is None:
        raise shows.unknown()
    if side is Side.ARTIST:
        raise ForbiddenError(
            "The host does the door, not the artist.", hint="The host can give you a link: POST …/door-link."
        )


def find(work: Work, concert: Concert, shown: Shown) -> Rsvp:
    """Whose party it is that somebody shows a ticket of, or that is named.

    Raises:
        NotFoundError: no such party at this concert.
        BadTicket, WrongConcert, TicketReplaced: the ticket is worth nothing here.
        InvalidInputError: not exactly one of the three.
    """
    given = [value for value in (shown.rsvp_id, shown.token, shown.code) if value is not None]
    if len(given) != 1:
        raise invalid("token", "is needed, or code, or rsvp_id; exactly one of them")
    if shown.rsvp_id is not None:
        rsvp, _ = parties.get(work, shown.rsvp_id)
        if rsvp.concert_id != concert.id:
            raise parties.unknown()
        return rsvp
    if shown.token is not None:
        return _by_token(work, concert, shown.token)
    return _by_code(work, concert, shown.code or "")


def check_open(concert: Concert, *, at: datetime) -> None:
    """Refuse what was scanned while the doors were closed.

    Raises:
        DoorClosed: saying when they open.
    """
    if concert.state is ConcertState.CANCELLED:
        raise DoorClosed("The show was called off: nobody is let in.")
    if not rules.door_is_open(now=at, starts_at=concert.starts_at, ends_at=concert.ends_at):
        raise DoorClosed(
            "Guests are checked in from six hours before the show until a day after it.",
            opens_at=(concert.starts_at - rules.DOOR_OPENS).isoformat(),
        )


def check_certain(work: Work, rsvp: Rsvp) -> None:
    """Refuse a party whose seats are not (or no longer) certain.

    Raises:
        NotConfirmed: with the reason in a word.
    """
    reason = None
    concert = work.session.get_one(Concert, rsvp.concert_id)
    stands = rules.standing(rsvp.state, concert.state)
    if stands not in queries.AT_THE_DOOR:
        reason = stands.value
    elif minimum.is_awaited(concert):
        reason = "waiting_for_more_people"
    elif not seats.is_paid(rsvp):
        reason = "not_paid"
    elif rsvp.keep_by is not None:
        reason = "asked_about_another_date"
    elif rsvp.fee_cents and queries.paid_back(work, [rsvp.id]):
        reason = "refunded"
    if reason is not None:
        said = reason.replace("_", " ")
        raise NotConfirmed(f"This party has no certain seats: it is {said}.", status=stands, reason=reason)


def settle(work: Work, concert: Concert, rsvp: Rsvp) -> None:
    """Count who of a party is in, by all of its scans that were good, and move it as that says."""
    work.session.flush()
    scans = queries.scans_of(work, rsvp.id)
    came = [rules.Came(scan.id, scan.scanned_at, scan.guests) for scan in scans]
    let_in = rules.who_came(came, party=rsvp.guests_count)
    for scan in scans:
        scan.let_in = let_in[scan.id]
        scan.outcome = ScanOutcome.LET_IN if scan.let_in else ScanOutcome.DUPLICATE
    rsvp.arrived_count = sum(let_in.values())
    rsvp.checked_in_at = scans[0].scanned_at
    if rsvp.state is not RsvpState.CHECKED_IN:
        seats.move(work, concert, rsvp, RsvpState.CHECKED_IN)
    if concert.state is ConcertState.COMPLETED:
        note_absent(work, concert)


def note_absent(work: Work, concert: Concert) -> int:
    """After the show: parties of which nobody came are no-shows. Answers how many they are.

    Only where somebody was ticked off: a host who keeps no list has not seen who stayed away.
    """
    if not parties.anyone_checked_in(work, concert.id):
        return 0
    absent = parties.certain(work, concert.id)
    for rsvp in absent:
        seats.move(work, concert, rsvp, RsvpState.NO_SHOW)
    return len(absent)


def _by_token(work: Work, concert: Concert, token: str) -> Rsvp:
    ticket = tickets.read(work.settings.secret, token)
    try:
        rsvp, _ = parties.get(work, ticket.rsvp_id)
    except NotFoundError:
        raise BadTicket from None
    if rsvp.concert_id != concert.id:
        raise WrongConcert
    if rsvp.ticket_issue != ticket.issue:
        raise TicketReplaced
    return rsvp


def _by_code(work: Work, concert: Concert, typed: str) -> Rsvp:
    for guest in queries.parties(work, concert):
        if tickets.matches(work.settings.secret, Ticket(guest.rsvp.id, guest.rsvp.ticket_issue), typed):
            return guest.rsvp
    raise BadTicket


def _already(work: Work, rsvp: Rsvp) -> AlreadyIn:
    last = [scan for scan in queries.scans_of(work, rsvp.id) if scan.outcome is ScanOutcome.LET_IN][-1]
    who = f"{rsvp.guests_count} guests" if rsvp.guests_count > 1 else "The guest"
    return AlreadyIn(
        f"{who} of this party came in before.",
        rsvp_id=str(rsvp.id),
        checked_in_at=last.scanned_at.isoformat(),
        checked_in_by=last.device or "the host",
        guests_count=rsvp.guests_count,
        arrived_count=rsvp.arrived_count,
    )
