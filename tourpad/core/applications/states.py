"""An application's life."""

from enum import StrEnum


class ApplicationKind(StrEnum):
    """Who applies."""

    ARTIST = "artist"
    HOST = "host"


class ApplicationState(StrEnum):
    """How an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    QUESTIONS_ASKED = "questions_asked"
    APPROVED = "approved"
    REJECTED = "rejected"


MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED}),
    ApplicationState.SUBMITTED: frozenset({ApplicationState.IN_REVIEW}),
    ApplicationState.IN_REVIEW: frozenset(
        {ApplicationState.QUESTIONS_ASKED, ApplicationState.APPROVED, ApplicationState.REJECTED}
    ),
    ApplicationState.QUESTIONS_ASKED: frozenset({ApplicationState.IN_REVIEW}),
    ApplicationState.APPROVED: frozenset({ApplicationState.IN_REVIEW}),
    ApplicationState.REJECTED: frozenset({ApplicationState.IN_REVIEW, ApplicationState.SUBMITTED}),
}

WAITING = frozenset({ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW})
"""The reviewers' turn."""

UNDECIDED = WAITING | {ApplicationState.QUESTIONS_ASKED}
"""Nobody has said yes or no; it may be the applicant's turn."""
