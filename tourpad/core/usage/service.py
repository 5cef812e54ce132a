"""Note what happened, to be told later; forget who did it."""

from uuid import UUID, uuid4

from sqlalchemy import delete, update

from tourpad.core.usage import queries, rules
from tourpad.core.usage.models import UsageEvent, UsagePseudonym
from tourpad.core.work import Work


def note(work: Work, *, name: str, user_id: UUID | None, role: str | None) -> None:
    """Let something be counted once this unit of work is committed.

    Args:
        work: the unit of work.
        name: what happened.
        user_id: who did it, or to whom it happened; only a number that stands for them is kept.
        role: theirs.
    """
    work.add(
        UsageEvent(
            id=uuid4(),
            name=name,
            whose=None if user_id is None else queries.pseudonym_of(work, user_id),
            role=role,
            happened_at=rules.to_the_hour(work.now),
            due_at=work.now,
        )
    )


def forget(work: Work, *, user_id: UUID) -> None:
    """Nobody knows any more which number stood for this person, not for what was told before either."""
    pseudonym = queries.find_pseudonym(work, user_id)
    if pseudonym is not None:
        work.session.execute(update(UsageEvent).where(UsageEvent.whose == pseudonym).values(whose=None))
        work.session.execute(delete(UsagePseudonym).where(UsagePseudonym.user_id == user_id))


def forget_all(work: Work) -> int:
    """Nothing is counted any more: what waits is not told, no number stands for anybody. Answers how much waited."""
    gone = work.session.scalars(delete(UsageEvent).returning(UsageEvent.id)).all()
    work.session.execute(delete(UsagePseudonym))
    return len(gone)
