"""Lists of applications: narrowed, sorted, counted."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    SQLColumnExpression,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from tourpad.core.applications import rules
from tourpad.core.applications.models import Application, ApplicationDecision, ApplicationScore
from tourpad.core.applications.states import (
    OPEN_DECISION,
    WAITING,
    ApplicationKind,
    ApplicationState,
    DecisionState,
)
from tourpad.core.identity.models import User
from tourpad.core.values import Value
from tourpad.core.work import Work


class Sort(StrEnum):
    """Orders of a list."""

    OLDEST = "oldest"
    NEWEST = "newest"
    DUE = "due"
    """The most overdue first."""
    NAME = "name"
    PLACE = "place"
    SCORE = "score"
    """The highest first; without a score last."""


class ApplicationFilter(Value):
    """What to look for; nothing given means every application that was ever submitted."""

    states: frozenset[ApplicationState] = frozenset()
    kind: ApplicationKind | None = None
    decisions: frozenset[DecisionState] = frozenset()
    """Only those with a decision that is held, or that waits for a second opinion."""
    reviewer: str | None = None
    """A part of the name or label of whoever has it claimed now."""
    is_claimed: bool | None = None
    is_late: bool = False
    older_than: timedelta | None = None
    """Submitted longer ago than this."""
    place: str | None = None
    """A state (`OH`), a town (`Columbus`), or both."""
    text: str | None = None
    """A part of a name, a mail address or an answer."""
    sort: Sort = Sort.OLDEST


class ApplicationView(Value):
    """An application with whose it is."""

    application: Application
    name: str
    email: str
    pending: ApplicationDecision | None = None
    """A decision that is made and not told yet."""
    score: Fraction | None = None
    """All reviewers' together, in this round."""
    claimed_by: str | None = None
    """Who has it now, by name, as long as there is one."""


class Count(Value):
    """How many there are in one state and kind."""

    state: ApplicationState
    kind: ApplicationKind
    number: int
    overdue: int
    held: int
    second_opinion: int


def search(
    work: Work, wanted: ApplicationFilter, *, offset: int, limit: int
) -> tuple[list[ApplicationView], int, list[Count]]:
    """Some applications, how many match, and how many there are in all by state and kind. Three queries."""
    where = _conditions(work, wanted)
    claimer = _CLAIMER
    score = _score()
    base = (
        select(Application, User.name, User.email, ApplicationDecision, score, claimer.c.name)
        .join(User, User.id == Application.user_id)
        .outerjoin(
            ApplicationDecision,
            and_(ApplicationDecision.application_id == Application.id, ApplicationDecision.state.in_(OPEN_DECISION)),
        )
        .outerjoin(claimer, claimer.c.id == Application.claimed_by_id)
        .where(*where)
    )
    rows = work.session.execute(base.order_by(*_order(wanted.sort, score)).offset(offset).limit(limit))
    views = [
        ApplicationView(
            application=application,
            name=name,
            email=email,
            pending=pending,
            score=None if given is None else Fraction(Decimal(given)),
            claimed_by=_claimer_of(application, claimed, work.now),
        )
        for application, name, email, pending, given, claimed in rows
    ]
    total = work.session.scalar(
        select(func.count())
        .select_from(Application)
        .join(User, User.id == Application.user_id)
        .outerjoin(
            ApplicationDecision,
            and_(ApplicationDecision.application_id == Application.id, ApplicationDecision.state.in_(OPEN_DECISION)),
        )
        .outerjoin(claimer, claimer.c.id == Application.claimed_by_id)
        .where(*where)
    )
    return views, total or 0, counts(work)


def counts(work: Work) -> list[Count]:
    """How many applications there are by state and kind, and how many of them are late, held, or half decided."""
    late = and_(Application.state.in_(WAITING), Application.due_at < work.now)
    rows = work.session.execute(
        select(
            Application.state,
            Application.kind,
            func.count(),
            func.count().filter(late),
            func.count().filter(ApplicationDecision.state == DecisionState.HELD),
            func.count().filter(ApplicationDecision.state == DecisionState.SECOND_OPINION),
        )
        .outerjoin(
            ApplicationDecision,
            and_(ApplicationDecision.application_id == Application.id, ApplicationDecision.state.in_(OPEN_DECISION)),
        )
        .where(Application.state != ApplicationState.DRAFT)
        .group_by(Application.state, Application.kind)
    )
    return [Count(*row) for row in rows]


