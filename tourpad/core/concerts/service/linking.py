"""Paying at the door: a link for a party's seats, and parties that the host lets in without a request."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import DoorMode, Side
from tourpad.core.concerts import links, rules
from tourpad.core.concerts.errors import BadLink, ConcertClosed, NoRoom
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import doors, seats
from tourpad.core.concerts.service.owing import due_of
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.errors import NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.payments.rules import MINIMUM, Due
from tourpad.core.values import Value
from tourpad.core.work import Work


class Bill(Value):
    """What a link asks for, as far as whoever holds it may know."""

    view: ConcertView
    rsvp: Rsvp
    by_choice: bool
    """The payer names the amount."""
    least: Money
    """What is owed; with `by_choice` at least so much."""
    suggested: Money
    """Zero for no suggestion, and where the price is fixed."""

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left to do."""
        return self.rsvp.paid_at is not None


class PayLink(Value):
    """A link, and what it asks for."""

    url: str
    expires_at: datetime
    bill: Bill


def pay_link(work: Work, *, rsvp_id: UUID, user_id: UUID) -> PayLink:
    """A link by which anybody can pay for a party's seats: for its guest, or for the host to show at the door.

    Args:
        work: the unit of work.
        rsvp_id: whose seats.
        user_id: the guest, or the concert's host.

    Raises:
        NotFoundError: no such request that concerns this person.
        AlreadyPaidError, NothingOwedError: as for `what_is_owed`.
    """
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    view = shows.get_view(work, rsvp.concert_id)
    if user_id != fan_user_id and view.sides.side_of(user_id) is not Side.HOST:
        raise queries.unknown()
    bill = _bill(view, rsvp)
    due_of(work, view.concert, rsvp, named=_any_amount(bill))
    expires_at = min(work.now + rules.LINK_LASTS, view.concert.ends_at)
    if rsvp.expires_at is not None:
        expires_at = min(expires_at, rsvp.expires_at)
    token = links.mint(work.settings.secret, rsvp_id=rsvp.id, expires_at=expires_at)
    return PayLink(f"{work.settings.base_url.rstrip('/')}/pay/{token}", expires_at, bill)


def read_link(work: Work, *, token: str) -> Bill:
    """What a link asks for. One that has done its work says so until it expires.

    Raises:
        BadLink: it is none of ours, or has expired.
    """
    rsvp_id = links.read(work.settings.secret, token, now=work.now)
    try:
        rsvp, _ = queries.get(work, rsvp_id)
    except NotFoundError:
        raise BadLink from None
    return _bill(shows.get_view(work, rsvp.concert_id), rsvp)


def due_by_link(work: Work, *, token: str, named: Money | None = None) -> tuple[Due, UUID]:
    """What is owed by a link, and who pays: the fan, or for a walk-up the host who let them in.

    Raises:
        BadLink: it is none of ours, or has expired.
        AlreadyPaidError, NothingOwedError, InvalidInputError, BelowMinimumError: as for `what_is_owed`.
    """
    bill = read_link(work, token=token)
    _, fan_user_id = queries.get(work, bill.rsvp.id)
    due = due_of(work, bill.view.concert, bill.rsvp, named=named)
    return due, fan_user_id or bill.view.sides.host_user_id


def let_in(work: Work, *, concert_id: UUID, user_id: UUID, name: str, guests_count: int) -> Rsvp:
    """Add a party that has come without asking for seats before. It pays by its link soon, or its seats go on.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: its host.
        name: what the guest is called, for the host's list.
        guests_count: the whole party.

    Raises:
        NotFoundError, ForbiddenError: it is not for this person to do its door.
        ConcertClosed: the doors are not open: too early, over, or called off.
        NoRoom: so many do not fit any more.
        InvalidInputError: naming every wrong field.
    """
    concert = shows.lock(work, concert_id)
    doors.check_host(shows.sides_of(work, concert).side_of(user_id))
    found = Fields()
    clean = found.text("name", name, longest=rules.LONGEST_NAME)
    rules.check_party(found, guests=guests_count, capacity=concert.max_capacity)
    found.done()
    if concert.state is ConcertState.CANCELLED:
        raise ConcertClosed("The show was called off: nobody is let in.", state=concert.state)
    begun = concert.starts_at - rules.DOOR_OPENS <= work.now < concert.ends_at
    if concert.state not in (ConcertState.SCHEDULED, ConcertState.LIVE) or not begun:
        raise ConcertClosed(
            "Guests are let in from six hours before the show until its end.",
            state=concert.state,
            opens_at=(concert.starts_at - rules.DOOR_OPENS).isoformat(),
        )
    if guests_count > seats.free(concert):
        left = seats.free(concert)
        said = "The room is full." if not left else f"{left} seat{' is' if left == 1 else 's are'} free."
        raise NoRoom(said, seats_left=left)
    rsvp = seats.new_party(
        work,
        concert,
        id=new_id(),
        fan_id=None,
        guest_name=clean,
        guests=guests_count,
        special_requests=None,
        state=RsvpState.APPROVED,
    )
    if rsvp.fee_cents:
        rsvp.expires_at = min(work.now + rules.WALK_UP_PAYS_WITHIN, concert.ends_at)
    work.add(rsvp)
    work.audit("rsvp.let_in", target_type="rsvp", target_id=rsvp.id, guests=guests_count)
    return rsvp


def _bill(view: ConcertView, rsvp: Rsvp) -> Bill:
    concert: Concert = view.concert
    by_choice = concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN
    return Bill(
        view=view,
        rsvp=rsvp,
        by_choice=by_choice,
        least=Money(rsvp.fee_cents, concert.currency),
        suggested=Money(concert.door_suggested_cents * rsvp.guests_count if by_choice else 0, concert.currency),
    )


def _any_amount(bill: Bill) -> Money | None:
    """An amount that would do, to ask whether anything can be paid at all."""
    return max(bill.least, MINIMUM) if bill.by_choice else None
