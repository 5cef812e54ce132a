"""A fan gives seats back, all or some."""

from collections.abc import Sequence
from uuid import UUID

from tourpad.core.bookings import policies
from tourpad.core.bookings.states import CancelledBy
from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import ConcertClosed, TooLate
from tourpad.core.concerts.events import RsvpCancelled
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import HOLDS_SEATS, RSVP_MOVES, ConcertState, RsvpState
from tourpad.core.errors import IllegalMoveError, NotFoundError, invalid
from tourpad.core.fields import Fields
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.payments.models import Payment
from tourpad.core.payments.quotes import Part, Quote
from tourpad.core.payments.rules import left_of
from tourpad.core.payments.states import PaymentKind
from tourpad.core.states import check_move
from tourpad.core.values import Value, replace
from tourpad.core.work import Work

MAY_LEAVE = (RsvpState.PENDING, RsvpState.WAITLISTED, RsvpState.OFFERED, RsvpState.APPROVED)


class Departure(Value):
    """Seats that were given back."""

    rsvp: Rsvp
    refund: Money
    """What of the door fee goes back."""


def quote(work: Work, *, concert_id: UUID, user_id: UUID, guests_count: int = 0) -> Quote:
    """What giving seats back would come to; nothing is changed. Refusals are those of `leave` and `shrink`.

    Args:
        work: the unit of work.
        concert_id: at which concert.
        user_id: the fan.
        guests_count: how many would still come, the fan included; 0 for nobody.
    """
    concert = shows.get_view(work, concert_id).concert
    rsvp = _own(work, concert, user_id)
    if guests_count:
        _check_smaller(rsvp, guests_count)
    else:
        check_move(RSVP_MOVES, entity="rsvp", now=rsvp.state, to=RsvpState.CANCELLED)
    return _judge(work, concert, rsvp, guests=rsvp.guests_count - guests_count)[0]


def leave(work: Work, *, concert_id: UUID, user_id: UUID, quote_id: str | None = None) -> Departure:
    """Give all seats back (or the place on the waitlist). What goes back of the fee follows the party's policy.

    Args:
        work: the unit of work.
        concert_id: of which concert.
        user_id: the fan.
        quote_id: of the quote that was shown before; None where none was.

    Raises:
        NotFoundError: this person has no open request there.
        ConcertClosed: it was called off, and all goes back anyway.
        TooLate: the show has begun.
        IllegalMoveError: the guest is in already.
        QuoteChangedError: something else would go back than what was shown.
    """
    concert = shows.lock(work, concert_id)
    rsvp = _own(work, concert, user_id)
    check_move(RSVP_MOVES, entity="rsvp", now=rsvp.state, to=RsvpState.CANCELLED)
    refund = _refund(work, concert, rsvp, guests=rsvp.guests_count, quote_id=quote_id)
    was_certain = rsvp.state is RsvpState.APPROVED and seats.is_paid(rsvp)
    was = seats.move(work, concert, rsvp, RsvpState.CANCELLED)
    work.audit("rsvp.cancel", target_type="rsvp", target_id=rsvp.id, refund_cents=refund.cents)
    work.emit(
        RsvpCancelled(
            rsvp_id=rsvp.id,
            concert_id=concert.id,
            fan_user_id=user_id,
            refund_cents=refund.cents,
            was_certain=was_certain,
        )
    )
    if was in HOLDS_SEATS:
        seats.offer_freed(work, concert)
    work.session.flush()
    return Departure(rsvp, refund)


def shrink(
    work: Work,
    *,
    rsvp_id: UUID,
    user_id: UUID,
    guests_count: int,
    companions: Sequence[str] | None = None,
    quote_id: str | None = None,
) -> Departure:
    """Make one's own party smaller. What was paid for the seats given back goes back by the party's policy.

    With the same number only who comes is changed.

    Args:
        work: the unit of work.
        rsvp_id: whose party.
        user_id: the fan.
        guests_count: how many come now, the fan included.
        companions: who still comes along; None for those who were named first.
        quote_id: of the quote that was shown before; None where none was.

    Raises:
        NotFoundError: no such request of this person.
        ConcertClosed: it was called off, and all goes back anyway.
        InvalidInputError: nobody would come, or more than before.
        TooLate: the show has begun.
        IllegalMoveError: the party is not open any more.
        QuoteChangedError: something else would go back than what was shown.
    """
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if fan_user_id != user_id:
        raise queries.unknown()
    _check_smaller(rsvp, guests_count)
    _rename(concert, rsvp, companions, guests=guests_count)
    if guests_count == rsvp.guests_count:
        return Departure(rsvp, Money(0, concert.currency))
    gone = rsvp.guests_count - guests_count
    refund = _refund(work, concert, rsvp, guests=gone, quote_id=quote_id)
    rsvp.fee_cents -= seats.part_of(concert, rsvp, gone).cents
    rsvp.guests_count = guests_count
    work.audit("rsvp.shrink", target_type="rsvp", target_id=rsvp.id, by=gone, refund_cents=refund.cents)
    if rsvp.state in HOLDS_SEATS:
        concert.seats_taken -= gone
    # A party on the waitlist may fit now that it is smaller.
    seats.offer_freed(work, concert)
    work.session.flush()
    return Departure(rsvp, refund)


