"""What happens to concerts and seats."""

from datetime import datetime
from uuid import UUID

from tourpad.core.concerts.states import RsvpState
from tourpad.core.events import Event


class ConcertAnnounced(Event, kw_only=True):
    """A show is on."""

    concert_id: UUID


class ConcertCancelled(Event, kw_only=True):
    """A show was called off. Its guests are refunded one by one after this."""

    concert_id: UUID


class ConcertRefunded(Event, kw_only=True):
    """Every refund of a door fee of a cancelled show is planned: what is left of its money may be divided."""

    concert_id: UUID


class ConcertCompleted(Event, kw_only=True):
    """A show was played."""

    concert_id: UUID


class GuestInvited(Event, kw_only=True):
    """Somebody may come to a private show."""

    concert_id: UUID
    user_id: UUID


class RsvpEvent(Event, kw_only=True):
    """Something happened to one party's seats."""

    rsvp_id: UUID
    concert_id: UUID
    fan_user_id: UUID | None
    """Null for a walk-up, whom nobody can tell."""


class RsvpRequested(RsvpEvent, kw_only=True):
    """A fan asked; the host or the artist has to answer."""


class RsvpApproved(RsvpEvent, kw_only=True):
    """The seats are the fan's, once they are paid."""


class RsvpDeclined(RsvpEvent, kw_only=True):
    """The host or the artist said no."""


class RsvpWaitlisted(RsvpEvent, kw_only=True):
    """The party does not fit; it waits."""


class SeatOffered(RsvpEvent, kw_only=True):
    """Seats were freed for a party that waits."""


class RsvpLapsed(RsvpEvent, kw_only=True):
    """An offer was not taken, a fee not paid, or a request not answered in time."""

    was: RsvpState
    """Which of them it was."""


class RsvpCancelled(RsvpEvent, kw_only=True):
    """The fan gave the seats back; of what was paid, `refund_cents` goes back."""

    refund_cents: int
    was_certain: bool = False
    """The seats were theirs, so that it stands in their calendar."""


class RsvpCalledOff(RsvpEvent, kw_only=True):
    """The show was called off; `refund_cents` goes back."""

    refund_cents: int


class RsvpPaid(RsvpEvent, kw_only=True):
    """The seats are certain."""


class RsvpReminded(RsvpEvent, kw_only=True):
    """The show is near, and the guest may see the address now."""


class RsvpPayable(RsvpEvent, kw_only=True):
    """Enough people come: the show takes place, and the seats are to be paid (where they cost anything)."""


class MinimumReached(Event, kw_only=True):
    """Enough people come: the show takes place."""

    concert_id: UUID


class RsvpAskedAgain(RsvpEvent, kw_only=True):
    """The show has moved; the party is asked whether it comes then."""

    was: datetime
    """When the show would have begun."""


class RsvpMoved(RsvpEvent, kw_only=True):
    """The show has moved; the party has no certain seats yet, and is only told."""

    was: datetime


class RsvpReleased(RsvpEvent, kw_only=True):
    """A party does not come on the new date, or has not said so in time; `refund_cents` goes back."""

    refund_cents: int
    said_no: bool
    """Or else nothing was heard."""
