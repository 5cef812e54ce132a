"""A piece of news as its person sees it: in lists, and on sockets."""

from datetime import datetime
from uuid import UUID

from tourpad.core.notifications.models import Notification
from tourpad.core.notifications.states import Category
from tourpad.web.shapes import Output


class NotificationOut(Output):
    """One piece of news. `actionUrl` is a path of this site, or a whole address elsewhere."""

    id: UUID
    category: Category
    title: str
    message: str | None
    related_type: str | None
    related_id: UUID | None
    action_url: str | None
    action_text: str | None
    is_read: bool
    read_at: datetime | None
    created_at: datetime


def notification_out(row: Notification) -> NotificationOut:
    """A piece of news as its person sees it."""
    return NotificationOut(
        id=row.id,
        category=row.category,
        title=row.title,
        message=row.message,
        related_type=row.related_type,
        related_id=row.related_id,
        action_url=row.action_url,
        action_text=row.action_text,
        is_read=row.read_at is not None,
        read_at=row.read_at,
        created_at=row.created_at,
    )
