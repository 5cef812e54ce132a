"""A concert's life, and a seat's."""

from enum import StrEnum


class ConcertState(StrEnum):
    """How a concert stands."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


CONCERT_MOVES: dict[ConcertState, frozenset[ConcertState]] = {
    ConcertState.SCHEDULED: frozenset({ConcertState.LIVE, ConcertState.COMPLETED, ConcertState.CANCELLED}),
    ConcertState.LIVE: frozenset({ConcertState.COMPLETED, ConcertState.CANCELLED}),
    ConcertState.COMPLETED: frozenset(),
    ConcertState.CANCELLED: frozenset(),
}


class ConcertSort(StrEnum):
    """In which order concerts are listed."""

    DATE = "date"
    """The next first."""
    DISTANCE = "distance"
    """The nearest first, by the host's public point."""
    RATING = "rating"
    """Artists with the best reviews first."""
    RELEVANCE = "relevance"
    """What is most like the words that are looked for first."""


class RsvpState(StrEnum):
    """How a request for seats stands."""

    PENDING = "pending"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    APPROVED = "approved"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"


RSVP_MOVES: dict[RsvpState, frozenset[RsvpState]] = {
    RsvpState.PENDING: frozenset(
        {RsvpState.APPROVED, RsvpState.DECLINED, RsvpState.WAITLISTED, RsvpState.CANCELLED, RsvpState.LAPSED}
    ),
    RsvpState.WAITLISTED: frozenset({RsvpState.OFFERED, RsvpState.DECLINED, RsvpState.CANCELLED, RsvpState.LAPSED}),
    RsvpState.OFFERED: frozenset({RsvpState.APPROVED, RsvpState.DECLINED, RsvpState.LAPSED, RsvpState.CANCELLED}),
    RsvpState.APPROVED: frozenset({RsvpState.CANCELLED, RsvpState.CHECKED_IN, RsvpState.NO_SHOW, RsvpState.LAPSED}),
    RsvpState.DECLINED: frozenset(),
    RsvpState.LAPSED: frozenset(),
    RsvpState.CANCELLED: frozenset(),
    RsvpState.CHECKED_IN: frozenset({RsvpState.CANCELLED}),
    RsvpState.NO_SHOW: frozenset({RsvpState.CHECKED_IN}),
}
"""An approved seat whose door fee is not paid in time lapses. A guest who is in becomes cancelled only where the show
itself is broken off."""

HOLDS_SEATS = frozenset({RsvpState.PENDING, RsvpState.OFFERED, RsvpState.APPROVED, RsvpState.CHECKED_IN})
"""These count against the capacity: a pending request holds its seats until it is answered."""

OPEN = frozenset(
    {
        RsvpState.PENDING,
        RsvpState.WAITLISTED,
        RsvpState.OFFERED,
        RsvpState.APPROVED,
        RsvpState.CHECKED_IN,
        RsvpState.NO_SHOW,
    }
)
"""A fan has at most one of these at one concert (the database says so)."""

UNDECIDED = frozenset({RsvpState.PENDING, RsvpState.WAITLISTED, RsvpState.OFFERED})
"""These end when the show begins."""


class ScanOutcome(StrEnum):
    """What came of a ticket that was scanned at the door, or of a name that was ticked off."""

    LET_IN = "let_in"
    DUPLICATE = "duplicate"
    """Everybody of the party had come before: by another scan that was earlier."""
    REFUSED = "refused"
