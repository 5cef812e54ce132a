"""What reviews refuse."""

from tourpad.core.errors import ConflictError, RefusedError


class NotPlayed(RefusedError):
    """Only shows that were played are reviewed."""

    code = "not_completed"


class ReviewClosed(RefusedError):
    """The time to write has run out, or the other side's words are out already."""

    code = "review_closed"


class AlreadyReviewed(ConflictError):
    """One review a person and booking."""

    code = "already_reviewed"


class AlreadyAnswered(ConflictError):
    """One response a review."""

    code = "already_answered"
