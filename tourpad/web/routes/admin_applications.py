"""Applications as reviewers see them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import QueryParameter

from tourpad.core.applications import queries, rules, service
from tourpad.core.applications.queries import ApplicationFilter, ApplicationView, Count, Sort
from tourpad.core.applications.states import UNDECIDED, ApplicationKind, ApplicationState
from tourpad.core.errors import invalid
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.needs import needs
from tourpad.web.routes.applications import QuestionOut, question_out, wire_names
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

Status = Literal["pending", "submitted", "in_review", "questions_asked", "approved", "rejected"]


class ReviewIn(Input):
    """A decision, or follow-up questions, or a note.

    With `rejected` the notes are the reason that the applicant is told; else they are for reviewers only.
    """

    status: Literal["approved", "rejected"] | None = None
    notes: str | None = None
    follow_up_questions: list[str] | None = None


class ApplicantOut(Output):
    """Whose application it is."""

    id: UUID
    name: str
    email: str


class NoteOut(Output):
    """A word from one reviewer to the others."""

    id: UUID
    author: str
    note: str
    created_at: datetime


class ListedOut(Output):
    """An application as it stands in the list."""

    id: UUID
    user: ApplicantOut
    user_type: str
    status: str
    round: int
    answers: dict[str, Any]
    submitted_at: datetime | None
    answer_expected_by: datetime | None
    is_overdue: bool
    decided_at: datetime | None
    decision_reason: str | None


class ReviewedOut(ListedOut):
    """An application with everything that belongs to it."""

    questions: list[QuestionOut]
    notes: list[NoteOut]


class Stats(Output):
    """How many there are. `pending` is everything undecided; `overdue` of that waits longer than we promise."""

    pending: int
    approved: int
    rejected: int
    submitted: int
    in_review: int
    questions_asked: int
    overdue: int


class ApplicationsAnswer(Output):
    """One page of applications, and numbers over all of them."""

    applications: list[ListedOut]
    pagination: Pagination
    stats: Stats


class ReviewedAnswer(Output):
    """One application."""

    application: ReviewedOut


@get("/api/admin/applications", **needs(Permission.ADMIN_APPLICATIONS), tags=["admin"])
def list_applications(
    *,
    platform: Platform,
    principal: Principal,
    status: Annotated[Status | None, QueryParameter(name="status", description="`pending` is all undecided.")] = None,
    user_type: Annotated[ApplicationKind | None, QueryParameter(name="userType")] = None,
    sort: Annotated[Sort, QueryParameter(name="sort")] = Sort.OLDEST,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> ApplicationsAnswer:
    """Applications, those that wait longest first."""
    wanted = ApplicationFilter(states=_states(status), kind=user_type, sort=sort)
    with platform.work(principal.actor) as work:
        views, counted = queries.search(work, wanted, offset=(page - 1) * limit, limit=limit)
        now = work.now
    return ApplicationsAnswer(
        applications=[ListedOut(**_facts(v, now)) for v in views],
        pagination=pagination(page=page, limit=limit, total=queries.total(counted, wanted)),
        stats=_stats(counted),
    )


@get("/api/admin/applications/{application_id:uuid}", **needs(Permission.ADMIN_APPLICATIONS), tags=["admin"])
def show_application(platform: Platform, principal: Principal, application_id: UUID) -> ReviewedAnswer:
    """One application with its questions and notes."""
    with platform.work(principal.actor) as work:
        return _reviewed(work, application_id)


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
    with platform.work(principal.actor) as work:
        if data.status == "rejected":
            reason = rules.check_text("notes", data.notes, longest=rules.LONGEST_REASON)
            service.reject(work, application_id=application_id, reason=reason)
        else:
            if data.notes is not None:
                service.note(work, application_id=application_id, text=data.notes)
            if data.status == "approved":
                service.approve(work, application_id=application_id)
            elif questions:
                service.ask(work, application_id=application_id, questions=questions)
        work.commit()
        return _reviewed(work, application_id)


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
    )


def _reviewed(work: Work, application_id: UUID) -> ReviewedAnswer:
    detail = queries.detail(work, application_id)
    return ReviewedAnswer(
        application=ReviewedOut(
            **_facts(detail.view, work.now),
            questions=[question_out(q) for q in detail.questions],
            notes=[NoteOut(id=n.id, author=n.author, note=n.note, created_at=n.created_at) for n in detail.notes],
        )
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
        "answer_expected_by": rules.answer_by(application.state, submitted_at=application.submitted_at),
        "is_overdue": rules.is_overdue(application.state, submitted_at=application.submitted_at, now=now),
        "decided_at": application.decided_at,
        "decision_reason": application.decision_reason,
    }


ROUTES = (list_applications, show_application, review_application)
