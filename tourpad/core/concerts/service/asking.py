"""A fan asks for seats, or takes those that were offered."""

from collections.abc import Sequence
from uuid import UUID

from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import AlreadyAsked, ConcertClosed, Declined, OfferLapsed
from tourpad.core.concerts.events import RsvpApproved, RsvpEvent, RsvpRequested, RsvpWaitlisted
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service import minimum, seats
from tourpad.core.concerts.states import HOLDS_SEATS, OPEN, RsvpState
from tourpad.core.errors import ForbiddenError
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.work import Work

TOLD: dict[RsvpState, type[RsvpEvent]] = {
    RsvpState.PENDING: RsvpRequested,
    RsvpState.APPROVED: RsvpApproved,
    RsvpState.WAITLISTED: RsvpWaitlisted,
}


def ask(
    work: Work,
    *,
    concert_id: UUID,
    user_id: UUID,
    guests_count: int,
    special_requests: str | None = None,
    companions: Sequence[str] = (),
) -> Rsvp:
    """Ask for seats. A party that does not fit waits. A fan who was offered seats takes them by asking again.

    Args:
        work: the unit of work.
        concert_id: which.
        user_id: the fan.
        guests_count: the whole party, the fan included.
        special_requests: for the host to read.
        companions: names of those whom the fan brings; all of them where the host asks for names.

    Raises:
        NotFoundError: no such concert, or a private one without an invitation.
        ForbiddenError: the person is no member fan.
        ConcertClosed: the show has begun, is over, or was called off.
        AlreadyAsked: there is an open request already.
        Declined: the host or the artist has said no before.
        OfferLapsed: the time to take the offered seats has run out.
        InvalidInputError: the party is empty or too large, or names are missing.
    """
    # The lock first, then the fan's request: of two requests at once the second one sees the first.
    concert = shows.lock(work, concert_id)
    who = queries.asker(work, user_id=user_id, concert_id=concert_id)
    if concert.is_private and (who is None or not (who.is_invited or who.rsvp)):
        raise shows.unknown()
    if who is None or not who.is_member:
        raise ForbiddenError("Only fans who are members ask for seats.", hint="POST /api/memberships/checkout.")
    if not seats.is_open(work, concert):
        raise ConcertClosed("Nobody can ask for seats any more.", state=concert.state)
    found = Fields()
    known = who.rsvp
    takes = known is not None and known.state is RsvpState.OFFERED
    # What was offered is not made smaller by what the host wants since.
    largest = rules.LARGEST_PARTY if takes else concert.max_party
    rules.check_party(found, guests=guests_count, capacity=concert.max_capacity, largest=largest)
    wants_all = concert.asks_names and not (takes and not companions)
    names = rules.checked_companions(found, companions, guests=guests_count, wants_all=wants_all)
    text = rules.checked_request(found, special_requests)
    found.done()
    if known is not None and takes:
        return _take(work, concert, known, user_id=user_id, guests=guests_count, names=names)
    if known is not None:
        _refuse(known)
    state = rules.first_state(fits=guests_count <= seats.free(concert), requires_approval=concert.requires_approval)
    rsvp = seats.new_party(
        work,
        concert,
        id=new_id(),
        fan_id=who.fan_id,
        guests=guests_count,
        special_requests=text,
        companions=names,
        state=state,
    )
    work.add(rsvp)
    if state is RsvpState.APPROVED:
        minimum.note(work, concert, last=rsvp)
    work.emit(TOLD[state](rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=user_id))
    return rsvp


def _take(work: Work, concert: Concert, rsvp: Rsvp, *, user_id: UUID, guests: int, names: list[str]) -> Rsvp:
    """Take offered seats, or some of them. Who comes is as it was asked for, unless it is said anew."""
    if rsvp.expires_at is not None and work.now >= rsvp.expires_at:
        raise OfferLapsed("The time to take these seats has run out.", hint="Ask again to wait for others.")
    if guests > rsvp.guests_count:
        found = Fields()
        found.wrong("guests_count", f"must be at most {rsvp.guests_count}: so many seats were offered")
        found.done()
    given_back = rsvp.guests_count - guests
    rsvp.companions = names or rsvp.companions[: guests - 1]
    rsvp.guests_count = guests
    concert.seats_taken -= given_back
    seats.approve(work, concert, rsvp)
    work.emit(RsvpApproved(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=user_id))
    if given_back:
        seats.offer_freed(work, concert)
    work.session.flush()
    return rsvp


def _refuse(known: Rsvp) -> None:
    if known.state is RsvpState.DECLINED:
        raise Declined("Your request for this show was declined.")
    if known.state in OPEN:
        held = "You have seats" if known.state in HOLDS_SEATS else "You wait for seats"
        raise AlreadyAsked(
            f"{held} for this show already.",
            hint="PATCH /api/rsvps/{id} makes the party smaller, DELETE /api/concerts/{id}/rsvp gives the seats back.",
            status=known.state,
            rsvp_id=str(known.id),
        )
