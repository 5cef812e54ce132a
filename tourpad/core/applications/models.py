"""Tables of applications. The answers are kept as they were given, whatever the profile says later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.applications.states import ApplicationKind, ApplicationState
from tourpad.core.database.base import Base, enum_column


class Application(Base):
    """One person's request to be let in (at most one each; a later try reuses it)."""

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_state_submitted", "state", "submitted_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[ApplicationKind] = mapped_column(enum_column(ApplicationKind, "kind"))
    state: Mapped[ApplicationState] = mapped_column(enum_column(ApplicationState, "state"))
    answers: Mapped[dict[str, Any]]
    """The form as submitted (applications/rules.py says which fields each kind has)."""
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which submission this is."""
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decision_reason: Mapped[str | None]
    """Shown to the applicant."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ApplicationQuestion(Base):
    """One follow-up question, and its answer once given."""

    __tablename__ = "application_questions"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    question: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class ApplicationNote(Base):
    """What reviewers tell each other. Never shown to the applicant."""

    __tablename__ = "application_notes"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_label: Mapped[str]
    """Who, in words: `admin mara`, `operator mara`."""
    note: Mapped[str]
    created_at: Mapped[datetime]
