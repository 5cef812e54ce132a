"""What a party owes, paid beforehand or at the door."""

from uuid import UUID

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts import rules
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import minimum, seats
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.errors import invalid
from tourpad.core.money import Money
from tourpad.core.payments.errors import AlreadyPaidError, NothingOwedError
from tourpad.core.payments.rules import MINIMUM, Due
from tourpad.core.payments.states import PaymentKind
from tourpad.core.work import Work

_AGAIN = "Ask for seats again."
_HINTS = {
    RsvpState.PENDING: "Door fees are paid once the host has approved the seats.",
    RsvpState.WAITLISTED: "Door fees are paid once there are seats, and the host has approved them.",
    RsvpState.OFFERED: "Take the seats first, by asking for them again; then they are paid.",
    RsvpState.LAPSED: _AGAIN,
    RsvpState.CANCELLED: _AGAIN,
}
"""What helps whoever wants to pay, by how the request stands."""


def what_is_owed(
    work: Work,
    *,
    user_id: UUID,
    rsvp_id: UUID | None = None,
    concert_id: UUID | None = None,
    named: Money | None = None,
) -> Due:
    """The door fee of a fan's approved party.

    Args:
        work: the unit of work.
        user_id: who wants to pay.
        rsvp_id: which party; or
        concert_id: at which concert.
        named: what the payer says, where the party pays what it can.

    Raises:
        NotFoundError: no such request of this person.
        AlreadyPaidError: it is paid.
        NothingOwedError: it is not approved (any more), or free.
        InvalidInputError: neither id is given, or no amount is named where the payer has to.
        BelowMinimumError: less is named than the least, or than what a card can be charged.
    """
    rsvp = _own(work, user_id, rsvp_id, concert_id)
    return due_of(work, shows.get_view(work, rsvp.concert_id).concert, rsvp, named=named)


def due_of(work: Work, concert: Concert, rsvp: Rsvp, *, named: Money | None = None) -> Due:
    """The same for a party that is known, whoever pays for it."""
    if rsvp.paid_at is not None:
        raise AlreadyPaidError("The seats are paid.")
    if concert.state is ConcertState.CANCELLED:
        raise NothingOwedError("Nothing is to be paid: the show was called off.", state=RsvpState.CANCELLED)
    by_choice = concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN
    free = rsvp.fee_cents == 0 and not by_choice
    if rsvp.state not in (RsvpState.APPROVED, RsvpState.CHECKED_IN) or free:
        raise NothingOwedError(
            f"Nothing is to be paid: the request is {rsvp.state}" + (" and the door is free." if free else "."),
            hint=_HINTS.get(rsvp.state),
            state=rsvp.state,
        )
    if minimum.is_awaited(concert):
        raise NothingOwedError(
            f"Nothing is charged until {concert.minimum_attendance} people come.",
            hint="You are told as soon as that is so; if it is not in time, everybody is let go.",
            state=rsvp.state,
        )
    if not seats.is_payable(work, concert, rsvp) or (rsvp.expires_at is not None and work.now >= rsvp.expires_at):
        raise NothingOwedError("The time to pay has run out.", hint=_AGAIN)
    amount = Money(rsvp.fee_cents, concert.currency)
    if by_choice:
        suggested = Money(concert.door_suggested_cents * rsvp.guests_count, concert.currency)
        amount = rules.check_named(named, least=amount, suggested=suggested, smallest=MINIMUM)
    return Due(
        kind=PaymentKind.DOOR_FEE,
        reference_type="rsvp",
        reference_id=rsvp.id,
        concert_id=concert.id,
        amount=amount,
        description=f"{rsvp.guests_count} seat{'s' if rsvp.guests_count > 1 else ''}: {concert.title}",
        payer_name=rsvp.guest_name,
    )


def _own(work: Work, user_id: UUID, rsvp_id: UUID | None, concert_id: UUID | None) -> Rsvp:
    if rsvp_id is not None:
        rsvp, fan_user_id = queries.get(work, rsvp_id)
        if fan_user_id != user_id:
            raise queries.unknown()
        return rsvp
    if concert_id is None:
        raise invalid("rsvp_id", "is needed (or concert_id)")
    found = queries.open_of(work, user_id=user_id, concert_id=concert_id)
    if found is None:
        raise queries.unknown()
    return found
