"""News, and what a person wants to be told by which way."""

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.notifications import queries, service
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.notices import NotificationOut, notification_out
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination


class NotificationsOut(Output):
    """One page of news, newest first."""

    notifications: list[NotificationOut]
    unread: int
    pagination: Pagination


class ReadOut(Output):
    """How many were unread."""

    read: int


class PreferencesOut(Output):
    """Every category by every channel. Payments and the account itself always go."""

    preferences: dict[Category, dict[Channel, bool]]


class PreferencesIn(Input):
    """What changes; what is not mentioned stays."""

    preferences: dict[Category, dict[Channel, bool]]


def _table(chosen: dict[tuple[Category, Channel], bool]) -> PreferencesOut:
    return PreferencesOut(preferences={c: {channel: chosen[c, channel] for channel in Channel} for c in Category})


@get("/api/notifications", **needs(Permission.ACCOUNT), tags=["notifications"])
def list_notifications(
    platform: Platform,
    principal: Principal,
    page: PageParam = 1,
    limit: LimitParam = 20,
    *,
    unread_only: Annotated[bool, QueryParameter(name="unread", description="Only what was not read yet.")] = False,
) -> NotificationsOut:
    """Own news, newest first."""
    with platform.work(principal.actor) as work:
        rows, total = queries.of_user(work, principal.user_id, page=page, limit=limit, unread_only=unread_only)
        unread = queries.unread(work, principal.user_id)
    return NotificationsOut(
        notifications=[notification_out(row) for row in rows],
        unread=unread,
        pagination=pagination(page=page, limit=limit, total=total),
    )


@post(
    "/api/notifications/{notification_id:uuid}/read",
    status_code=200,
    **needs(Permission.ACCOUNT),
    tags=["notifications"],
)
def read_notification(notification_id: UUID, platform: Platform, principal: Principal) -> NotificationOut:
    """Mark one as read. Safe to repeat."""
    with platform.work(principal.actor) as work:
        row = service.mark_read(work, user_id=principal.user_id, notification_id=notification_id)
        work.commit()
        return notification_out(row)


@post("/api/notifications/read-all", status_code=200, **needs(Permission.ACCOUNT), tags=["notifications"])
def read_all(platform: Platform, principal: Principal) -> ReadOut:
    """Mark all as read."""
    with platform.work(principal.actor) as work:
        count = service.mark_all_read(work, user_id=principal.user_id)
        work.commit()
    return ReadOut(read=count)


@get("/api/users/me/notification-preferences", **needs(Permission.ACCOUNT), tags=["users"])
def get_preferences(platform: Platform, principal: Principal) -> PreferencesOut:
    """What is told by which way."""
    with platform.work(principal.actor) as work:
        return _table(queries.preferences(work, principal.user_id))


@patch("/api/users/me/notification-preferences", **needs(Permission.ACCOUNT), tags=["users"])
def patch_preferences(data: PreferencesIn, platform: Platform, principal: Principal) -> PreferencesOut:
    """Say yes or no to categories by channel. News of payments and of the account can't be turned off."""
    wanted = {(c, channel): on for c, channels in data.preferences.items() for channel, on in channels.items()}
    with platform.work(principal.actor) as work:
        service.set_preferences(work, user_id=principal.user_id, wanted=wanted)
        work.commit()
        return _table(queries.preferences(work, principal.user_id))


ROUTES = (list_notifications, read_notification, read_all, get_preferences, patch_preferences)
