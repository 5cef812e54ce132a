"""What happens to bookings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import BookingState, CancelledBy, OfferState, Side
from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequested(Event):
    """An artist asked a host for a date, or a host invited an artist."""

    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(Event):
    """A side answered with other terms; the turn has passed."""

    booking_id: UUID
    by: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingApproved(Event):
    """Both agree. The host owes the fee now, where there is one."""

    booking_id: UUID
    by: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingConfirmed(Event):
    """The fee is secured: the date is held."""

    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCompleted(Event):
    """The show was played."""

    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRejected(Event):
    """A side said no."""

    booking_id: UUID
    by: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingExpired(Event):
    """Nobody answered or paid in time, or another booking got the date."""

    booking_id: UUID
    was: BookingState
    date_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingReminded(Event):
    """It is time to remind whoever has to answer or pay."""

    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCancelled(Event):
    """It was called off."""

    booking_id: UUID
    was: BookingState
    by: CancelledBy
    refund_cents: int
    """Of the fee, planned to go back to the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleProposed(Event):
    """A side proposed another date for a confirmed show."""

    booking_id: UUID
    by: Side
    number: int
    """Of the offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleEnded(Event):
    """A proposed date came to nothing; the show stays where it was."""

    booking_id: UUID
    number: int
    state: OfferState
    """Rejected, withdrawn or expired."""
    by: Side | None
    """Who said so; null where it was time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRescheduled(Event):
    """Both agreed on another date (or time) for a confirmed show."""

    booking_id: UUID
    by: Side
    """Who accepted it."""
    was: datetime
    """When it would have begun."""
