"""Every SELECT of counting, and the INSERT that finds or makes a number."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.ids import new_id
from tourpad.core.usage.models import UsageEvent, UsagePseudonym
from tourpad.core.work import Work


def find_pseudonym(work: Work, user_id: UUID) -> UUID | None:
    """The number that stands for a person, if one does."""
    return work.session.scalar(select(UsagePseudonym.pseudonym).where(UsagePseudonym.user_id == user_id))


def pseudonym_of(work: Work, user_id: UUID) -> UUID:
    """The same, made where there is none: of two at once one is first, and both get its."""
    found = find_pseudonym(work, user_id)
    if found is not None:
        return found
    # By chance alone: our own ids tell when they were made.
    new = insert(UsagePseudonym).values(id=new_id(), user_id=user_id, pseudonym=uuid4())
    work.session.execute(new.on_conflict_do_nothing(index_elements=["user_id"]))
    return work.session.scalars(select(UsagePseudonym.pseudonym).where(UsagePseudonym.user_id == user_id)).one()


def claimed(work: Work, ids: Collection[UUID], lease: datetime | None) -> list[UsageEvent]:
    """Those of some events that are still this worker's, locked."""
    mine = select(UsageEvent).where(UsageEvent.id.in_(ids), UsageEvent.lease_until == lease)
    return list(work.session.scalars(mine.with_for_update()))
