"""A show is called off: its state in one transaction, then its guests one by one, so that hundreds are no trouble."""

from uuid import UUID

from tourpad.core.bookings import service as bookings
from tourpad.core.bookings.service.cancelling import Cancellation
from tourpad.core.concerts.events import ConcertCancelled, ConcertRefunded, RsvpCalledOff
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries import refunding
from tourpad.core.concerts.queries import seats as parties
from tourpad.core.concerts.queries import shows as queries
from tourpad.core.concerts.service import search, seats
from tourpad.core.concerts.states import CONCERT_MOVES, OPEN, ConcertState, RsvpState
from tourpad.core.errors import NotFoundError
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.payments.rules import left_of
from tourpad.core.states import check_move
from tourpad.core.work import Work


def preview_cancellation(work: Work, *, concert_id: UUID, user_id: UUID | None) -> Cancellation:
    """What calling it off would come to, for the fee and for everybody who paid at the door. Nothing is changed."""
    try:
        return bookings.preview_cancellation(work, booking_id=_booking_of(work, concert_id), user_id=user_id)
    except NotFoundError:
        raise queries.unknown() from None


def cancel(
    work: Work, *, concert_id: UUID, user_id: UUID | None, reason: str | None = None, quote_id: str | None = None
) -> Cancellation:
    """Call a show off.

    Everybody who paid at the door gets all of it back (the job `concerts-refund` sees to it); what the host gets back
    of the fee follows the bookings' policy.

    Args:
        work: the unit of work.
        concert_id: which.
        user_id: its artist or its host; null for the platform.
        reason: for everybody to read.
        quote_id: of the quote that was shown before; None where none was.

    Raises:
        NotFoundError: no such concert of this person.
        QuoteChangedError: it would come to something else than what was shown.
        TooLate: it has begun.
        IllegalMoveError: it is over, or was called off before.
    """
    try:
        return bookings.cancel(
            work, booking_id=_booking_of(work, concert_id), user_id=user_id, reason=reason, quote_id=quote_id
        )
    except NotFoundError:
        raise queries.unknown() from None


def close(work: Work, *, booking_id: UUID, reason: str | None) -> Concert:
    """The booking was cancelled, so its show is: nobody finds it any more, and nobody can ask for seats."""
    concert = queries.lock_by_booking(work, booking_id)
    check_move(CONCERT_MOVES, entity="concert", now=concert.state, to=ConcertState.CANCELLED)
    concert.state = ConcertState.CANCELLED
    concert.cancelled_at = concert.updated_at = work.now
    concert.cancel_reason = reason
    search.refresh(work, concert)
    work.audit("concert.cancel", target_type="concert", target_id=concert.id, reason=reason)
    work.emit(ConcertCancelled(concert_id=concert.id))
    return concert


def call_off(work: Work, *, rsvp_id: UUID) -> Money:
    """Tell one party of a cancelled show, and send back all that is left of its door fee. Safe to repeat.

    Whoever gave seats back before and lost a part of the fee by the policy gets that, too: there was no show.

    Raises:
        DisputeOpenError: the payer's bank is taking it back already.
    """
    concert = queries.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = parties.get(work, rsvp_id)
    refund = Money(0, concert.currency)
    if concert.state is not ConcertState.CANCELLED:
        return refund
    payment = parties.arrived_payment(work, rsvp.id)
    if payment is not None:
        refund = left_of(payment)
        payments.plan_refund(work, payment_id=payment.id, amount=refund, reason="the concert was cancelled")
    if rsvp.state in OPEN:
        seats.move(work, concert, rsvp, RsvpState.CANCELLED)
    elif not refund:
        return refund
    work.emit(RsvpCalledOff(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id, refund_cents=refund.cents))
    work.session.flush()
    return refund


def finish_refunds(work: Work, *, concert_id: UUID) -> bool:
    """Note that no guest of a cancelled show is left to refund, if so: the rest of its money may be divided."""
    concert = queries.lock(work, concert_id)
    if concert.state is not ConcertState.CANCELLED or concert.refunded_at is not None:
        return False
    if refunding.to_call_off(work, concert_id, limit=1):
        return False
    concert.refunded_at = concert.updated_at = work.now
    work.emit(ConcertRefunded(concert_id=concert.id))
    return True


def reopen_refunds(work: Work, *, concert_id: UUID) -> None:
    """A dispute over a cancelled show was won: its payer is refunded now, like everybody."""
    concert = queries.lock(work, concert_id)
    if concert.state is ConcertState.CANCELLED and concert.refunded_at is not None:
        concert.refunded_at = None
        work.session.flush()


def _booking_of(work: Work, concert_id: UUID) -> UUID:
    return queries.get_view(work, concert_id).concert.booking_id
