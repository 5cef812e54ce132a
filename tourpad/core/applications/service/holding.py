"""Decisions that are made and not told yet: kept back until they are released, or until another admin agrees."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from tourpad.core.applications import letters, queries, rules
from tourpad.core.applications.errors import AlreadyDecided, NothingHeld, SecondOpinionNeedsAnother
from tourpad.core.applications.events import ApplicationApproved, ApplicationRejected
from tourpad.core.applications.letters import NO_DELAY
from tourpad.core.applications.models import Application, ApplicationDecision
from tourpad.core.applications.reviewers import Reviewer, reviewer_of
from tourpad.core.applications.service.claiming import check_claim, clear_claim, move
from tourpad.core.applications.states import (
    DECISION_MOVES,
    ApplicationKind,
    ApplicationState,
    DecisionState,
    Verdict,
)
from tourpad.core.ids import new_id
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.states import Category
from tourpad.core.states import check_move
from tourpad.core.work import Work


def record(
    work: Work,
    application: Application,
    verdict: Verdict,
    *,
    reasons: Collection[str] = (),
    feedback: str | None = None,
    held: bool,
    second_opinion: bool,
    delay: timedelta,
) -> ApplicationDecision:
    """Write a decision down; it takes effect at once unless it is kept back. The application is locked, in review.

    Raises:
        SecondOpinionNeedsAnother: one is asked for by a login that is no admin's account.
    """
    reviewer = reviewer_of(work.actor)
    if second_opinion and not reviewer.is_account:
        raise _needs_account("A second opinion is between admins' accounts, and nobody is signed in here.")
    state = DecisionState.SECOND_OPINION if second_opinion else DecisionState.HELD
    decision = ApplicationDecision(
        id=new_id(),
        application_id=application.id,
        round=application.round,
        verdict=verdict,
        reasons=list(reasons),
        feedback=feedback,
        state=state,
        is_held=held,
        needs_second_opinion=second_opinion,
        decided_by=reviewer.key,
        decided_by_id=reviewer.user_id,
        decided_by_label=reviewer.label,
        decided_at=work.now,
    )
    work.add(decision)
    clear_claim(application)
    application.updated_at = work.now
    if held or second_opinion:
        work.audit(
            f"application.{'hold' if held and not second_opinion else 'propose'}",
            target_type="application",
            target_id=application.id,
            verdict=verdict.value,
            reasons=list(reasons),
        )
    else:
        take_effect(work, application, decision, delay=delay)
    return decision


def confirm(work: Work, *, application_id: UUID, delay: timedelta = NO_DELAY, take_over: bool = False) -> Application:
    """Agree with another admin's decision: it takes effect, or is held where that was asked for.

    Args:
        work: the unit of work, of an admin's account.
        application_id: which.
        delay: how long the mail waits before it may leave.
        take_over: though another reviewer has it now.

    Raises:
        NotFoundError: none by that id.
        NothingHeld: no decision waits for a second opinion.
        SecondOpinionNeedsAnother: it is one's own decision, or nobody is signed in.
        ApplicationClaimed: another reviewer has it.
    """
    application, decision, reviewer = _for_second_opinion(work, application_id, take_over=take_over)
    decision.confirmed_by, decision.confirmed_by_id = reviewer.key, reviewer.user_id
    decision.confirmed_by_label, decision.confirmed_at = reviewer.label, work.now
    clear_claim(application)
    work.audit("application.agree", target_type="application", target_id=application.id, verdict=decision.verdict.value)
    if decision.is_held:
        _move(decision, DecisionState.HELD)
        work.session.flush()
    else:
        take_effect(work, application, decision, delay=delay)
    return application


def disagree(work: Work, *, application_id: UUID, reason: str, take_over: bool = False) -> Application:
    """See it otherwise than the admin who decided: the application waits in the queue again, and they are told why.

    Raises:
        NotFoundError: none by that id.
        InvalidInputError: without a reason.
        NothingHeld: no decision waits for a second opinion.
        SecondOpinionNeedsAnother: it is one's own decision, or nobody is signed in.
        ApplicationClaimed: another reviewer has it.
    """
    clean = rules.need_text("reason", reason, longest=rules.LONGEST_FEEDBACK)
    application, decision, reviewer = _for_second_opinion(work, application_id, take_over=take_over)
    _end(work, decision, DecisionState.WITHDRAWN, clean)
    clear_claim(application)
    work.audit(
        "application.disagree",
        target_type="application",
        target_id=application.id,
        reason=clean,
        verdict=decision.verdict.value,
    )
    if decision.decided_by_id is not None and reviewer.user_id is not None:
        answers, artist = application.answers, application.kind is ApplicationKind.ARTIST
        known = queries.names(work, [reviewer.user_id, application.user_id])
        notifications.tell(
            work,
            user_id=decision.decided_by_id,
            template="application_other_opinion",
            category=Category.SYSTEM,
            dedupe_key=f"application_other_opinion:{decision.id}",
            related=("application", application.id),
            who=known.get(reviewer.user_id, reviewer.label),
            title=answers.get("stage_name" if artist else "venue_name") or known.get(application.user_id, "them"),
            verdict="approve" if decision.verdict is Verdict.APPROVED else "reject",
            why=clean,
            command=f"tourpad applications review {application.id.hex[-8:]}",
        )
    return application


def release(work: Work, *, application_id: UUID, delay: timedelta = NO_DELAY) -> Application:
    """Let a held decision take effect: the applicant is told.

    Raises:
        NotFoundError: none by that id.
        NothingHeld: its decision is not held (it may wait for a second opinion).
    """
    application = queries.get_for_update(work, application_id)
    decision = queries.open_decision(work, application_id)
    if decision is None or decision.state is not DecisionState.HELD:
        waits = "waits for a second opinion" if decision else "is not held"
        raise NothingHeld(f"The decision on this application {waits}.", hint="tourpad applications list --held")
    work.audit("application.release", target_type="application", target_id=application.id)
    take_effect(work, application, decision, delay=delay)
    return application


def check_nothing_pending(work: Work, application: Application) -> None:
    """Refuse where a decision is made and not told yet.

    Raises:
        AlreadyDecided: saying how it stands.
    """
    pending = queries.open_decision(work, application.id)
    if pending is None:
        return
    how = "is held" if pending.state is DecisionState.HELD else "waits for a second opinion"
    raise AlreadyDecided(
        f"It is decided already ({pending.verdict}), and that {how}.",
        hint="tourpad applications undo takes the decision back.",
    )


def take_effect(work: Work, application: Application, decision: ApplicationDecision, *, delay: timedelta) -> None:
    """The decision holds from now on: the state moves, the applicant is told, reactions unlock what follows."""
    now = work.now
    to = ApplicationState.APPROVED if decision.verdict is Verdict.APPROVED else ApplicationState.REJECTED
    if application.state is ApplicationState.QUESTIONS_ASKED:
        move(work, application, ApplicationState.IN_REVIEW)
    move(work, application, to)
    _move(decision, DecisionState.EFFECTIVE)
    decision.effective_at = now
    application.decided_at = now
    application.decided_by = decision.decided_by_id
    application.decision_reasons = list(decision.reasons)
    application.decision_feedback = decision.feedback
    approved = to is ApplicationState.APPROVED
    work.audit(
        "application.approve" if approved else "application.reject",
        target_type="application",
        target_id=application.id,
        reasons=list(decision.reasons),
        decision_id=str(decision.id),
    )
    letter = letters.of_decision(application, decision, now=now)
    cause = letters.decision_cause(application.id, now)
    letters.send(work, application, letter, reason=cause, delay=delay)
    event = ApplicationApproved if approved else ApplicationRejected
    work.emit(event(application_id=application.id, user_id=application.user_id, kind=application.kind))


def withdraw(work: Work, decision: ApplicationDecision, reason: str) -> None:
    """Take back a decision that nobody was told of. The application is locked."""
    _end(work, decision, DecisionState.WITHDRAWN, reason)


def undone(work: Work, decision: ApplicationDecision, reason: str) -> None:
    """A decision that held does so no longer. The application is locked."""
    _end(work, decision, DecisionState.UNDONE, reason)


def _for_second_opinion(
    work: Work, application_id: UUID, *, take_over: bool
) -> tuple[Application, ApplicationDecision, Reviewer]:
    application = queries.get_for_update(work, application_id)
    decision = queries.open_decision(work, application_id)
    if decision is None or decision.state is not DecisionState.SECOND_OPINION:
        raise NothingHeld(
            "No decision on this application waits for a second opinion.",
            hint="tourpad applications list --second-opinion",
        )
    reviewer = reviewer_of(work.actor)
    if not reviewer.is_account:
        raise _needs_account("A second opinion is an admin's own, and nobody is signed in here.")
    if reviewer.key == decision.decided_by:
        raise _needs_account("You decided this yourself: the second opinion is another admin's.")
    check_claim(work, application, take_over=take_over)
    return application, decision, reviewer


def _needs_account(message: str) -> SecondOpinionNeedsAnother:
    return SecondOpinionNeedsAnother(message, hint="Sign in:  --as you@example.org")


def _end(work: Work, decision: ApplicationDecision, to: DecisionState, reason: str) -> None:
    _move(decision, to)
    decision.ended_at, decision.end_reason = work.now, reason
    work.session.flush()


def _move(decision: ApplicationDecision, to: DecisionState) -> None:
    check_move(DECISION_MOVES, entity="decision", now=decision.state, to=to)
    decision.state = to
