"""What happens to reviews."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWritten(Event):
    """A side has written, and the other one has not."""

    review_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPublished(Event):
    """What a side wrote can be read."""

    review_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAnswered(Event):
    """The one who was reviewed has answered."""

    review_id: UUID
