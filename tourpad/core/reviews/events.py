"""What happens to reviews."""

from uuid import UUID

from tourpad.core.events import Event


class ReviewWritten(Event, kw_only=True):
    """A side has written, and the other one has not."""

    review_id: UUID


class ReviewPublished(Event, kw_only=True):
    """What a side wrote can be read."""

    review_id: UUID


class ReviewAnswered(Event, kw_only=True):
    """The one who was reviewed has answered."""

    review_id: UUID
