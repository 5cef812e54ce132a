"""Every SELECT on fans."""

from uuid import UUID

from sqlalchemy import select

from tourpad.core.fans.models import Fan
from tourpad.core.work import Work


def get_by_user(work: Work, user_id: UUID) -> Fan | None:
    """The preferences of an account."""
    return work.session.scalar(select(Fan).where(Fan.user_id == user_id))


def get_for_update(work: Work, user_id: UUID) -> Fan | None:
    """The same, locked: two edits at once do not lose one another's fields."""
    return work.session.scalar(
        select(Fan).where(Fan.user_id == user_id).with_for_update().execution_options(populate_existing=True)
    )
