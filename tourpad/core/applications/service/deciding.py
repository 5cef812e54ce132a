"""Say yes or no, and take it back."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from tourpad.core.applications import letters, queries, rules
from tourpad.core.applications.errors import NothingToUndo
from tourpad.core.applications.events import ApplicationReopened
from tourpad.core.applications.letters import NO_DELAY
from tourpad.core.applications.models import Application
from tourpad.core.applications.service import holding
from tourpad.core.applications.service.claiming import DECIDED, check_claim, check_undecided, clear_claim, move, take_up
from tourpad.core.applications.service.reviewing import withdraw_questions
from tourpad.core.applications.states import ApplicationState, Verdict
from tourpad.core.identity import queries as people
from tourpad.core.identity.states import UserState
from tourpad.core.notifications import service as notifications
from tourpad.core.work import Work


def approve(
    work: Work,
    *,
    application_id: UUID,
    held: bool = False,
    second_opinion: bool = False,
    delay: timedelta = NO_DELAY,
    take_over: bool = False,
) -> Application:
    """Let the applicant in. Hosts are active and listed at once; artists once their membership is paid.

    Args:
        work: the unit of work.
        application_id: which; open questions do not stand in the way.
        held: keep the decision back until it is released; until then nobody is told and nothing is unlocked.
        second_opinion: another admin has to agree first.
        delay: how long the mail waits before it may leave.
        take_over: though another reviewer has it now.

    Raises:
        NotFoundError: none by that id.
        AlreadyDecided: somebody was first.
        ApplicationClaimed: another reviewer has it.
        SecondOpinionNeedsAnother: one is asked for, and the actor is no admin's account.
    """
    application = _take(work, application_id, take_over=take_over)
    holding.record(work, application, Verdict.APPROVED, held=held, second_opinion=second_opinion, delay=delay)
    return application


def reject(
    work: Work,
    *,
    application_id: UUID,
    reasons: Collection[str] = (),
    feedback: str | None = None,
    held: bool = False,
    second_opinion: bool = False,
    delay: timedelta = NO_DELAY,
    take_over: bool = False,
) -> Application:
    """Turn the applicant down. They may apply again after 30 days.

    Args:
        work: the unit of work.
        application_id: which.
        reasons: codes of `rules.REASONS`; the applicant reads their sentences.
        feedback: the reviewer's own words to the applicant.
        held: keep the decision back until it is released.
        second_opinion: another admin has to agree first.
        delay: how long the mail waits before it may leave.
        take_over: though another reviewer has it now.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: an unknown reason, or empty or overlong words.
        AlreadyDecided: somebody was first.
        ApplicationClaimed: another reviewer has it.
        SecondOpinionNeedsAnother: one is asked for, and the actor is no admin's account.
    """
    words = rules.check_text("feedback", feedback, longest=rules.LONGEST_FEEDBACK)
    application = _take(work, application_id, take_over=take_over)
    holding.record(
        work,
        application,
        Verdict.REJECTED,
        reasons=rules.check_reasons(application.kind, reasons),
        feedback=words,
        held=held,
        second_opinion=second_opinion,
        delay=delay,
    )
    return application


def undo(work: Work, *, application_id: UUID, reason: str) -> bool:
    """Take the last decision (or the last questions) back; the application is in review again.

    A mail that has not left is taken back with it. If it has left, the applicant is told that we look again;
    questions that have been read can't be taken back. A decision that was kept back is withdrawn: nobody knew of it.

    Args:
        work: the unit of work.
        application_id: which.
        reason: for the audit log and for other reviewers.

    Returns:
        whether the applicant never hears of it.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: without a reason.
        TooLateToUndo: others rely on the approval by now; the questions have been sent or answered.
        NothingToUndo: nothing was decided, nothing was asked.
    """
    clean = rules.need_text("reason", reason, longest=rules.LONGEST_FEEDBACK)
    application = queries.get_for_update(work, application_id)
    before = application.state.value
    pending = queries.open_decision(work, application_id)
    if pending is not None:
        before, quietly = pending.state.value, True
        holding.withdraw(work, pending, clean)
    elif application.state is ApplicationState.QUESTIONS_ASKED:
        withdraw_questions(work, application)
        quietly = True
    else:
        quietly = _reopen(work, application, clean)
    application.updated_at = work.now
    work.audit(
        "application.undo",
        target_type="application",
        target_id=application.id,
        reason=clean,
        undone=before,
        quietly=quietly,
    )
    return quietly


def _take(work: Work, application_id: UUID, *, take_over: bool) -> Application:
    application = queries.get_for_update(work, application_id)
    check_undecided(application)
    check_claim(work, application, take_over=take_over)
    holding.check_nothing_pending(work, application)
    take_up(work, application)
    return application


def _reopen(work: Work, application: Application, reason: str) -> bool:
    """Undo a decision that held. Answers whether its mail was taken back."""
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
    decision = queries.effective_decision(work, application.id)
    cause = letters.decision_cause(application.id, application.decided_at)
    was = Verdict(application.state.value)
    move(work, application, ApplicationState.IN_REVIEW)
    application.decided_at = application.decided_by = application.decision_feedback = None
    application.decision_reasons = []
    clear_claim(application)
    if decision is not None:
        holding.undone(work, decision, reason)
    work.emit(
        ApplicationReopened(application_id=application.id, user_id=application.user_id, kind=application.kind, was=was)
    )
    if notifications.take_back(work, dedupe_key=cause):
        return True
    application.due_at = work.now + rules.PROMISE  # they are told that they hear from us again
    again = f"application_reopened:{application.id}:{work.now.isoformat()}"
    letters.send(work, application, letters.reopened(application), reason=again)
    return False
