"""Tables of applications. The answers are kept as they were given, whatever the profile says later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.applications.states import (
    ApplicationKind,
    ApplicationState,
    DecisionState,
    MarkKind,
    TemplatePurpose,
    Verdict,
)
from tourpad.core.database.base import Base, enum_column


class Application(Base):
    """One person's request to be let in (at most one each; a later try reuses it)."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_state_submitted", "state", "submitted_at"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[ApplicationKind] = mapped_column(enum_column(ApplicationKind, "kind"))
    state: Mapped[ApplicationState] = mapped_column(enum_column(ApplicationState, "state"))
    answers: Mapped[dict[str, Any]]
    """The form as submitted last (applications/rules says which fields each kind has)."""
    draft: Mapped[dict[str, Any] | None]
    """The form as far as it is filled in, until it is submitted. Reviewers do not see it."""
    draft_saved_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which submission this is."""
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """By when the applicant is to hear of us; set anew each time that it is our turn."""
    claimed_by: Mapped[str | None]
    """The reviewer who has it (`reviewers.py`: key), until `claimed_until`."""
    claimed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    claimed_by_label: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decision_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Codes of `rules/reasons.py`; their sentences are shown to the applicant."""
    decision_feedback: Mapped[str | None]
    """The reviewer's own words, shown to the applicant."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ApplicationSubmission(Base):
    """What was submitted in one round. A later try does not overwrite it."""

    __tablename__ = "application_submissions"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    round: Mapped[int]
    answers: Mapped[dict[str, Any]]
    submitted_at: Mapped[datetime]


class ApplicationQuestion(Base):
    """One follow-up question, and its answer once given."""

    __tablename__ = "application_questions"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    question: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class ApplicationDecision(Base):
    """One decision and its fate. The database refuses a second opinion of whoever decided."""

    __tablename__ = "application_decisions"
    __table_args__ = (
        CheckConstraint("confirmed_by <> decided_by", name="two_people"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        CheckConstraint("state NOT IN ('effective', 'undone') OR effective_at IS NOT NULL", name="effective"),
        CheckConstraint(
            "NOT needs_second_opinion OR confirmed_at IS NOT NULL OR state IN ('second_opinion', 'withdrawn')",
            name="second_opinion",
        ),
        Index(
            "uq_application_decisions_open",
            "application_id",
            unique=True,
            postgresql_where=text("state IN ('second_opinion', 'held')"),
        ),
        Index("ix_application_decisions_application", "application_id", "decided_at"),
        Index("ix_application_decisions_decided_by", "decided_by", "decided_at"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    round: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict, "verdict"))
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    feedback: Mapped[str | None]
    state: Mapped[DecisionState] = mapped_column(enum_column(DecisionState, "state"))
    is_held: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Kept back until it is released, however many agree."""
    needs_second_opinion: Mapped[bool] = mapped_column(default=False, server_default="false")
    decided_by: Mapped[str]
    """The reviewer's key."""
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_by_label: Mapped[str]
    decided_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    confirmed_by_label: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """Withdrawn or undone."""
    end_reason: Mapped[str | None]
    """Why, for reviewers."""


class ApplicationNote(Base):
    """What reviewers tell each other. Never shown to the applicant."""

    __tablename__ = "application_notes"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_label: Mapped[str]
    """Who, in words: `admin mara`, `operator mara`."""
    note: Mapped[str]
    created_at: Mapped[datetime]


class ApplicationScore(Base):
    """One reviewer's score for one criterion of the rubric (`rules/rubric.py`), in one round."""

    __tablename__ = "application_scores"
    __table_args__ = (
        UniqueConstraint("application_id", "round", "reviewer", "criterion"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    round: Mapped[int]
    reviewer: Mapped[str]
    """Their key."""
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reviewer_label: Mapped[str]
    criterion: Mapped[str]
    score: Mapped[int]
    scored_at: Mapped[datetime]


class ApplicationMark(Base):
    """Something by which another application is found to be like this one (`rules/likeness.py`)."""

    __tablename__ = "application_marks"
    __table_args__ = (
        UniqueConstraint("application_id", "kind", "value"),
        Index("ix_application_marks_value", "kind", "value"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"))
    kind: Mapped[MarkKind] = mapped_column(enum_column(MarkKind, "kind"))
    value: Mapped[str]


class ApplicationTemplate(Base):
    """A question, a feedback or a note that was written once and is used again; one reviewer's, or everybody's."""

    __tablename__ = "application_templates"
    __table_args__ = (UniqueConstraint("owner", "purpose", "name"),)

    owner: Mapped[str] = mapped_column(default="", server_default="")
    """The reviewer's key; empty where it is shared."""
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[TemplatePurpose] = mapped_column(enum_column(TemplatePurpose, "purpose"))
    name: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ApplicationWalk(Base):
    """Where a reviewer stopped walking the queue, so that they can go on."""

    __tablename__ = "application_walks"

    reviewer: Mapped[str] = mapped_column(unique=True)
    """Their key."""
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at_id: Mapped[UUID | None]
    """The application that was on the screen."""
    skipped: Mapped[list[Any]]
    """Ids of those that were skipped, in their order."""
    begun_at: Mapped[datetime]
    updated_at: Mapped[datetime]
