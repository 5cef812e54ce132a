"""One application, and all that belongs to it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.applications.models import (
    Application,
    ApplicationDecision,
    ApplicationNote,
    ApplicationQuestion,
    ApplicationScore,
    ApplicationSubmission,
)
from tourpad.core.applications.queries.lists import ApplicationView
from tourpad.core.applications.rules import photo_ids
from tourpad.core.applications.states import OPEN_DECISION, DecisionState
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User
from tourpad.core.media import queries as media
from tourpad.core.media.models import Media, MediaVariant
from tourpad.core.values import Value
from tourpad.core.work import Work


class NoteView(Value):
    """A reviewer's word to the others, with who said it: by name, as long as there is one."""

    id: UUID
    author: str
    note: str
    created_at: datetime


class ScoreView(Value):
    """What one reviewer gave."""

    reviewer: str
    """Their key."""
    who: str
    """By name, as long as there is one."""
    scores: dict[str, int]
    """By criterion."""


class DecisionView(Value):
    """A decision, with who made it and who agreed, by name."""

    decision: ApplicationDecision
    who: str
    agreed: str | None


class Photo(Value):
    """An upload that the form names, with the largest form of it once there is one."""

    media: Media
    largest: MediaVariant | None


class Detail(Value):
    """One application with all that belongs to it."""

    view: ApplicationView
    questions: list[ApplicationQuestion]
    notes: list[NoteView]
    decisions: list[DecisionView]
    """Every one that was ever made, the first one first."""
    submissions: list[ApplicationSubmission]
    scores: list[ScoreView]
    """Of this round."""
    photos: list[Photo]

    @property
    def pending(self) -> DecisionView | None:
        """The decision that is made and not told yet."""
        return next((d for d in self.decisions if d.decision.state in OPEN_DECISION), None)


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


def open_decision(work: Work, application_id: UUID) -> ApplicationDecision | None:
    """The decision that is made and not told yet. Whoever changes it holds the application's lock."""
    return work.session.scalar(
        select(ApplicationDecision).where(
            ApplicationDecision.application_id == application_id, ApplicationDecision.state.in_(OPEN_DECISION)
        )
    )


def effective_decision(work: Work, application_id: UUID) -> ApplicationDecision | None:
    """The decision that holds now."""
    return work.session.scalar(
        select(ApplicationDecision)
        .where(
            ApplicationDecision.application_id == application_id, ApplicationDecision.state == DecisionState.EFFECTIVE
        )
        .order_by(ApplicationDecision.decided_at.desc())
        .limit(1)
    )


def detail(work: Work, application_id: UUID) -> Detail:
    """One application with its person, questions, notes, decisions, rounds, scores and photos. Eight queries.

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
    application: Application = row[0]
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
    decisions = _decisions(work, application_id)
    pending = next((d.decision for d in decisions if d.decision.state in OPEN_DECISION), None)
    return Detail(
        view=ApplicationView(application, row[1], row[2], pending=pending),
        questions=questions(work, application_id),
        notes=[NoteView(*n) for n in notes],
        decisions=decisions,
        submissions=_submissions(work, application_id),
        scores=scores(work, application),
        photos=_photos(work, application),
    )


def scores(work: Work, application: Application) -> list[ScoreView]:
    """What each reviewer gave in the present round, in the order in which they began."""
    rows = work.session.execute(
        select(ApplicationScore, User.name)
        .outerjoin(User, User.id == ApplicationScore.reviewer_id)
        .where(ApplicationScore.application_id == application.id, ApplicationScore.round == application.round)
        .order_by(ApplicationScore.scored_at, ApplicationScore.id)
    )
    found: dict[str, ScoreView] = {}
    for score, name in rows:
        view = found.setdefault(score.reviewer, ScoreView(score.reviewer, name or score.reviewer_label, {}))
        view.scores[score.criterion] = score.score
    return list(found.values())


def names(work: Work, keys: Collection[UUID | None]) -> dict[UUID, str]:
    """What reviewers with accounts are called."""
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_([k for k in keys if k])))
    return {row[0]: row[1] for row in rows}


def _decisions(work: Work, application_id: UUID) -> list[DecisionView]:
    rows = list(
        work.session.scalars(
            select(ApplicationDecision)
            .where(ApplicationDecision.application_id == application_id)
            .order_by(ApplicationDecision.decided_at, ApplicationDecision.id)
        )
    )
    who = names(work, [i for d in rows for i in (d.decided_by_id, d.confirmed_by_id)]) if rows else {}
    return [
        DecisionView(
            decision=d,
            who=who.get(d.decided_by_id, d.decided_by_label) if d.decided_by_id else d.decided_by_label,
            agreed=who.get(d.confirmed_by_id, d.confirmed_by_label) if d.confirmed_by_id else d.confirmed_by_label,
        )
        for d in rows
    ]


def _submissions(work: Work, application_id: UUID) -> list[ApplicationSubmission]:
    return list(
        work.session.scalars(
            select(ApplicationSubmission)
            .where(ApplicationSubmission.application_id == application_id)
            .order_by(ApplicationSubmission.round)
        )
    )


def _photos(work: Work, application: Application) -> list[Photo]:
    wanted = photo_ids(application.answers)
    if not wanted:
        return []
    rows = media.by_ids(work, wanted)
    forms = media.variants_of(work, rows)
    return [Photo(rows[i], forms[i][-1] if forms[i] else None) for i in wanted if i in rows]


def _unknown() -> NotFoundError:
    return NotFoundError("No application has this id.")
