"""Applications as their applicants see them: how they stand, and answering what is asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import post

from tourpad.core.applications import queries, rules, service
from tourpad.core.applications.models import Application, ApplicationQuestion
from tourpad.core.applications.states import ApplicationState
from tourpad.core.errors import ForbiddenError, NotFoundError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.errors import camel
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output


class AnswerIn(Input):
    """An answer to one question."""

    question_id: UUID
    answer: str


class AnswersIn(Input):
    """Answers by question; plain texts answer the open questions in their order."""

    answers: list[AnswerIn | str]


class QuestionOut(Output):
    """A follow-up question."""

    id: UUID
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


class ApplicationOut(Output):
    """An application as its applicant sees it."""

    id: UUID
    user_id: UUID
    user_type: str
    status: str
    round: int
    """Which submission this is."""
    answers: dict[str, Any]
    """The form as it was sent; a host's address is never in it."""
    draft: dict[str, Any] | None
    """What is filled in and not submitted. A host's address is not in it: it is kept apart at once."""
    draft_saved_at: datetime | None
    missing: list[str]
    """What the draft still needs before it can be submitted."""
    questions: list[QuestionOut]
    submitted_at: datetime | None
    answer_expected_by: datetime | None
    """While it is our turn."""
    decided_at: datetime | None
    decision_reason: str | None
    """The reasons in sentences, and what the reviewer adds."""
    decision_reasons: list[str]
    """Their codes."""
    reapply_from: datetime | None
    """After a rejection."""


class ApplicationAnswer(Output):
    """One application."""

    application: ApplicationOut


@post(
    "/api/applications/{application_id:uuid}/answers",
    **needs(Permission.APPLY),
    status_code=200,
    tags=["applications"],
)
def answer_questions(
    platform: Platform, principal: Principal, application_id: UUID, data: AnswersIn
) -> ApplicationAnswer:
    """Answer follow-up questions on one's own application. When all are answered, the review goes on."""
    given = [(None, a) if isinstance(a, str) else (a.question_id, a.answer) for a in data.answers]
    with platform.work(principal.actor) as work:
        service.answer(work, application_id=application_id, user_id=principal.user_id, answers=given)
        work.commit()
        return own_application(work, principal)


def own_application(work: Work, principal: Principal) -> ApplicationAnswer:
    """One's own application.

    Raises:
        NotFoundError: none was submitted yet.
    """
    found = queries.get_by_user(work, principal.user_id)
    if found is None:
        raise NotFoundError(
            "You have not applied yet.",
            hint=f"POST /api/{principal.user_type.value}s/application submits it, PATCH …/draft saves it.",
        )
    return ApplicationAnswer(application=application_out(found, queries.questions(work, found.id)))


def check_role(principal: Principal, role: UserType) -> None:
    """Refuse the form of another role.

    Raises:
        ForbiddenError: naming the right one.
    """
    if principal.user_type is not role:
        raise ForbiddenError(
            f"This is the application of {role.value}s.",
            hint=f"Yours is /api/{principal.user_type.value}s/application.",
        )


def application_out(application: Application, questions: list[ApplicationQuestion]) -> ApplicationOut:
    """Shape one application for its applicant."""
    rejected = application.state is ApplicationState.REJECTED
    draft = application.draft
    return ApplicationOut(
        id=application.id,
        user_id=application.user_id,
        user_type=application.kind.value,
        status=application.state.value,
        round=application.round,
        answers=wire_names(application.answers),
        draft=None if draft is None else wire_names(draft),
        draft_saved_at=application.draft_saved_at,
        missing=[camel(name) for name in rules.missing(application.kind, draft)] if draft is not None else [],
        questions=[question_out(q) for q in questions],
        submitted_at=application.submitted_at,
        answer_expected_by=rules.answer_by(application.state, due_at=application.due_at),
        decided_at=application.decided_at,
        decision_reason=rules.told(application.decision_reasons, application.decision_feedback),
        decision_reasons=application.decision_reasons,
        reapply_from=rules.reapply_from(application.decided_at) if rejected and application.decided_at else None,
    )


def question_out(question: ApplicationQuestion) -> QuestionOut:
    """Shape one question."""
    return QuestionOut(
        id=question.id,
        question=question.question,
        asked_at=question.asked_at,
        answer=question.answer,
        answered_at=question.answered_at,
    )


def wire_names(answers: dict[str, Any]) -> dict[str, Any]:
    """The form's field names as the wire has them; what is inside the fields stays as it is."""
    return {camel(name): value for name, value in answers.items()}


ROUTES = (answer_questions,)
