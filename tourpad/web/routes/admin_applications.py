"""Applications as reviewers see them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import QueryParameter

from tourpad.core.applications import queries, rules, service
from tourpad.core.applications.models import ApplicationDecision
from tourpad.core.applications.queries import ApplicationFilter, ApplicationView, Count, DecisionView, Sort
from tourpad.core.applications.states import UNDECIDED, ApplicationKind, ApplicationState, DecisionState
from tourpad.core.errors import invalid
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.places import distance_band
from tourpad.core.platform import Platform
from tourpad.core.values import replace
from tourpad.core.work import Work
from tourpad.web.application_shapes import (
    AlikeOut,
    ApplicantOut,
    ApplicationsAnswer,
    DecisionOut,
    ListedOut,
    NearOut,
    NoteOut,
    PendingOut,
    ReviewedAnswer,
    ReviewedOut,
    ReviewIn,
    ScoresOut,
    Stats,
    SubmissionOut,
)
from tourpad.web.media_links import media_out
from tourpad.web.needs import needs
from tourpad.web.routes.applications import question_out, wire_names
from tourpad.web.shapes import LimitParam, PageParam, pagination

Status = Literal["pending", "submitted", "in_review", "questions_asked", "approved", "rejected"]


@get("/api/admin/applications", **needs(Permission.ADMIN_APPLICATIONS), tags=["admin"])
def list_applications(
    *,
    platform: Platform,
    principal: Principal,
    status: Annotated[Status | None, QueryParameter(name="status", description="`pending` is all undecided.")] = None,
    user_type: Annotated[ApplicationKind | None, QueryParameter(name="userType")] = None,
    overdue: Annotated[bool, QueryParameter(name="overdue", description="Past the promised time only.")] = False,
    older_than: Annotated[
        int | None, QueryParameter(name="olderThanHours", ge=0, le=100_000, description="Submitted longer ago.")
    ] = None,
    place: Annotated[str | None, QueryParameter(name="place", max_length=100, description="`OH`, `Dayton OH`.")] = None,
    reviewer: Annotated[
        str | None, QueryParameter(name="reviewer", max_length=100, description="Who has it on their desk now.")
    ] = None,
    claimed: Annotated[bool | None, QueryParameter(name="claimed", description="By anybody, or by nobody.")] = None,
    decision: Annotated[
        Literal["held", "second_opinion"] | None,
        QueryParameter(name="decision", description="Decided, and not told yet."),
    ] = None,
    text: Annotated[
        str | None, QueryParameter(name="q", max_length=200, description="In a name, address or answer.")
    ] = None,
    sort: Annotated[Sort, QueryParameter(name="sort")] = Sort.OLDEST,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> ApplicationsAnswer:
    """Applications, those that wait longest first."""
    wanted = ApplicationFilter(
        states=_states(status),
        kind=user_type,
        decisions=frozenset({DecisionState(decision)} if decision else ()),
        reviewer=reviewer,
        is_claimed=claimed,
        is_late=overdue,
        older_than=None if older_than is None else timedelta(hours=older_than),
        place=place,
        text=text,
        sort=sort,
    )
    with platform.work(principal.actor) as work:
        views, total, counted = queries.search(work, wanted, offset=(page - 1) * limit, limit=limit)
        now = work.now
    return ApplicationsAnswer(
        applications=[ListedOut(**_facts(v, now)) for v in views],
        pagination=pagination(page=page, limit=limit, total=total),
        stats=_stats(counted),
    )


@get("/api/admin/applications/{application_id:uuid}", **needs(Permission.ADMIN_APPLICATIONS), tags=["admin"])
def show_application(platform: Platform, principal: Principal, application_id: UUID) -> ReviewedAnswer:
    """One application with its questions and notes."""
    with platform.work(principal.actor) as work:
        return reviewed(platform, work, application_id)


@post(
    "/api/admin/applications/{application_id:uuid}/review",
    **needs(Permission.ADMIN_APPLICATIONS),
    status_code=200,
    tags=["admin"],
)
def review_application(
    platform: Platform, principal: Principal, application_id: UUID, data: ReviewIn
) -> ReviewedAnswer:
    """Decide, ask, or leave a note. The applicant is told by mail of all but the note."""
    questions = data.follow_up_questions
    if data.status is not None and questions:
        raise invalid("follow_up_questions", "can't go with a decision: ask first, decide when they are answered")
    if data.status is None and data.notes is None and not questions:
        raise invalid("status", "is needed, or follow-up questions, or notes")
    if data.status != "rejected" and data.reasons:
        raise invalid("reasons", "are of a rejection")
    if data.status is None and (data.hold or data.second_opinion):
        raise invalid("status", "is needed: there is no decision to keep back")
    with platform.work(principal.actor) as work:
        if data.status == "rejected":
            service.reject(
                work,
                application_id=application_id,
                reasons=data.reasons or (),
                feedback=rules.check_text("notes", data.notes, longest=rules.LONGEST_FEEDBACK),
                held=data.hold,
                second_opinion=data.second_opinion,
                take_over=data.take_over,
            )
        else:
            if data.notes is not None:
                service.note(work, application_id=application_id, text=data.notes)
            if data.status == "approved":
                service.approve(
                    work,
                    application_id=application_id,
                    held=data.hold,
                    second_opinion=data.second_opinion,
                    take_over=data.take_over,
                )
            elif questions:
                service.ask(work, application_id=application_id, questions=questions, take_over=data.take_over)
        work.commit()
        return reviewed(platform, work, application_id)


def _states(status: Status | None) -> frozenset[ApplicationState]:
    if status is None:
        return frozenset()
    return UNDECIDED if status == "pending" else frozenset({ApplicationState(status)})


def _stats(counted: list[Count]) -> Stats:
    def of(*states: ApplicationState) -> int:
        return sum(c.number for c in counted if c.state in states)

    return Stats(
        pending=of(*UNDECIDED),
        approved=of(ApplicationState.APPROVED),
        rejected=of(ApplicationState.REJECTED),
        submitted=of(ApplicationState.SUBMITTED),
        in_review=of(ApplicationState.IN_REVIEW),
        questions_asked=of(ApplicationState.QUESTIONS_ASKED),
        overdue=sum(c.overdue for c in counted),
        held=sum(c.held for c in counted),
        second_opinion=sum(c.second_opinion for c in counted),
    )


def reviewed(platform: Platform, work: Work, application_id: UUID) -> ReviewedAnswer:
    """One application with all that reviewers know of it.

    Raises:
        NotFoundError: none by that id.
    """
    detail = queries.detail(work, application_id)
    around = queries.surroundings(work, detail.view.application)
    application = detail.view.application
    together = rules.together(application.kind, [s.scores for s in detail.scores])
    claimer = None
    if application.claimed_until is not None and application.claimed_until > work.now:
        who = application.claimed_by_id
        claimer = (queries.names(work, [who]).get(who) if who else None) or application.claimed_by_label
    view = replace(detail.view, score=together, claimed_by=claimer)
    return ReviewedAnswer(
        application=ReviewedOut(
            **_facts(view, work.now),
            questions=[question_out(q) for q in detail.questions],
            notes=[NoteOut(id=n.id, author=n.author, note=n.note, created_at=n.created_at) for n in detail.notes],
            decisions=[_decision(d) for d in detail.decisions],
            submissions=[
                SubmissionOut(round=s.round, submitted_at=s.submitted_at, answers=wire_names(s.answers))
                for s in detail.submissions
            ],
            scores=[ScoresOut(reviewer=s.who, scores=s.scores) for s in detail.scores],
            photos=[media_out(platform, p.media, [p.largest] if p.largest else []) for p in detail.photos],
            alike=[
                AlikeOut(
                    id=a.application_id, name=a.title, user_type=a.kind.value, status=a.state.value, why=list(a.why)
                )
                for a in around.alike
            ],
            near=[
                NearOut(venue_name=n.venue_name, city=n.city, state=n.state, distance=distance_band(n.miles))
                for n in around.near
            ],
        )
    )


def _decision(view: DecisionView) -> DecisionOut:
    decision = view.decision
    return DecisionOut(
        status=decision.verdict.value,
        state=decision.state.value,
        round=decision.round,
        decided_by=view.who,
        agreed_by=view.agreed,
        reasons=decision.reasons,
        feedback=decision.feedback,
        decided_at=decision.decided_at,
        effective_at=decision.effective_at,
        ended_at=decision.ended_at,
        end_reason=decision.end_reason,
    )


def _pending(decision: ApplicationDecision | None) -> PendingOut | None:
    if decision is None:
        return None
    return PendingOut(
        status=decision.verdict.value,
        state=decision.state.value,
        decided_at=decision.decided_at,
        reasons=decision.reasons,
        feedback=decision.feedback,
    )


def _facts(view: ApplicationView, now: datetime) -> dict[str, Any]:
    application = view.application
    return {
        "id": application.id,
        "user": ApplicantOut(id=application.user_id, name=view.name, email=view.email),
        "user_type": application.kind.value,
        "status": application.state.value,
        "round": application.round,
        "answers": wire_names(application.answers),
        "submitted_at": application.submitted_at,
        "answer_expected_by": rules.answer_by(application.state, due_at=application.due_at),
        "is_overdue": rules.is_overdue(application.state, due_at=application.due_at, now=now),
        "decided_at": application.decided_at,
        "decision_reason": rules.told(application.decision_reasons, application.decision_feedback),
        "decision_reasons": application.decision_reasons,
        "pending_decision": _pending(view.pending),
        "score": rules.one_place(view.score),
        "claimed_by": view.claimed_by,
        "claimed_until": application.claimed_until if view.claimed_by else None,
    }


ROUTES = (list_applications, show_application, review_application)
