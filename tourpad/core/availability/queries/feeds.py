"""Calendars kept elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.availability.models import CalendarFeed
from tourpad.core.availability.states import FeedState
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User
from tourpad.core.work import Work


def of_user(work: Work, user_id: UUID) -> list[CalendarFeed]:
    """A person's feeds, the first one first."""
    return list(
        work.session.scalars(
            select(CalendarFeed)
            .where(CalendarFeed.user_id == user_id)
            .order_by(CalendarFeed.created_at, CalendarFeed.id)
        )
    )


def count(work: Work, user_id: UUID) -> int:
    """How many a person has."""
    return (
        work.session.scalar(select(func.count()).select_from(CalendarFeed).where(CalendarFeed.user_id == user_id)) or 0
    )


def get_own(work: Work, *, feed_id: UUID, user_id: UUID) -> CalendarFeed:
    """One of a person's feeds, locked: a fetch that ends now and its owner's change come in turn.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    feed = work.session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.id == feed_id, CalendarFeed.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if feed is None:
        raise NotFoundError("No calendar feed has this id.", hint="GET /api/availability/me/feeds lists yours.")
    return feed


def find_for_update(work: Work, feed_id: UUID) -> CalendarFeed | None:
    """One feed, locked; nothing where its owner has taken it away meanwhile."""
    return work.session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.id == feed_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def due(work: Work, *, now: datetime, limit: int) -> list[CalendarFeed]:
    """Feeds whose time has come, locked; those that another worker holds are passed over."""
    return list(
        work.session.scalars(
            select(CalendarFeed)
            .where(CalendarFeed.next_fetch_at <= now, CalendarFeed.state != FeedState.STOPPED)
            .order_by(CalendarFeed.next_fetch_at, CalendarFeed.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def all_with_owners(
    work: Work, *, user_id: UUID | None, state: FeedState | None, limit: int
) -> list[tuple[CalendarFeed, str]]:
    """Feeds and their owners' mail addresses, those that fail longest first."""
    wanted = select(CalendarFeed, User.email).join(User, User.id == CalendarFeed.user_id)
    if user_id is not None:
        wanted = wanted.where(CalendarFeed.user_id == user_id)
    if state is not None:
        wanted = wanted.where(CalendarFeed.state == state)
    rows = work.session.execute(
        wanted.order_by(CalendarFeed.failures.desc(), CalendarFeed.created_at, CalendarFeed.id).limit(limit)
    )
    return [(row[0], row[1]) for row in rows]