def last_decision(work: Work) -> datetime | None:
    """When an application was decided last."""
    return work.session.scalar(select(func.max(Application.decided_at)))


_WORDS = func.jsonb_path_query_array(
    Application.answers, literal_column("""'strict $.** ? (@.type() == "string")'::jsonpath""")
)
"""What people wrote, without the names of fields."""

_CLAIMER = select(User.id, User.name).subquery("claimer")


def _claimer_of(application: Application, name: str | None, now: datetime) -> str | None:
    if application.claimed_until is None or application.claimed_until <= now:
        return None
    return name or application.claimed_by_label


def _conditions(work: Work, wanted: ApplicationFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Application.state != ApplicationState.DRAFT]
    claimed = and_(Application.claimed_until.is_not(None), Application.claimed_until > work.now)
    if wanted.states:
        where.append(Application.state.in_(wanted.states))
    if wanted.kind is not None:
        where.append(Application.kind == wanted.kind)
    if wanted.decisions:
        where.append(ApplicationDecision.state.in_(wanted.decisions))
    if wanted.reviewer is not None:
        by = or_(
            Application.claimed_by_label.icontains(wanted.reviewer, autoescape=True),
            _CLAIMER.c.name.icontains(wanted.reviewer, autoescape=True),
        )
        where += [claimed, by]
    if wanted.is_claimed is not None:
        where.append(claimed if wanted.is_claimed else ~claimed)
    if wanted.is_late:
        where += [Application.state.in_(WAITING), Application.due_at < work.now]
    if wanted.older_than is not None:
        where.append(Application.submitted_at < work.now - wanted.older_than)
    if wanted.place:
        town = func.concat_ws(" ", Application.answers["city"].astext, Application.answers["state"].astext)
        words = wanted.place.replace(",", " ").split()
        where += [func.concat(" ", func.lower(town)).contains(f" {word.lower()}", autoescape=True) for word in words]
    if wanted.text:
        words = func.concat_ws(" ", User.name, User.email, cast(_WORDS, Text))
        where.append(words.icontains(wanted.text, autoescape=True))
    return where


def _order(sort: Sort, score: ColumnElement[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    title = func.coalesce(Application.answers["stage_name"].astext, Application.answers["venue_name"].astext, User.name)
    orders: dict[Sort, tuple[SQLColumnExpression[Any], ...]] = {
        Sort.OLDEST: (Application.submitted_at.asc(), Application.id),
        Sort.NEWEST: (Application.submitted_at.desc(), Application.id.desc()),
        Sort.DUE: (Application.due_at.asc().nulls_last(), Application.id),
        Sort.NAME: (func.lower(title), Application.id),
        Sort.PLACE: (
            Application.answers["state"].astext.nulls_last(),
            Application.answers["city"].astext.nulls_last(),
            Application.id,
        ),
        Sort.SCORE: (score.desc().nulls_last(), Application.submitted_at, Application.id),
    }
    return orders[sort]


def _score() -> ColumnElement[Any]:
    """What `rules.together` says, in SQL: the mean over reviewers of each one's weighted scores."""
    weight = case(
        *(
            (and_(Application.kind == kind, ApplicationScore.criterion == c.code), int(c.weight * 100))
            for kind, rubric in rules.RUBRICS.items()
            for c in rubric
        ),
        else_=0,
    )
    each = (
        select(
            (cast(func.sum(weight * ApplicationScore.score), Numeric) / func.nullif(func.sum(weight), 0)).label(
                "weighted"
            )
        )
        .where(ApplicationScore.application_id == Application.id, ApplicationScore.round == Application.round)
        .group_by(ApplicationScore.reviewer)
        .correlate(Application)
        .lateral("each")
    )
    return select(func.avg(each.c.weighted)).select_from(each).correlate(Application).scalar_subquery()
