"""A fan gives seats back, all or some."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import TooLate
from tourpad.core.concerts.events import RsvpCancelled
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import HOLDS_SEATS, RsvpState
from tourpad.core.errors import IllegalMoveError, NotFoundError, invalid
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.work import Work

MAY_LEAVE = (RsvpState.PENDING, RsvpState.WAITLISTED, RsvpState.OFFERED, RsvpState.APPROVED)


@dataclass(frozen=True, slots=True)
class Departure:
    """Seats that were given back."""

    rsvp: Rsvp
    refund: Money
    """What of the door fee goes back."""


def leave(work: Work, *, concert_id: UUID, user_id: UUID) -> Departure:
    """Give all seats back (or the place on the waitlist). What was paid goes back by `rules.door_refund`.

    Args:
        work: the unit of work.
        concert_id: of which concert.
        user_id: the fan.

    Raises:
        NotFoundError: this person has no open request there.
        TooLate: the show has begun.
        IllegalMoveError: the guest is in already.
    """
    concert = shows.lock(work, concert_id)
    rsvp = queries.open_of(work, user_id=user_id, concert_id=concert_id)
    if rsvp is None:
        raise NotFoundError("You have no seats at this concert.")
    _check_time(work, concert)
    refund = _refund(work, concert, rsvp, guests=rsvp.guests_count)
    was = seats.move(work, concert, rsvp, RsvpState.CANCELLED)
    work.audit("rsvp.cancel", target_type="rsvp", target_id=rsvp.id, refund_cents=refund.cents)
    work.emit(RsvpCancelled(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=user_id, refund_cents=refund.cents))
    if was in HOLDS_SEATS:
        seats.offer_freed(work, concert)
    work.session.flush()
    return Departure(rsvp, refund)


def shrink(work: Work, *, rsvp_id: UUID, user_id: UUID, guests_count: int) -> Departure:
    """Make one's own party smaller. What was paid for the seats given back goes back by `rules.door_refund`.

    Args:
        work: the unit of work.
        rsvp_id: whose party.
        user_id: the fan.
        guests_count: how many come now, the fan included.

    Raises:
        NotFoundError: no such request of this person.
        InvalidInputError: nobody would come, or more than before.
        TooLate: the show has begun.
        IllegalMoveError: the party is not open any more.
    """
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if fan_user_id != user_id:
        raise queries.unknown()
    if not 1 <= guests_count <= rsvp.guests_count:
        raise invalid(
            "guests_count",
            f"must be between 1 and {rsvp.guests_count}",
            hint="For a larger party give the seats back and ask again.",
        )
    if guests_count == rsvp.guests_count:
        return Departure(rsvp, Money(0, concert.currency))
    if rsvp.state not in MAY_LEAVE:
        raise IllegalMoveError(f"A party that is {rsvp.state} can’t be made smaller.", now=rsvp.state)
    _check_time(work, concert)
    gone = rsvp.guests_count - guests_count
    refund = _refund(work, concert, rsvp, guests=gone)
    rsvp.fee_cents = seats.price(concert, rsvp).cents * guests_count
    rsvp.guests_count = guests_count
    work.audit("rsvp.shrink", target_type="rsvp", target_id=rsvp.id, by=gone, refund_cents=refund.cents)
    if rsvp.state in HOLDS_SEATS:
        concert.seats_taken -= gone
    # A party on the waitlist may fit now that it is smaller.
    seats.offer_freed(work, concert)
    work.session.flush()
    return Departure(rsvp, refund)


def _check_time(work: Work, concert: Concert) -> None:
    if work.now >= concert.starts_at:
        raise TooLate("The show has begun; seats can’t be given back any more.")


def _refund(work: Work, concert: Concert, rsvp: Rsvp, *, guests: int) -> Money:
    """Plan what goes back for some seats of a party, and answer how much it is."""
    nothing = Money(0, concert.currency)
    payment = queries.arrived_payment(work, rsvp.id) if rsvp.paid_at is not None else None
    if payment is None:
        return nothing
    paid = seats.price(concert, rsvp) * guests
    left = Money(payment.amount_cents - payment.refunded_cents, payment.currency)
    refund = min(rules.door_refund(paid=paid, notice=concert.starts_at - work.now), left)
    if refund:
        payments.plan_refund(work, payment_id=payment.id, amount=refund, reason="the fan gave seats back")
    return refund
