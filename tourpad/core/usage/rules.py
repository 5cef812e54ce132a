"""What is counted, what it is called, and how exactly its time is told: pure rules."""

import re
from datetime import datetime
from typing import Final

from tourpad.core.applications import events as applications
from tourpad.core.bookings import events as bookings
from tourpad.core.concerts import events as concerts
from tourpad.core.events import Event
from tourpad.core.identity import events as identity
from tourpad.core.memberships import events as memberships
from tourpad.core.messaging import events as messaging
from tourpad.core.payouts import events as payouts
from tourpad.core.reviews import events as reviews

COUNTED: Final[frozenset[type[Event]]] = frozenset(
    {
        identity.UserRegistered,
        identity.EmailVerified,
        identity.UserErased,
        applications.ApplicationSubmitted,
        applications.ApplicationApproved,
        applications.ApplicationRejected,
        memberships.MembershipActivated,
        memberships.MembershipEnded,
        memberships.MembershipCancelling,
        bookings.BookingRequested,
        bookings.OfferMade,
        bookings.BookingApproved,
        bookings.BookingRejected,
        bookings.BookingExpired,
        bookings.BookingConfirmed,
        bookings.BookingCancelled,
        bookings.BookingCompleted,
        concerts.RsvpRequested,
        concerts.RsvpApproved,
        concerts.RsvpWaitlisted,
        concerts.RsvpPaid,
        concerts.RsvpCancelled,
        concerts.ConcertCompleted,
        reviews.ReviewWritten,
        messaging.MessageSent,
        payouts.PayoutSent,
    }
)
"""Steps of the way from registering to being paid. Of each its name and whose it was, nothing that it holds."""

_WORDS: Final = re.compile(r"(?<!^)(?=[A-Z])")


def name_of(event: type[Event]) -> str:
    """`BookingRequested` is `booking requested`."""
    return _WORDS.sub(" ", event.__name__).lower()


def to_the_hour(at: datetime) -> datetime:
    """An instant, as it is told: by the second somebody could be found again in what we keep of a booking."""
    return at.replace(minute=0, second=0, microsecond=0)
