"""A person goes for good: not while seats of theirs are open, and then without name and words."""

from uuid import UUID

from sqlalchemy import update

from tourpad.core.concerts.models import Concert, DoorScan, InvitationLink, Rsvp
from tourpad.core.concerts.queries import seats, shows
from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.payments import service as payments
from tourpad.core.work import Work

NAMELESS = "House concert"


def refuse_erasure(work: Work, *, user_id: UUID) -> None:
    """Object while this person asks for seats, or has some at a show to come.

    Raises:
        ErasureRefused: saying how many there are.
    """
    count = seats.count_open_of(work, user_id)
    if count:
        raise ErasureRefused(f"{count} show{'s' if count > 1 else ''} to come have seats for them", "give them back")


def forget(work: Work, *, user_id: UUID) -> None:
    """Take the name off the shows of an artist or host, and blank what a guest asked for."""
    ids = shows.ids_of_side(work, user_id)
    work.session.execute(
        update(Concert).where(Concert.id.in_(ids)).values(title=NAMELESS, description=None, cancel_reason=None)
    )
    work.session.execute(
        update(Rsvp).where(Rsvp.id.in_(seats.rsvp_ids_of(work, user_id))).values(special_requests=None, companions=[])
    )
    work.session.execute(update(DoorScan).where(DoorScan.by_user_id == user_id).values(device=None))
    work.session.execute(update(InvitationLink).where(InvitationLink.created_by == user_id).values(label=None))
    payments.forget_names(work, concert_ids=ids)
