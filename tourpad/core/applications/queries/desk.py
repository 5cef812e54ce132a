"""The reviewers' queue, their templates, and where each of them stopped."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from tourpad.core.applications.models import Application, ApplicationDecision, ApplicationTemplate, ApplicationWalk
from tourpad.core.applications.reviewers import Reviewer
from tourpad.core.applications.states import (
    OPEN_DECISION,
    WAITING,
    ApplicationKind,
    DecisionState,
    TemplatePurpose,
)
from tourpad.core.errors import NotFoundError
from tourpad.core.values import Value
from tourpad.core.work import Work


class Waiting(Value):
    """What waits for reviewers, in numbers."""

    undecided: int
    """Nobody has decided: submitted or in review."""
    late: int
    """Of those and of decisions that nobody was told: past the promised time."""
    second_opinions: int
    """Decisions that this reviewer could agree to."""
    held: int
    """Decisions that wait to be released."""
    oldest_at: datetime | None
    """When the one that waits longest was submitted."""

    @property
    def any(self) -> bool:
        """Whether anything waits at all."""
        return bool(self.undecided or self.second_opinions or self.held)


def queue(work: Work, reviewer: Reviewer, *, kind: ApplicationKind | None = None) -> list[UUID]:
    """What this reviewer could decide now, the most overdue first: undecided ones, and second opinions.

    Applications that another reviewer has claimed are not among them.
    """
    mine = or_(
        Application.claimed_until.is_(None),
        Application.claimed_until <= work.now,
        Application.claimed_by == reviewer.key,
    )
    where: list[ColumnElement[bool]] = [Application.state.in_(WAITING), mine, _undecided_for(reviewer)]
    if kind is not None:
        where.append(Application.kind == kind)
    return list(
        work.session.scalars(
            select(Application.id).where(*where).order_by(Application.due_at, Application.submitted_at, Application.id)
        )
    )


def elsewhere(work: Work, reviewer: Reviewer) -> int:
    """How many applications other reviewers have on their desks now."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Application)
            .where(
                Application.state.in_(WAITING),
                Application.claimed_until > work.now,
                Application.claimed_by != reviewer.key,
            )
        )
        or 0
    )


def waiting(work: Work, reviewer: Reviewer) -> Waiting:
    """What waits, as one reviewer sees it. Two queries."""
    open_one = _open_one()
    undecided = Application.state.in_(WAITING) & ~open_one
    late = Application.state.in_(WAITING) & (Application.due_at < work.now)
    row = work.session.execute(
        select(
            func.count().filter(undecided),
            func.count().filter(late),
            func.min(Application.submitted_at).filter(Application.state.in_(WAITING)),
        )
    ).one()
    pending = work.session.execute(
        select(
            func.count().filter(
                ApplicationDecision.state == DecisionState.SECOND_OPINION,
                ApplicationDecision.decided_by != reviewer.key,
            ),
            func.count().filter(ApplicationDecision.state == DecisionState.HELD),
        ).where(ApplicationDecision.state.in_(OPEN_DECISION))
    ).one()
    return Waiting(undecided=row[0], late=row[1], oldest_at=row[2], second_opinions=pending[0], held=pending[1])


def held(work: Work) -> list[UUID]:
    """Applications whose decision waits to be released, the first decided first."""
    return list(
        work.session.scalars(
            select(ApplicationDecision.application_id)
            .where(ApplicationDecision.state == DecisionState.HELD)
            .order_by(ApplicationDecision.decided_at, ApplicationDecision.id)
        )
    )


def decided_lately(work: Work, reviewer: Reviewer, *, within: timedelta) -> int:
    """How many decisions of a reviewer's from that time on still stand."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(ApplicationDecision)
            .where(
                ApplicationDecision.decided_by == reviewer.key,
                ApplicationDecision.decided_at > work.now - within,
                ApplicationDecision.state.not_in((DecisionState.WITHDRAWN, DecisionState.UNDONE)),
            )
        )
        or 0
    )


def walk_of(work: Work, reviewer: Reviewer) -> ApplicationWalk | None:
    """Where a reviewer stopped."""
    return work.session.scalar(select(ApplicationWalk).where(ApplicationWalk.reviewer == reviewer.key))


def templates(
    work: Work, reviewer: Reviewer, *, purposes: Collection[TemplatePurpose] = ()
) -> list[ApplicationTemplate]:
    """Texts that a reviewer may use: their own first, then everybody's, by name."""
    where: list[ColumnElement[bool]] = [ApplicationTemplate.owner.in_(("", reviewer.key))]
    if purposes:
        where.append(ApplicationTemplate.purpose.in_(purposes))
    return list(
        work.session.scalars(
            select(ApplicationTemplate)
            .where(*where)
            .order_by(ApplicationTemplate.purpose, ApplicationTemplate.owner == "", ApplicationTemplate.name)
        )
    )


def template(work: Work, reviewer: Reviewer, *, purpose: TemplatePurpose, name: str) -> ApplicationTemplate:
    """One text by its name, one's own before a shared one.

    Raises:
        NotFoundError: there is none.
    """
    wanted = name.strip().lower()
    for found in templates(work, reviewer, purposes=(purpose,)):
        if found.name == wanted:
            return found
    raise NotFoundError(
        f"There is no {purpose} called {wanted}.", hint="tourpad applications templates list shows them."
    )


def _open_one() -> ColumnElement[bool]:
    return exists().where(
        ApplicationDecision.application_id == Application.id, ApplicationDecision.state.in_(OPEN_DECISION)
    )


def _undecided_for(reviewer: Reviewer) -> ColumnElement[bool]:
    """No decision is made yet, or one of another admin's that this one may agree to."""
    if not reviewer.is_account:
        return ~_open_one()
    theirs = exists().where(
        and_(
            ApplicationDecision.application_id == Application.id,
            ApplicationDecision.state == DecisionState.SECOND_OPINION,
            ApplicationDecision.decided_by != reviewer.key,
        )
    )
    return or_(~_open_one(), theirs)
