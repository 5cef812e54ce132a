"""What happens to news."""

from uuid import UUID

from tourpad.core.events import Event


class NotificationListed(Event, kw_only=True):
    """A piece of news is in a person's list."""

    user_id: UUID
    notification_id: UUID
