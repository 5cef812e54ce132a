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


class Verdict(StrEnum):
    """What a reviewer says."""

    APPROVED = "approved"
    REJECTED = "rejected"


class DecisionState(StrEnum):
    """How far one decision has come."""

    SECOND_OPINION = "second_opinion"
    """Another admin has to agree first. The applicant knows nothing of it."""
    HELD = "held"
    """Made, and kept back until it is released. The applicant knows nothing of it."""
    EFFECTIVE = "effective"
    """It holds, and the applicant is told."""
    WITHDRAWN = "withdrawn"
    """Taken back before it held: its reviewer thought better of it, or the second opinion was another one."""
    UNDONE = "undone"
    """It held, and was undone."""


DECISION_MOVES: dict[DecisionState, frozenset[DecisionState]] = {
    DecisionState.SECOND_OPINION: frozenset({DecisionState.HELD, DecisionState.EFFECTIVE, DecisionState.WITHDRAWN}),
    DecisionState.HELD: frozenset({DecisionState.EFFECTIVE, DecisionState.WITHDRAWN}),
    DecisionState.EFFECTIVE: frozenset({DecisionState.UNDONE}),
    DecisionState.WITHDRAWN: frozenset(),
    DecisionState.UNDONE: frozenset(),
}

OPEN_DECISION = frozenset({DecisionState.SECOND_OPINION, DecisionState.HELD})
"""Made, and not told yet. An application has one at most."""


class MarkKind(StrEnum):
    """By what two applications are known to be alike."""

    LINK = "link"
    NAME = "name"


class TemplatePurpose(StrEnum):
    """Where a text that was written once is used again."""

    QUESTION = "question"
    REJECTION = "rejection"
    NOTE = "note"
