"""What happens to concerts and seats."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertAnnounced(Event):
    """A show is on."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertCancelled(Event):
    """A show was called off. Its guests are refunded one by one after this."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertRefunded(Event):
    """Every refund of a door fee of a cancelled show is planned: what is left of its money may be divided."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertCompleted(Event):
    """A show was played."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestInvited(Event):
    """Somebody may come to a private show."""

    concert_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpEvent(Event):
    """Something happened to one party's seats."""

    rsvp_id: UUID
    concert_id: UUID
    fan_user_id: UUID | None
    """Null for a walk-up, whom nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpRequested(RsvpEvent):
    """A fan asked; the host or the artist has to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpApproved(RsvpEvent):
    """The seats are the fan's, once they are paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpDeclined(RsvpEvent):
    """The host or the artist said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpWaitlisted(RsvpEvent):
    """The party does not fit; it waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatOffered(RsvpEvent):
    """Seats were freed for a party that waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpLapsed(RsvpEvent):
    """An offer was not taken, a fee not paid, or a request not answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpCancelled(RsvpEvent):
    """The fan gave the seats back; of what was paid, `refund_cents` goes back."""

    refund_cents: int
    was_certain: bool = False
    """The seats were theirs, so that it stands in their calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpCalledOff(RsvpEvent):
    """The show was called off; `refund_cents` goes back."""

    refund_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpPaid(RsvpEvent):
    """The seats are certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpReminded(RsvpEvent):
    """The show is near, and the guest may see the address now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpPayable(RsvpEvent):
    """Enough people come: the show takes place, and the seats are to be paid (where they cost anything)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumReached(Event):
    """Enough people come: the show takes place."""

    concert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpAskedAgain(RsvpEvent):
    """The show has moved; the party is asked whether it comes then."""

    was: datetime
    """When the show would have begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpMoved(RsvpEvent):
    """The show has moved; the party has no certain seats yet, and is only told."""

    was: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RsvpReleased(RsvpEvent):
    """A party does not come on the new date, or has not said so in time; `refund_cents` goes back."""

    refund_cents: int
