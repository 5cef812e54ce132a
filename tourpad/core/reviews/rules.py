"""When a review can be written and read (pure)."""

from datetime import datetime, timedelta

from tourpad.core.reviews.errors import ReviewClosed

WRITE_WITHIN = timedelta(days=60)
"""After the show. Memories fade, and so does what they are worth."""

HIDDEN_FOR = timedelta(days=14)
"""A review is hidden until both have written, or for so long."""

LONGEST_TEXT = 5_000
RATINGS = (1, 5)


def publishes_at(written_at: datetime) -> datetime:
    """When a review is published even if the other side stays silent."""
    return written_at + HIDDEN_FOR


def check_may_write(*, now: datetime, completed_at: datetime, others_is_out: bool) -> None:
    """Refuse a review that comes too late.

    Nobody writes after reading what the other side wrote, otherwise the second word would be an answer and not a
    review: whoever let the two weeks pass can still respond.

    Args:
        now: the present.
        completed_at: when the show was completed.
        others_is_out: whether the other side's review can be read already.

    Raises:
        ReviewClosed: 60 days after the show, or once the other side's review is out.
    """
    if others_is_out:
        raise ReviewClosed(
            "What the other side wrote is out already, so it is too late for your own.",
            hint="You can answer it: POST /api/reviews/{id}/response.",
        )
    if now >= completed_at + WRITE_WITHIN:
        raise ReviewClosed(f"Reviews are written within {WRITE_WITHIN.days} days of the show.")
