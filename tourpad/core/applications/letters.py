"""What applicants are told: which template, with what in it. Reviewers see the same words before they decide."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tourpad.core.applications import rules
from tourpad.core.applications.models import Application, ApplicationDecision
from tourpad.core.applications.states import Verdict
from tourpad.core.identity import queries as people
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.render import Rendered, render
from tourpad.core.notifications.states import Category
from tourpad.core.values import Value
from tourpad.core.work import Work

NO_DELAY = timedelta(0)


class Letter(Value):
    """A template and what goes into it."""

    template: str
    context: dict[str, Any]


def received(application: Application) -> Letter:
    """We have it."""
    hours = int(rules.PROMISE.total_seconds()) // 3600
    return Letter("application_received", {"kind": application.kind.value, "hours": hours})


def questions(application: Application, asked: list[str]) -> Letter:
    """We want to know more."""
    return Letter("application_questions", {"kind": application.kind.value, "questions": asked})


def approved(application: Application) -> Letter:
    """You are in."""
    return Letter("application_approved", {"kind": application.kind.value})


def rejected(
    application: Application, *, reasons: Collection[str], feedback: str | None, decided_at: datetime
) -> Letter:
    """Not now."""
    said = [rules.REASONS[rules.RejectionReason(code)].sentence for code in reasons]
    context = {
        "kind": application.kind.value,
        "reasons": said,
        "feedback": feedback,
        "reapply_from": rules.reapply_from(decided_at),
    }
    return Letter("application_rejected", context)


def of_decision(application: Application, decision: ApplicationDecision, *, now: datetime) -> Letter:
    """What a decision says once it holds from `now` on."""
    if decision.verdict is Verdict.APPROVED:
        return approved(application)
    return rejected(application, reasons=decision.reasons, feedback=decision.feedback, decided_at=now)


def reopened(application: Application) -> Letter:
    """What we said was a mistake; we look again."""
    return Letter("application_reopened", {"kind": application.kind.value})


def send(work: Work, application: Application, letter: Letter, *, reason: str, delay: timedelta = NO_DELAY) -> None:
    """Tell the applicant.

    Args:
        work: the unit of work.
        application: whose.
        letter: what.
        reason: why, the same words for the same cause (`dedupe_key`).
        delay: how long the mail waits before it may leave.
    """
    notifications.tell(
        work,
        user_id=application.user_id,
        template=letter.template,
        category=Category.SYSTEM,
        dedupe_key=reason,
        related=("application", application.id),
        hold=delay,
        **letter.context,
    )


def preview(work: Work, application: Application, letter: Letter) -> Rendered:
    """The mail as it would be sent."""
    name = people.get_user(work, application.user_id).name
    return render(letter.template, name=name, base_url=work.settings.base_url, **letter.context)


def decision_cause(application_id: UUID, decided_at: datetime | None) -> str:
    """The one cause of a decision's mail, so that it can be taken back."""
    return f"application_decided:{application_id}:{decided_at.isoformat() if decided_at else ''}"


def asking_cause(application_id: UUID, asked_at: datetime) -> str:
    """The same for questions."""
    return f"application_questions:{application_id}:{asked_at.isoformat()}"
