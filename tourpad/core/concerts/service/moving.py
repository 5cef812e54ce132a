"""A show moves to another date: seats stay with those who come then, and everybody else gets their money back."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.concerts import links, rules
from tourpad.core.concerts.errors import BadLink, NotAsked
from tourpad.core.concerts.events import RsvpAskedAgain, RsvpEvent, RsvpMoved, RsvpReleased
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import minimum, search, seats
from tourpad.core.concerts.service.announcing import when
from tourpad.core.concerts.states import UNDECIDED, RsvpState
from tourpad.core.errors import NotFoundError
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.payments.rules import left_of
from tourpad.core.values import Value
from tourpad.core.work import Work


class Question(Value):
    """What a link asks: whether a party comes on the new date."""

    view: ConcertView
    rsvp: Rsvp

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.rsvp.keep_by is not None


def move(work: Work, *, booking_id: UUID, was: datetime) -> Concert:
    """Both sides have agreed on another date (or time, or length): the show is then, and its guests are asked.

    Args:
        work: the unit of work.
        booking_id: the booking, which says when it is now.
        was: when it would have begun. Where only its end has changed, nobody is asked.
    """
    concert = shows.lock_by_booking(work, booking_id)
    after = when(bookings.get_view(work, booking_id).booking)
    if all(getattr(concert, name) == value for name, value in after.items()):
        return concert
    for name, value in after.items():
        setattr(concert, name, value)
    concert.moved_count += 1
    concert.updated_at = work.now
    search.refresh(work, concert)
    work.audit("concert.move", target_type="concert", target_id=concert.id, date=concert.date.isoformat())
    if concert.starts_at != was:
        for rsvp, fan_user_id in queries.in_states(work, concert.id, (*UNDECIDED, RsvpState.APPROVED)):
            work.emit(_asked(work, concert, rsvp, fan_user_id, was))
    work.session.flush()
    return concert


def keep(work: Work, *, rsvp_id: UUID, user_id: UUID, comes: bool) -> Rsvp:
    """A guest says whether they come on the new date. Yes keeps seats and payment; no frees them for all of the money.

    Safe to repeat.

    Args:
        work: the unit of work.
        rsvp_id: whose seats.
        user_id: the fan.
        comes: yes or no.

    Raises:
        NotFoundError: no such request of this person.
        NotAsked: nobody asks (any more).
        DisputeOpenError: the payer's bank is taking the money back already.
    """
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if fan_user_id != user_id:
        raise queries.unknown()
    return _answer(work, concert, rsvp, fan_user_id, comes=comes)


def read_question(work: Work, *, token: str) -> Question:
    """What a link from a mail asks.

    Raises:
        BadLink: it is none of ours, or has expired.
    """
    rsvp_id = links.read(work.settings.secret, token, now=work.now, purpose=links.KEEP)
    try:
        rsvp, _ = queries.get(work, rsvp_id)
    except NotFoundError:
        raise BadLink from None
    return Question(shows.get_view(work, rsvp.concert_id), rsvp)


def keep_by_link(work: Work, *, token: str, comes: bool) -> Question:
    """The answer by the link from the mail. Refusals are those of `read_question` and `keep`."""
    rsvp_id = read_question(work, token=token).rsvp.id
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    _answer(work, concert, rsvp, fan_user_id, comes=comes)
    return Question(shows.get_view(work, concert.id), rsvp)


def link_of(work: Work, rsvp: Rsvp) -> str:
    """The link that asks a party."""
    token = links.mint(work.settings.secret, rsvp_id=rsvp.id, expires_at=rsvp.keep_by or work.now, purpose=links.KEEP)
    return f"{work.settings.base_url.rstrip('/')}/keep/{token}"


def release(work: Work, *, rsvp_id: UUID) -> bool:
    """Free the seats of a party that has not answered in time. Answers whether it was done.

    Raises:
        DisputeOpenError: the payer's bank is taking the money back already.
    """
    concert = shows.lock_by_rsvp(work, rsvp_id)
    rsvp, fan_user_id = queries.get(work, rsvp_id)
    if rsvp.keep_by is None or work.now < rsvp.keep_by:
        return False
    _free(work, concert, rsvp, fan_user_id, RsvpState.LAPSED)
    return True


def _asked(work: Work, concert: Concert, rsvp: Rsvp, fan_user_id: UUID | None, was: datetime) -> RsvpEvent:
    rsvp.reminded_at = None
    kind = RsvpAskedAgain if rsvp.state is RsvpState.APPROVED else RsvpMoved
    if rsvp.state is RsvpState.APPROVED:
        rsvp.keep_by = rules.keep_by(work.now, concert.starts_at)
        rsvp.expires_at = None
    elif rsvp.state is RsvpState.OFFERED:
        rsvp.expires_at = rules.offer_until(work.now, concert.starts_at)
    return kind(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id, was=was)


def _answer(work: Work, concert: Concert, rsvp: Rsvp, fan_user_id: UUID | None, *, comes: bool) -> Rsvp:
    if rsvp.keep_by is None or work.now >= rsvp.keep_by:
        said_before = rsvp.state is RsvpState.APPROVED if comes else rsvp.state is RsvpState.CANCELLED
        if rsvp.keep_by is None and concert.moved_count and said_before:
            return rsvp
        raise NotAsked(
            "There is nothing to answer (any more).", hint="GET /api/concerts/{id}/rsvp says how your seats stand."
        )
    if not comes:
        _free(work, concert, rsvp, fan_user_id, RsvpState.CANCELLED)
        return rsvp
    rsvp.keep_by = None
    if not seats.is_paid(rsvp) and not minimum.is_awaited(concert):
        rsvp.expires_at = rules.pay_by(work.now, concert.starts_at)
    work.audit("rsvp.keep", target_type="rsvp", target_id=rsvp.id)
    minimum.note(work, concert, last=rsvp)
    work.session.flush()
    return rsvp


def _free(work: Work, concert: Concert, rsvp: Rsvp, fan_user_id: UUID | None, to: RsvpState) -> None:
    payment = queries.arrived_payment(work, rsvp.id)
    refund = left_of(payment) if payment is not None else Money(0, concert.currency)
    if payment is not None:
        payments.plan_refund(work, payment_id=payment.id, amount=refund, reason="the show was moved")
    seats.move(work, concert, rsvp, to)
    work.audit("rsvp.release", target_type="rsvp", target_id=rsvp.id, refund_cents=refund.cents)
    work.emit(
        RsvpReleased(
            rsvp_id=rsvp.id,
            concert_id=concert.id,
            fan_user_id=fan_user_id,
            refund_cents=refund.cents,
            said_no=to is RsvpState.CANCELLED,
        )
    )
    seats.offer_freed(work, concert)
    work.session.flush()
