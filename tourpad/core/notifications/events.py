"""What happens to news."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationListed(Event):
    """A piece of news is in a person's list."""

    user_id: UUID
    notification_id: UUID
