"""What happens to bookings."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import BookingState, CancelledBy, OfferState, Side
from tourpad.core.events import Event


class BookingRequested(Event, kw_only=True):
    """An artist asked a host for a date, or a host invited an artist."""

    booking_id: UUID


class OfferMade(Event, kw_only=True):
    """A side answered with other terms; the turn has passed."""

    booking_id: UUID
    by: Side


class BookingApproved(Event, kw_only=True):
    """Both agree. The host owes the fee now, where there is one."""

    booking_id: UUID
    by: Side


class BookingConfirmed(Event, kw_only=True):
    """The fee is secured: the date is held."""

    booking_id: UUID


class BookingCompleted(Event, kw_only=True):
    """The show was played."""

    booking_id: UUID


class BookingRejected(Event, kw_only=True):
    """A side said no."""

    booking_id: UUID
    by: Side


class BookingExpired(Event, kw_only=True):
    """Nobody answered or paid in time, or another booking got the date."""

    booking_id: UUID
    was: BookingState
    date_taken: bool = False


class BookingReminded(Event, kw_only=True):
    """It is time to remind whoever has to answer or pay."""

    booking_id: UUID


class BookingCancelled(Event, kw_only=True):
    """It was called off."""

    booking_id: UUID
    was: BookingState
    by: CancelledBy
    refund_cents: int
    """Of the fee, planned to go back to the host."""


class RescheduleProposed(Event, kw_only=True):
    """A side proposed another date for a confirmed show."""

    booking_id: UUID
    by: Side
    number: int
    """Of the offer."""


class RescheduleEnded(Event, kw_only=True):
    """A proposed date came to nothing; the show stays where it was."""

    booking_id: UUID
    number: int
    state: OfferState
    """Rejected, withdrawn or expired."""
    by: Side | None
    """Who said so; null where it was time."""
    response: str | None = None
    """What was said with a no."""


class BookingRescheduled(Event, kw_only=True):
    """Both agreed on another date (or time) for a confirmed show."""

    booking_id: UUID
    by: Side
    """Who accepted it."""
    was: datetime
    """When it would have begun."""
