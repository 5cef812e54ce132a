"""The reviewers' side: look, ask, decide, and take a decision back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tourpad.core.applications import letters, queries, rules
from tourpad.core.applications.errors import AlreadyDecided, NothingToUndo, TooLateToUndo
from tourpad.core.applications.events import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReopened,
    QuestionsAsked,
)
from tourpad.core.applications.letters import NO_HOLD
from tourpad.core.applications.models import Application, ApplicationNote, ApplicationQuestion
from tourpad.core.applications.states import MOVES, ApplicationKind, ApplicationState
from tourpad.core.artists import service as artists
from tourpad.core.errors import invalid
from tourpad.core.hosts import service as hosts
from tourpad.core.identity import queries as people
from tourpad.core.identity.service import users
from tourpad.core.identity.states import UserState
from tourpad.core.ids import new_id
from tourpad.core.notifications import service as notifications
from tourpad.core.states import check_move
from tourpad.core.work import Work

DECIDED = frozenset({ApplicationState.APPROVED, ApplicationState.REJECTED})


def start_review(work: Work, *, application_id: UUID) -> Application:
    """A reviewer takes an application up. Nothing happens to one that is in review already.

    Raises:
        NotFoundError: none by that id.
        AlreadyDecided: somebody was first.
    """
    application = queries.get_for_update(work, application_id)
    _take_up(work, application)
    return application


def ask(work: Work, *, application_id: UUID, questions: Sequence[str], hold: timedelta = NO_HOLD) -> Application:
    """Ask the applicant something; it is their turn until all is answered. More may be asked in any round.

    Args:
        work: the unit of work.
        application_id: which.
        questions: one to ten.
        hold: how long the mail waits before it may leave.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: no question, too many, or an empty one.
        AlreadyDecided: somebody was first.
        IllegalMoveError: it waits for answers already.
    """
    clean = rules.check_questions(questions)
    application = queries.get_for_update(work, application_id)
    _check_undecided(application)
    if application.state is ApplicationState.SUBMITTED:
        _take_up(work, application)
    _move(work, application, ApplicationState.QUESTIONS_ASKED)
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
    work.audit("application.ask", target_type="application", target_id=application.id, questions=clean)
    reason = letters.asking_reason(application.id, now)
    letters.send(work, application, letters.questions(application, clean), reason=reason, hold=hold)
    work.emit(QuestionsAsked(application_id=application.id, user_id=application.user_id, kind=application.kind))
    return application


def approve(work: Work, *, application_id: UUID, hold: timedelta = NO_HOLD) -> Application:
    """Let the applicant in. Hosts are active and listed at once; artists once their membership is paid.

    Args:
        work: the unit of work.
        application_id: which; open questions do not stand in the way.
        hold: how long the mail waits before it may leave.

    Raises:
        NotFoundError: none by that id.
        AlreadyDecided: somebody was first.
    """
    application = queries.get_for_update(work, application_id)
    _decide(work, application, ApplicationState.APPROVED, reason=None)
    if application.kind is ApplicationKind.HOST:
        users.activate(work, user_id=application.user_id)
        hosts.show(work, user_id=application.user_id)
    else:
        users.approve(work, user_id=application.user_id)
        artists.show(work, user_id=application.user_id)
    cause = letters.decision_reason(application.id, application.decided_at)
    letters.send(work, application, letters.approved(application), reason=cause, hold=hold)
    work.emit(ApplicationApproved(application_id=application.id, user_id=application.user_id, kind=application.kind))
    return application


def reject(work: Work, *, application_id: UUID, reason: str | None = None, hold: timedelta = NO_HOLD) -> Application:
    """Turn the applicant down. They may apply again after 30 days.

    Args:
        work: the unit of work.
        application_id: which.
        reason: told to the applicant.
        hold: how long the mail waits before it may leave.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: an empty or overlong reason.
        AlreadyDecided: somebody was first.
    """
    clean = rules.check_text("reason", reason, longest=rules.LONGEST_REASON)
    application = queries.get_for_update(work, application_id)
    _decide(work, application, ApplicationState.REJECTED, reason=clean)
    users.reject(work, user_id=application.user_id)
    letter = letters.rejected(application, reason=clean, decided_at=application.decided_at or work.now)
    cause = letters.decision_reason(application.id, application.decided_at)
    letters.send(work, application, letter, reason=cause, hold=hold)
    work.emit(ApplicationRejected(application_id=application.id, user_id=application.user_id, kind=application.kind))
    return application


def undo(work: Work, *, application_id: UUID, reason: str | None = None) -> bool:
    """Take the last decision (or the last questions) back; the application is in review again.

    A mail that has not left is taken back with it. If it has left, the applicant is told that we look again;
    questions that have been read can't be taken back.

    Args:
        work: the unit of work.
        application_id: which.
        reason: for the audit log.

    Returns:
        whether the mail was taken back, so that the applicant never hears of it.

    Raises:
        NotFoundError: none by that id.
        TooLateToUndo: others rely on the approval by now; the questions have been sent or answered.
        NothingToUndo: nothing was decided, nothing was asked.
    """
    clean = rules.check_text("reason", reason, longest=rules.LONGEST_REASON)
    application = queries.get_for_update(work, application_id)
    before = application.state
    if before is ApplicationState.QUESTIONS_ASKED:
        _withdraw_questions(work, application)
        quietly = True
    else:
        quietly = _reopen(work, application)
    work.audit(
        "application.undo",
        target_type="application",
        target_id=application.id,
        reason=clean,
        undone=before.value,
        quietly=quietly,
    )
    work.emit(ApplicationReopened(application_id=application.id, user_id=application.user_id, kind=application.kind))
    return quietly


def note(work: Work, *, application_id: UUID, text: str) -> ApplicationNote:
    """Leave a word for other reviewers. The applicant never sees it.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: an empty or overlong note.
    """
    clean = rules.check_text("notes", text, longest=rules.LONGEST_NOTE)
    if clean is None:
        raise invalid("notes", "is empty")
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


def _decide(work: Work, application: Application, to: ApplicationState, *, reason: str | None) -> None:
    """The move and its record. One that was only submitted, or waits for answers, is taken up on the way."""
    _take_up(work, application)
    _move(work, application, to)
    application.decided_at = work.now
    application.decided_by = work.actor.user_id
    application.decision_reason = reason
    action = "application.approve" if to is ApplicationState.APPROVED else "application.reject"
    work.audit(action, target_type="application", target_id=application.id, reason=reason)


def _take_up(work: Work, application: Application) -> None:
    if application.state is ApplicationState.IN_REVIEW:
        return
    _check_undecided(application)
    _move(work, application, ApplicationState.IN_REVIEW)
    work.audit("application.start_review", target_type="application", target_id=application.id)


def _check_undecided(application: Application) -> None:
    """The table lets a decided one go back to review; only `undo` may, which takes the consequences back, too."""
    if application.state in DECIDED:
        raise AlreadyDecided(
            f"This application is {application.state} already.", hint="tourpad applications undo takes that back."
        )


def _move(work: Work, application: Application, to: ApplicationState) -> None:
    check_move(MOVES, entity="application", now=application.state, to=to)
    application.state = to
    application.updated_at = work.now


def _reopen(work: Work, application: Application) -> bool:
    """Undo a decision and what followed from it. Answers whether its mail was taken back."""
    if application.state not in DECIDED:
        raise NothingToUndo(f"There is no decision to undo: the application is {application.state}.")
    user = people.get_for_update(work, application.user_id)
    standing = UserState(user.suspended_from or user.state) if user.state is UserState.SUSPENDED else user.state
    rules.check_may_undo(
        kind=application.kind,
        state=application.state,
        standing=standing,
        decided_at=application.decided_at,
        now=work.now,
    )
    cause = letters.decision_reason(application.id, application.decided_at)
    if application.state is ApplicationState.APPROVED:
        (hosts if application.kind is ApplicationKind.HOST else artists).hide(work, user_id=application.user_id)
    _move(work, application, ApplicationState.IN_REVIEW)
    application.decided_at = application.decided_by = application.decision_reason = None
    users.reopen(work, user_id=application.user_id)
    work.session.flush()
    if notifications.take_back(work, dedupe_key=cause):
        return True
    again = f"application_reopened:{application.id}:{work.now.isoformat()}"
    letters.send(work, application, letters.reopened(application), reason=again)
    return False


def _withdraw_questions(work: Work, application: Application) -> None:
    every = queries.questions(work, application.id)
    asked_at = max(q.asked_at for q in every)
    last = [q for q in every if q.asked_at == asked_at]
    cause = letters.asking_reason(application.id, asked_at)
    if any(q.answer is not None for q in last) or not notifications.take_back(work, dedupe_key=cause):
        raise TooLateToUndo("The questions have reached the applicant.", hint="You can decide without the answers.")
    for question in last:
        work.session.delete(question)
    _move(work, application, ApplicationState.IN_REVIEW)
    work.session.flush()
