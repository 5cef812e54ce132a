"""Every SELECT on applications."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, select

from tourpad.core.applications import rules
from tourpad.core.applications.models import Application, ApplicationNote, ApplicationQuestion
from tourpad.core.applications.states import WAITING, ApplicationKind, ApplicationState
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User
from tourpad.core.work import Work


class Sort(StrEnum):
    """Orders of a list."""

    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What to look for; nothing given means every application that was ever submitted."""

    states: frozenset[ApplicationState] = frozenset()
    kind: ApplicationKind | None = None
    sort: Sort = Sort.OLDEST


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application with whose it is."""

    application: Application
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are in one state and kind."""

    state: ApplicationState
    kind: ApplicationKind
    number: int
    overdue: int


@dataclass(frozen=True, slots=True)
class NoteView:
    """A reviewer's word to the others, with who said it: by name, as long as there is one."""

    id: UUID
    author: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """One application with all that belongs to it."""

    view: ApplicationView
    questions: list[ApplicationQuestion]
    notes: list[NoteView]


def get(work: Work, application_id: UUID) -> Application:
    """One application.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.get(Application, application_id)
    if found is None:
        raise _unknown()
    return found


def get_for_update(work: Work, application_id: UUID) -> Application:
    """One application, locked: two reviewers' decisions come one after the other, and the second is refused.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.scalar(
        select(Application)
        .where(Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise _unknown()
    return found


def get_by_user(work: Work, user_id: UUID) -> Application | None:
    """A person's own application."""
    return work.session.scalar(select(Application).where(Application.user_id == user_id))


def get_by_user_for_update(work: Work, user_id: UUID) -> Application | None:
    """The same, locked: of two submissions at once the second finds the first."""
    return work.session.scalar(
        select(Application)
        .where(Application.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def questions(work: Work, application_id: UUID) -> list[ApplicationQuestion]:
    """Follow-up questions in the order in which they were asked."""
    return list(
        work.session.scalars(
            select(ApplicationQuestion)
            .where(ApplicationQuestion.application_id == application_id)
            .order_by(ApplicationQuestion.asked_at, ApplicationQuestion.id)
        )
    )


def detail(work: Work, application_id: UUID) -> Detail:
    """One application with its person, questions and notes. Three queries.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(
        select(Application, User.name, User.email)
        .join(User, User.id == Application.user_id)
        .where(Application.id == application_id)
    ).one_or_none()
    if row is None:
        raise _unknown()
    notes = work.session.execute(
        select(
            ApplicationNote.id,
            func.coalesce(User.name, ApplicationNote.author_label),
            ApplicationNote.note,
            ApplicationNote.created_at,
        )
        .outerjoin(User, User.id == ApplicationNote.author_id)
        .where(ApplicationNote.application_id == application_id)
        .order_by(ApplicationNote.created_at, ApplicationNote.id)
    )
    return Detail(
        view=ApplicationView(*row), questions=questions(work, application_id), notes=[NoteView(*n) for n in notes]
    )


def search(
    work: Work, wanted: ApplicationFilter, *, offset: int, limit: int
) -> tuple[list[ApplicationView], list[Count]]:
    """Some applications, and how many there are in all by state and kind. Two queries."""
    where: list[ColumnElement[bool]] = [Application.state != ApplicationState.DRAFT]
    if wanted.states:
        where.append(Application.state.in_(wanted.states))
    if wanted.kind is not None:
        where.append(Application.kind == wanted.kind)
    orders: dict[Sort, tuple[SQLColumnExpression[Any], ...]] = {
        Sort.OLDEST: (Application.submitted_at.asc(), Application.id),
        Sort.NEWEST: (Application.submitted_at.desc(), Application.id.desc()),
        Sort.NAME: (func.lower(User.name), Application.id),
    }
    rows = work.session.execute(
        select(Application, User.name, User.email)
        .join(User, User.id == Application.user_id)
        .where(*where)
        .order_by(*orders[wanted.sort])
        .offset(offset)
        .limit(limit)
    )
    return [ApplicationView(*row) for row in rows], counts(work)


def counts(work: Work) -> list[Count]:
    """How many applications there are by state and kind, and how many of them are late."""
    late = and_(Application.state.in_(WAITING), Application.submitted_at < work.now - rules.PROMISE)
    rows = work.session.execute(
        select(Application.state, Application.kind, func.count(), func.count().filter(late))
        .where(Application.state != ApplicationState.DRAFT)
        .group_by(Application.state, Application.kind)
    )
    return [Count(*row) for row in rows]


def total(counted: list[Count], wanted: ApplicationFilter) -> int:
    """Of those counts, how many a filter matches."""
    return sum(
        c.number
        for c in counted
        if (not wanted.states or c.state in wanted.states) and (wanted.kind is None or c.kind is wanted.kind)
    )


def waiting(work: Work, *, kind: ApplicationKind | None = None) -> list[UUID]:
    """The reviewers' queue: who waits longest comes first."""
    where: list[ColumnElement[bool]] = [Application.state.in_(WAITING)]
    if kind is not None:
        where.append(Application.kind == kind)
    return list(
        work.session.scalars(select(Application.id).where(*where).order_by(Application.submitted_at, Application.id))
    )


def last_decision(work: Work) -> datetime | None:
    """When an application was decided last."""
    return work.session.scalar(select(func.max(Application.decided_at)))


def _unknown() -> NotFoundError:
    return NotFoundError("No application has this id.")
