"""Looking at an application: ask, note, score."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.applications import letters, queries, rules
from tourpad.core.applications.errors import TooLateToUndo
from tourpad.core.applications.events import QuestionsAsked
from tourpad.core.applications.letters import NO_DELAY
from tourpad.core.applications.models import Application, ApplicationNote, ApplicationQuestion, ApplicationScore
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.service.claiming import (
    check_claim,
    check_undecided,
    clear_claim,
    move,
    take_up,
)
from tourpad.core.applications.service.holding import check_nothing_pending
from tourpad.core.applications.states import ApplicationState
from tourpad.core.ids import new_id
from tourpad.core.notifications import service as notifications
from tourpad.core.work import Work

_SCORES = cast("Table", ApplicationScore.__table__)


def ask(
    work: Work,
    *,
    application_id: UUID,
    questions: Sequence[str],
    delay: timedelta = NO_DELAY,
    take_over: bool = False,
) -> Application:
    """Ask the applicant something; it is their turn until all is answered. More may be asked in any round.

    Args:
        work: the unit of work.
        application_id: which.
        questions: one to ten.
        delay: how long the mail waits before it may leave.
        take_over: though another reviewer has it now.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: no question, too many, or an empty one.
        AlreadyDecided: somebody was first.
        ApplicationClaimed: another reviewer has it.
        IllegalMoveError: it waits for answers already.
    """
    clean = rules.check_questions(questions)
    application = queries.get_for_update(work, application_id)
    check_undecided(application)
    check_claim(work, application, take_over=take_over)
    check_nothing_pending(work, application)
    take_up(work, application)
    move(work, application, ApplicationState.QUESTIONS_ASKED)
    clear_claim(application)
    now = work.now  # once: the mail is found again by this instant, and it is the round's for all of its questions
    for question in clean:
        work.add(
            ApplicationQuestion(
                id=new_id(),
                application_id=application.id,
                asked_by=work.actor.user_id,
                question=question,
                asked_at=now,
            )
        )
    work.audit("application.ask", target_type="application", target_id=application.id, questions=len(clean))
    reason = letters.asking_cause(application.id, now)
    letters.send(work, application, letters.questions(application, clean), reason=reason, delay=delay)
    work.emit(QuestionsAsked(application_id=application.id, user_id=application.user_id, kind=application.kind))
    return application


def withdraw_questions(work: Work, application: Application) -> None:
    """Take the last questions back, as if they had never been asked. The row is locked.

    Raises:
        TooLateToUndo: they have been sent or answered.
    """
    every = queries.questions(work, application.id)
    asked_at = max(q.asked_at for q in every)
    last = [q for q in every if q.asked_at == asked_at]
    cause = letters.asking_cause(application.id, asked_at)
    if any(q.answer is not None for q in last) or not notifications.take_back(work, dedupe_key=cause):
        raise TooLateToUndo("The questions have reached the applicant.", hint="You can decide without the answers.")
    for question in last:
        work.session.delete(question)
    move(work, application, ApplicationState.IN_REVIEW)
    work.session.flush()


def note(work: Work, *, application_id: UUID, text: str) -> ApplicationNote:
    """Leave a word for other reviewers. The applicant never sees it.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: an empty or overlong note.
    """
    clean = rules.need_text("notes", text, longest=rules.LONGEST_NOTE)
    application = queries.get(work, application_id)
    written = ApplicationNote(
        id=new_id(),
        application_id=application.id,
        author_id=work.actor.user_id,
        author_label=work.actor.label,
        note=clean,
        created_at=work.now,
    )
    work.add(written)
    work.audit("application.note", target_type="application", target_id=application.id)
    return written


def score(work: Work, *, application_id: UUID, criterion: str, score: int | None) -> None:
    """Score one criterion, or take one's score back. Every reviewer has their own; the claim does not matter.

    Args:
        work: the unit of work.
        application_id: which.
        criterion: a code of `rules.RUBRICS`.
        score: 1 to 5; nothing takes it back.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: no such criterion, or a score out of range.
        AlreadyDecided: it is approved or rejected.
    """
    application = queries.get_for_update(work, application_id)
    code = rules.criterion(application.kind, criterion).code
    check_undecided(application)
    reviewer = reviewer_of(work.actor)
    own = (
        (ApplicationScore.application_id == application.id)
        & (ApplicationScore.round == application.round)
        & (ApplicationScore.reviewer == reviewer.key)
        & (ApplicationScore.criterion == code)
    )
    if score is None:
        work.session.execute(delete(ApplicationScore).where(own))
        return
    values = {
        "id": new_id(),
        "application_id": application.id,
        "round": application.round,
        "reviewer": reviewer.key,
        "reviewer_id": reviewer.user_id,
        "reviewer_label": reviewer.label,
        "criterion": code,
        "score": rules.check_score(score),
        "scored_at": work.now,
    }
    work.session.execute(
        insert(_SCORES)
        .values(values)
        .on_conflict_do_update(
            index_elements=["application_id", "round", "reviewer", "criterion"],
            set_={"score": values["score"], "scored_at": work.now},
        )
    )
