"""What a fan owes at the door, paid beforehand."""

from uuid import UUID

from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import RsvpState
from tourpad.core.errors import invalid
from tourpad.core.money import Money
from tourpad.core.payments.errors import AlreadyPaidError, NothingOwedError
from tourpad.core.payments.rules import Due
from tourpad.core.payments.states import PaymentKind
from tourpad.core.work import Work


def what_is_owed(work: Work, *, user_id: UUID, rsvp_id: UUID | None = None, concert_id: UUID | None = None) -> Due:
    """The door fee of a fan's approved party.

    Args:
        work: the unit of work.
        user_id: who wants to pay.
        rsvp_id: which party; or
        concert_id: at which concert.

    Raises:
        NotFoundError: no such request of this person.
        AlreadyPaidError: it is paid.
        NothingOwedError: it is not approved (any more), or free.
        InvalidInputError: neither id is given.
    """
    rsvp = _own(work, user_id, rsvp_id, concert_id)
    if rsvp.paid_at is not None:
        raise AlreadyPaidError("The seats are paid.")
    concert = shows.get_view(work, rsvp.concert_id).concert
    if rsvp.state is not RsvpState.APPROVED or rsvp.fee_cents == 0:
        raise NothingOwedError(
            f"Nothing is to be paid: the request is {rsvp.state}"
            + (" and the door is free." if rsvp.fee_cents == 0 else "."),
            hint="Door fees are paid once the host has approved the seats.",
            state=rsvp.state,
        )
    if not seats.is_open(work, concert) or (rsvp.expires_at is not None and work.now >= rsvp.expires_at):
        raise NothingOwedError("The time to pay has run out.", hint="Ask for seats again.")
    return Due(
        kind=PaymentKind.DOOR_FEE,
        reference_type="rsvp",
        reference_id=rsvp.id,
        concert_id=concert.id,
        amount=Money(rsvp.fee_cents, concert.currency),
        description=f"{rsvp.guests_count} seat{'s' if rsvp.guests_count > 1 else ''}: {concert.title}",
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
