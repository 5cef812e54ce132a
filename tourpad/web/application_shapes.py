"""Applications as reviewers see them: the shapes of bodies and answers."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tourpad.core.applications.rules import RejectionReason
from tourpad.web.media_links import MediaOut
from tourpad.web.routes.applications import QuestionOut
from tourpad.web.shapes import Input, Output, Pagination


class ReviewIn(Input):
    """A decision, or follow-up questions, or a note.

    With `rejected` the notes are words that the applicant is told; else they are for reviewers only.
    """

    status: Literal["approved", "rejected"] | None = None
    notes: str | None = None
    follow_up_questions: list[str] | None = None
    reasons: list[RejectionReason] | None = None
    """With `rejected`: why, by codes; the applicant reads their sentences."""
    hold: bool = False
    """Keep the decision back until it is released: nobody is told, nothing is unlocked."""
    second_opinion: bool = False
    """Another admin has to agree before the decision holds."""
    take_over: bool = False
    """Though another reviewer has it on their desk now."""


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


class PendingOut(Output):
    """A decision that is made and not told yet."""

    status: str
    """`approved` or `rejected`, once it holds."""
    state: str
    """`held`, or `second_opinion`: another admin has to agree first."""
    decided_at: datetime
    reasons: list[str]
    feedback: str | None


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
    decision_reasons: list[str]
    pending_decision: PendingOut | None
    score: str | None
    """All reviewers' together, like `4.1`."""
    claimed_by: str | None
    """The reviewer who has it on their desk now."""
    claimed_until: datetime | None


class DecisionOut(Output):
    """One decision and its fate: it holds (`effective`), was `withdrawn` before it did, or `undone` later."""

    status: str
    state: str
    round: int
    decided_by: str
    agreed_by: str | None
    reasons: list[str]
    feedback: str | None
    decided_at: datetime
    effective_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


class ScoresOut(Output):
    """What one reviewer gave, by criterion."""

    reviewer: str
    scores: dict[str, int]


class SubmissionOut(Output):
    """What was submitted in one round."""

    round: int
    submitted_at: datetime
    answers: dict[str, Any]


class AlikeOut(Output):
    """Another application that is likely of the same people."""

    id: UUID
    name: str
    user_type: str
    status: str
    why: list[str]


class NearOut(Output):
    """A listed host near this one."""

    venue_name: str
    city: str
    state: str
    distance: str
    """In bands: `10 to 25 miles`."""


class ReviewedOut(ListedOut):
    """An application with everything that belongs to it. Where a host lives is shown by its own route only."""

    questions: list[QuestionOut]
    notes: list[NoteOut]
    decisions: list[DecisionOut]
    submissions: list[SubmissionOut]
    scores: list[ScoresOut]
    photos: list[MediaOut]
    alike: list[AlikeOut]
    near: list[NearOut]


class Stats(Output):
    """How many there are. `pending` is everything undecided; `overdue` of that waits longer than we promise."""

    pending: int
    approved: int
    rejected: int
    submitted: int
    in_review: int
    questions_asked: int
    overdue: int
    held: int
    """Decided and kept back."""
    second_opinion: int
    """Decided, and another admin has to agree."""


class ApplicationsAnswer(Output):
    """One page of applications, and numbers over all of them."""

    applications: list[ListedOut]
    pagination: Pagination
    stats: Stats


class ReviewedAnswer(Output):
    """One application."""

    application: ReviewedOut
