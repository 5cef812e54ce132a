"""A booking's life, and whose turn it is."""

from enum import StrEnum


class BookingState(StrEnum):
    """How a booking stands."""

    PENDING = "pending"
    COUNTERED = "countered"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


MOVES: dict[BookingState, frozenset[BookingState]] = {
    BookingState.PENDING: frozenset(
        {
            BookingState.APPROVED,
            BookingState.COUNTERED,
            BookingState.REJECTED,
            BookingState.EXPIRED,
            BookingState.CANCELLED,
        }
    ),
    BookingState.COUNTERED: frozenset(
        {
            BookingState.APPROVED,
            BookingState.PENDING,
            BookingState.COUNTERED,
            BookingState.REJECTED,
            BookingState.EXPIRED,
            BookingState.CANCELLED,
        }
    ),
    BookingState.APPROVED: frozenset({BookingState.CONFIRMED, BookingState.EXPIRED, BookingState.CANCELLED}),
    BookingState.CONFIRMED: frozenset({BookingState.CONFIRMED, BookingState.COMPLETED, BookingState.CANCELLED}),
    BookingState.COMPLETED: frozenset(),
    BookingState.REJECTED: frozenset(),
    BookingState.EXPIRED: frozenset(),
    BookingState.CANCELLED: frozenset(),
}
"""`pending` is the first offer, waiting for whoever was asked (the artist where a host invites); `countered` any later
one, waiting for the other side. Whoever asked may withdraw before an answer (cancelled, nothing paid). From
`confirmed` to `confirmed` is another date that both have agreed on."""

CALLED_OFF_FROM = frozenset(state for state, to in MOVES.items() if BookingState.CANCELLED in to)
"""What can still be called off."""

OPEN = frozenset({BookingState.PENDING, BookingState.COUNTERED, BookingState.APPROVED})
"""Not decided yet."""


class OfferState(StrEnum):
    """What became of one version of the terms."""

    OPEN = "open"
    ACCEPTED = "accepted"
    COUNTERED = "countered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OFFER_MOVES: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset(OfferState) - {OfferState.OPEN},
    OfferState.ACCEPTED: frozenset(),
    OfferState.COUNTERED: frozenset(),
    OfferState.REJECTED: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}
"""An offer is answered once. A booking has at most one that is open (the database says so)."""

ANSWERED = frozenset({OfferState.ACCEPTED, OfferState.COUNTERED, OfferState.REJECTED})
"""Somebody said something."""


class Side(StrEnum):
    """Who speaks."""

    ARTIST = "artist"
    HOST = "host"

    @property
    def other(self) -> "Side":
        """The one who is spoken to."""
        return Side.HOST if self is Side.ARTIST else Side.ARTIST


class CancelledBy(StrEnum):
    """Who called it off; what goes back depends on it."""

    ARTIST = "artist"
    HOST = "host"
    FAN = "fan"
    """Gives seats back; no fan ever calls a booking off."""
    ADMIN = "admin"
    SYSTEM = "system"


class Policy(StrEnum):
    """How much goes back to a payer who calls off what they have paid for (the shares: `policies.py`)."""

    FLEXIBLE = "flexible"
    MODERATE = "moderate"
    STRICT = "strict"


class DoorMode(StrEnum):
    """Whether a seat has a price, or each party names one."""

    FIXED = "fixed"
    PAY_WHAT_YOU_CAN = "pay_what_you_can"
