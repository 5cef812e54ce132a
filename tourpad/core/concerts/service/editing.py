"""What the artist and the host may change about their concert, and whom they invite."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.bookings.states import Policy
from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import BelowSeatsTaken, ConcertClosed
from tourpad.core.concerts.events import GuestInvited
from tourpad.core.concerts.models import Concert, ConcertInvitation
from tourpad.core.concerts.queries import shows as queries
from tourpad.core.concerts.service import search, seats
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.work import Work

FIELDS = (
    "title",
    "description",
    "max_capacity",
    "requires_approval",
    "is_private",
    "advance_tickets_available",
    "max_party",
    "asks_names",
    "door_policy",
)


def edit(work: Work, *, concert_id: UUID, user_id: UUID, changes: Mapping[str, Any]) -> Concert:
    """Change a concert that has not begun. What is not mentioned stays.

    Another policy for door fees is for parties that are approved from now on.

    Args:
        work: the unit of work.
        concert_id: which.
        user_id: its artist or its host.
        changes: some of `FIELDS`.

    Raises:
        NotFoundError: no such concert of this person.
        ConcertClosed: it has begun, or was called off.
        BelowSeatsTaken: more seats are taken than there would be.
        InvalidInputError: naming every wrong field.
    """
    concert = queries.lock(work, concert_id)
    sides = queries.sides_of(work, concert)
    if sides.side_of(user_id) is None:
        raise queries.unknown()
    if not seats.is_open(work, concert):
        raise ConcertClosed("The concert can’t be changed any more.", state=concert.state)
    clean = _checked(changes, most=max(sides.capacity, concert.max_capacity))
    capacity = clean.get("max_capacity", concert.max_capacity)
    if capacity < concert.seats_taken:
        raise BelowSeatsTaken(
            f"{concert.seats_taken} seats are taken.",
            hint="Decline some of the requests first.",
            seats_taken=concert.seats_taken,
        )
    changed = {name for name, value in clean.items() if getattr(concert, name) != value}
    for name in changed:
        setattr(concert, name, clean[name])
    if not changed:
        return concert
    concert.updated_at = work.now
    work.audit("concert.edit", target_type="concert", target_id=concert.id, fields=sorted(changed))
    if changed & {"is_private", "title"}:
        search.refresh(work, concert)
    if "max_capacity" in changed:
        seats.offer_freed(work, concert)
    work.session.flush()
    return concert


def invite(work: Work, *, concert_id: UUID, user_id: UUID, emails: Sequence[str]) -> None:
    """Let fans see a private concert and ask for seats.

    Addresses that no fan has are passed over without a word: who is a member is nobody's business.

    Args:
        work: the unit of work.
        concert_id: which.
        user_id: its artist or its host.
        emails: mail addresses of fans.

    Raises:
        NotFoundError: no such concert of this person.
        ConcertClosed: it has begun, or was called off.
        InvalidInputError: none or too many, or one that is no mail address.
    """
    found = Fields()
    if not 1 <= len(emails) <= rules.MOST_INVITED:
        found.wrong("emails", f"must be between 1 and {rules.MOST_INVITED} addresses")
    elif (slip := next((email for email in emails if not rules.is_address(email)), None)) is not None:
        found.wrong("emails", f"must hold mail addresses; {slip!r} is none")
    found.done()
    concert = queries.lock(work, concert_id)
    if queries.sides_of(work, concert).side_of(user_id) is None:
        raise queries.unknown()
    if not seats.is_open(work, concert):
        raise ConcertClosed("Nobody can be invited any more.", state=concert.state)
    for member in queries.members_by_email(work, emails):
        row = work.session.execute(
            insert(ConcertInvitation)
            .values(id=new_id(), concert_id=concert.id, user_id=member, created_at=work.now)
            .on_conflict_do_nothing(index_elements=["concert_id", "user_id"])
            .returning(ConcertInvitation.id)
        )
        if row.first() is not None:
            work.emit(GuestInvited(concert_id=concert.id, user_id=member))
    work.audit("concert.invite", target_type="concert", target_id=concert.id, addresses=len(emails))


def _checked(changes: Mapping[str, Any], *, most: int) -> dict[str, Any]:
    found = Fields()
    found.known(changes, FIELDS)
    clean: dict[str, Any] = {}
    for name, value in changes.items():
        match name:
            case "title":
                clean[name] = found.text(name, value, longest=rules.LONGEST_TITLE)
            case "description":
                clean[name] = found.text(name, value, longest=rules.LONGEST_DESCRIPTION, lines=True) if value else None
            case "max_capacity":
                clean[name] = found.number(name, value, low=1, high=most)
            case "max_party":
                clean[name] = found.number(name, value, low=1, high=rules.LARGEST_PARTY)
            case "door_policy":
                clean[name] = found.choice(name, value, Policy)
            case _:
                clean[name] = found.flag(name, value)
    found.done()
    return clean
