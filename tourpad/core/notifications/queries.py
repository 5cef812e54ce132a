"""Every SELECT about news."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, Text, bindparam, func, select

from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.notifications.models import Notification, NotificationPreference
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.values import Value
from tourpad.core.work import Work


class Recipient(Value):
    """Whom to tell."""

    user_id: UUID
    name: str
    email: str


def recipient(work: Work, user_id: UUID) -> Recipient | None:
    """The person to tell; nobody, once they are erased.

    Raises:
        NotFoundError: there is no such person at all.
    """
    found = _person(work, _whom(), {"user_id": user_id})
    return found[0] if found else None


def recipient_for(work: Work, user_id: UUID, category: Category) -> tuple[Recipient, set[Channel]] | None:
    """The person to tell, and the channels by which they want no news of that category; nobody, once erased.

    Raises:
        NotFoundError: there is no such person at all.
    """
    found = _person(work, _whom_and_how(), {"user_id": user_id, "category": category})
    return (found[0], {Channel(name) for name in found[1].refused or ()}) if found else None


def refused_channels(work: Work, user_id: UUID, category: Category) -> set[Channel]:
    """The channels by which a person wants no news of that category."""
    return set(
        work.session.scalars(
            select(NotificationPreference.channel).where(
                NotificationPreference.user_id == user_id,
                NotificationPreference.category == category,
                NotificationPreference.enabled.is_(False),
            )
        )
    )


def _person(
    work: Work, statement: Select[*tuple[Any, ...]], given: dict[str, Any]
) -> tuple[Recipient, Row[*tuple[Any, ...]]] | None:
    row = work.session.execute(statement, given).one_or_none()
    if row is None:
        raise NotFoundError(f"No user has the id {given['user_id']}.")
    return None if row.state is UserState.ERASED else (Recipient(given["user_id"], row.name, row.email), row)


@cache
def _whom() -> Select[*tuple[Any, ...]]:
    return select(User.name, User.email, User.state).where(User.id == bindparam("user_id"))


@cache
def _whom_and_how() -> Select[*tuple[Any, ...]]:
    """Made once, as every piece of news asks it."""
    refused = (
        select(func.array_agg(NotificationPreference.channel, type_=ARRAY(Text)))
        .where(
            NotificationPreference.user_id == User.id,
            NotificationPreference.category == bindparam("category"),
            NotificationPreference.enabled.is_(False),
        )
        .scalar_subquery()
    )
    return _whom().add_columns(refused.label("refused"))


def preferences(work: Work, user_id: UUID) -> dict[tuple[Category, Channel], bool]:
    """A person's whole table: every category by every channel. What was never decided is yes."""
    table = {(category, channel): True for category in Category for channel in Channel}
    rows = work.session.execute(
        select(NotificationPreference.category, NotificationPreference.channel, NotificationPreference.enabled).where(
            NotificationPreference.user_id == user_id
        )
    )
    for category, channel, enabled in rows:
        table[category, channel] = enabled
    return table


def of_user(
    work: Work, user_id: UUID, *, page: int, limit: int, unread_only: bool = False
) -> tuple[list[Notification], int]:
    """One page of a person's news, newest first, and how many there are in all."""
    mine = Notification.user_id == user_id
    if unread_only:
        mine &= Notification.read_at.is_(None)
    total = work.session.scalar(select(func.count()).select_from(Notification).where(mine)) or 0
    rows = work.session.scalars(
        select(Notification)
        .where(mine)
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
        .offset((page - 1) * limit)
    )
    return list(rows), total


def unread(work: Work, user_id: UUID) -> int:
    """How much news a person has not read."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        )
        or 0
    )


def unread_of(work: Work, user_ids: Collection[UUID]) -> dict[UUID, int]:
    """How much news each of these has not read; who has none is left out."""
    rows = work.session.execute(
        select(Notification.user_id, func.count())
        .where(Notification.user_id.in_(user_ids), Notification.read_at.is_(None))
        .group_by(Notification.user_id)
    )
    found: dict[UUID, int] = dict(rows.all())
    return found


def of_ids(work: Work, ids: Collection[UUID]) -> Sequence[Notification]:
    """These pieces of news, as far as they are there."""
    return work.session.scalars(select(Notification).where(Notification.id.in_(ids))).all()


def since(work: Work, user_id: UUID, instant: datetime, *, limit: int) -> Sequence[Notification]:
    """A person's news from an instant on, oldest first."""
    return work.session.scalars(
        select(Notification)
        .where(Notification.user_id == user_id, Notification.created_at >= instant)
        .order_by(Notification.created_at, Notification.id)
        .limit(limit)
    ).all()


def get_own(work: Work, *, notification_id: UUID, user_id: UUID) -> Notification:
    """One piece of a person's own news.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    found = work.session.scalar(
        select(Notification).where(Notification.id == notification_id, Notification.user_id == user_id)
    )
    if found is None:
        raise NotFoundError("No notification has this id.")
    return found
