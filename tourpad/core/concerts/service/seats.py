"""Counting seats. Everything here is called under the concert's lock, which the caller holds."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts import rules
from tourpad.core.concerts.events import SeatOffered
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.service import minimum
from tourpad.core.concerts.states import HOLDS_SEATS, RSVP_MOVES, ConcertState, RsvpState
from tourpad.core.money import Money
from tourpad.core.states import check_move
from tourpad.core.work import Work


def free(concert: Concert) -> int:
    """Seats that nobody holds."""
    return concert.max_capacity - concert.seats_taken


def is_open(work: Work, concert: Concert) -> bool:
    """Whether seats can still be asked for, approved and offered."""
    return (
        concert.state is ConcertState.SCHEDULED
        and work.now < concert.starts_at
        and not minimum.was_missed(work, concert)
    )


def move(work: Work, concert: Concert, rsvp: Rsvp, to: RsvpState) -> RsvpState:
    """Change a party's state as the table allows, and the count of seats with it. Answers the state that it had."""
    was = rsvp.state
    rsvp.keep_by = None
    check_move(RSVP_MOVES, entity="rsvp", now=was, to=to)
    rsvp.state = to
    rsvp.state_changed_at = work.now
    rsvp.expires_at = None
    concert.seats_taken += rsvp.guests_count * ((to in HOLDS_SEATS) - (was in HOLDS_SEATS))
    return was


def approve(work: Work, concert: Concert, rsvp: Rsvp) -> None:
    """The seats are the fan's; what they cost is fixed now, and due soon (or once enough people come)."""
    move(work, concert, rsvp, RsvpState.APPROVED)
    promise(work, concert, rsvp)
    minimum.note(work, concert, last=rsvp)


def promise(work: Work, concert: Concert, rsvp: Rsvp) -> None:
    """Fix what an approved party pays, until when, and what goes back if it gives its seats back."""
    rsvp.fee_cents = asked(concert, rsvp.guests_count).cents
    rsvp.door_policy = concert.door_policy
    is_due = rsvp.fee_cents and not minimum.is_awaited(concert)
    rsvp.expires_at = rules.pay_by(work.now, concert.starts_at) if is_due else None


def offer_freed(work: Work, concert: Concert) -> int:
    """Offer free seats to the earliest waiting parties that fit, until none does. Answers how many got an offer."""
    offered = 0
    if not is_open(work, concert):
        return offered
    work.session.flush()
    while free(concert) > 0:
        found = queries.first_waiting(work, concert.id, free=free(concert))
        if found is None:
            break
        rsvp, fan_user_id = found
        move(work, concert, rsvp, RsvpState.OFFERED)
        rsvp.expires_at = rules.offer_until(work.now, concert.starts_at)
        work.emit(SeatOffered(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
        offered += 1
    return offered


def is_payable(work: Work, concert: Concert, rsvp: Rsvp) -> bool:
    """Whether money for a party's seats is welcome now.

    Before the show; until its end from walk-ups, and from guests who owe nothing and may pay what they can. Never while
    it is open whether enough people come.
    """
    if minimum.is_awaited(concert):
        return False
    if rsvp.paid_at is not None or rsvp.state not in (RsvpState.APPROVED, RsvpState.CHECKED_IN):
        return False
    if rsvp.fan_id is None or (rsvp.fee_cents == 0 and concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN):
        return concert.state in (ConcertState.SCHEDULED, ConcertState.LIVE)
    return is_open(work, concert)


def is_paid(rsvp: Rsvp) -> bool:
    """Whether nothing is owed for the seats (any more)."""
    return rsvp.fee_cents == 0 or rsvp.paid_at is not None


def asked(concert: Concert, guests: int) -> Money:
    """What so many guests pay, or pay at least, by what the concert asks now."""
    return rules.price_of(
        guests=guests,
        mode=concert.door_mode,
        fee=Money(concert.door_fee_cents, concert.currency),
        minimum=Money(concert.door_minimum_cents, concert.currency),
    )


def part_of(concert: Concert, rsvp: Rsvp, guests: int) -> Money:
    """What so many guests of a party pay, or have paid, of what it was promised."""
    return rules.part_of(Money(rsvp.fee_cents, concert.currency), guests=guests, of=rsvp.guests_count)


def new_party(
    work: Work,
    concert: Concert,
    *,
    id: UUID,
    fan_id: UUID | None,
    guests: int,
    special_requests: str | None,
    state: RsvpState,
    guest_name: str | None = None,
    companions: list[str] | None = None,
) -> Rsvp:
    """A party that asks for the first time."""
    now: datetime = work.now
    rsvp = Rsvp(
        id=id,
        fan_id=fan_id,
        guest_name=guest_name,
        concert_id=concert.id,
        state=state,
        guests_count=guests,
        special_requests=special_requests,
        companions=companions or [],
        fee_cents=asked(concert, guests).cents,
        door_policy=concert.door_policy,
        was_waitlisted=state is RsvpState.WAITLISTED,
        requested_at=now,
        state_changed_at=now,
    )
    if state in HOLDS_SEATS:
        concert.seats_taken += guests
    if state is RsvpState.APPROVED:
        promise(work, concert, rsvp)
    return rsvp
