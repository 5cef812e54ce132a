"""What happens to applications. The person concerned is told by the verbs themselves."""

from uuid import UUID

from tourpad.core.applications.states import ApplicationKind, Verdict
from tourpad.core.events import Event


class ApplicationEvent(Event, kw_only=True):
    """Whose application, and of which kind."""

    application_id: UUID
    user_id: UUID
    kind: ApplicationKind


class ApplicationSubmitted(ApplicationEvent):
    """Somebody asks to be let in, for the first time or again."""


class QuestionsAsked(ApplicationEvent):
    """It is the applicant's turn."""


class QuestionsAnswered(ApplicationEvent):
    """It is the reviewers' turn again."""


class ApplicationApproved(ApplicationEvent):
    """They are let in."""


class ApplicationRejected(ApplicationEvent):
    """They are not, for now."""


class ApplicationReopened(ApplicationEvent, kw_only=True):
    """A decision was undone."""

    was: Verdict