def _own(work: Work, concert: Concert, user_id: UUID) -> Rsvp:
    rsvp = queries.open_of(work, user_id=user_id, concert_id=concert.id)
    if rsvp is None and concert.is_private:
        raise shows.unknown()  # whether there is one is nobody's business
    if rsvp is None:
        raise NotFoundError("You have no seats at this concert.")
    return rsvp


def _rename(concert: Concert, rsvp: Rsvp, companions: Sequence[str] | None, *, guests: int) -> None:
    if companions is None:
        rsvp.companions = rsvp.companions[: guests - 1]
        return
    found = Fields()
    names = rules.checked_companions(found, companions, guests=guests, wants_all=concert.asks_names)
    found.done()
    rsvp.companions = names


def _check_smaller(rsvp: Rsvp, guests_count: int) -> None:
    if not 1 <= guests_count <= rsvp.guests_count:
        raise invalid(
            "guests_count",
            f"must be between 1 and {rsvp.guests_count}",
            hint="For a larger party give the seats back and ask again.",
        )
    if guests_count < rsvp.guests_count and rsvp.state not in MAY_LEAVE:
        raise IllegalMoveError(f"A party that is {rsvp.state} can’t be made smaller.", now=rsvp.state)


def _judge(work: Work, concert: Concert, rsvp: Rsvp, *, guests: int) -> tuple[Quote, Payment | None]:
    """What some seats of a party return, and of which payment."""
    if concert.state is ConcertState.CANCELLED:
        # By the policy less might go back, and they would be thanked for making room.
        raise ConcertClosed(
            "The show was called off: you need not do anything, and all that you paid goes back.", state=concert.state
        )
    if work.now >= concert.starts_at:
        raise TooLate("The show has begun; seats can’t be given back any more.")
    # Whoever is asked about another date has not called anything off.
    was_moved = rsvp.keep_by is not None
    kind, policy, by = PaymentKind.DOOR_FEE, rsvp.door_policy, CancelledBy.SYSTEM if was_moved else CancelledBy.FAN
    empty = Quote(subject_type="rsvp", subject_id=rsvp.id, by=by.value, currency=concert.currency)
    payment = queries.arrived_payment(work, rsvp.id) if rsvp.paid_at is not None else None
    if payment is None:
        return empty, None
    left = left_of(payment)
    paid = min(seats.part_of(concert, rsvp, guests), left)
    back = policies.goes_back(kind=kind, policy=policy, by=by, paid=paid, notice=concert.starts_at - work.now)
    part = Part(
        role="fan",
        to="you",
        payments=1,
        paid=paid,
        back=back,
        stays_with="the concert" if back < paid else None,
        why="the door fee: all of it, as the show has moved"
        if was_moved
        else f"the door fee, {policy}: {policies.in_words(kind, policy)}",
    )
    fees = Money(payment.fee_cents or 0 if back == left else 0, concert.currency)
    soon = policies.less_from(kind=kind, policy=policy, by=by, starts_at=concert.starts_at, now=work.now)
    return replace(empty, parts=(part,), fees=fees, less_from=soon), payment


def _refund(work: Work, concert: Concert, rsvp: Rsvp, *, guests: int, quote_id: str | None) -> Money:
    """Plan what goes back for some seats of a party, and answer how much it is."""
    judged, payment = _judge(work, concert, rsvp, guests=guests)
    judged.check(quote_id)
    if payment is not None and judged.back:
        payments.plan_refund(work, payment_id=payment.id, amount=judged.back, reason="the fan gave seats back")
    return judged.back
