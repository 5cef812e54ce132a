"""How reliable an artist or a host is, as the other side may know it."""

from datetime import timedelta
from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.queries import Record
from tourpad.core.bookings.states import Side
from tourpad.core.values import Value
from tourpad.core.work import Work

COUNTS_FOR = timedelta(days=365)
"""What is longer ago is forgotten."""

LEAST_OFFERS = 5
LEAST_SHOWS = 3
"""With fewer nothing is said: one bad week is no habit."""


class Reliability(Value):
    """What can be said of one side's last twelve months; null where there is too little to say it by."""

    answer_percent: int | None
    """Of the offers of others that were answered before they ran out."""
    median_answer_minutes: int | None
    confirmed_shows: int | None
    cancelled_shows: int | None
    """Of them, called off by this side."""


def reliability(work: Work, *, side: Side, profile_id: UUID) -> Reliability:
    """How reliable one artist or host was in the last twelve months, counted from what happened.

    Args:
        work: the unit of work.
        side: which of the two.
        profile_id: the artist's or host's profile.
    """
    return judged(queries.record_of(work, side, profile_id, since=work.now - COUNTS_FOR))


def judged(record: Record) -> Reliability:
    """What may be said by some counts (pure)."""
    enough = record.asked >= LEAST_OFFERS
    median = record.median_seconds
    shows = record.confirmed >= LEAST_SHOWS
    return Reliability(
        # Rounded down: 99.6 % is not always.
        answer_percent=record.answered * 100 // record.asked if enough else None,
        median_answer_minutes=round(median / 60) if enough and median is not None else None,
        confirmed_shows=record.confirmed if shows else None,
        cancelled_shows=record.cancelled if shows else None,
    )
