"""Refusals about applications."""

from tourpad.core.errors import ConflictError, RefusedError


class MailNotVerified(RefusedError):
    """The applicant's mail address is not proved yet."""

    code = "email_not_verified"


class AlreadyApplied(RefusedError):
    """There is an application that waits, or that was accepted."""

    code = "already_applied"


class TooSoon(RefusedError):
    """Rejected, and the waiting time is not over. `details["from"]` is when it is."""

    code = "too_soon"


class NothingAsked(RefusedError):
    """There is no open question to answer."""

    code = "nothing_asked"


class TooLateToUndo(RefusedError):
    """The decision has had consequences that can't be taken back."""

    code = "too_late_to_undo"


class AlreadyDecided(RefusedError):
    """Somebody has approved or rejected it."""

    code = "already_decided"


class NothingToUndo(RefusedError):
    """Nothing was decided and nothing was asked."""

    code = "nothing_to_undo"


class ApplicationClaimed(ConflictError):
    """Another reviewer has it. `details` say who, and until when."""

    code = "application_claimed"


class NothingHeld(RefusedError):
    """There is no decision that waits to be released or agreed to."""

    code = "nothing_held"


class SecondOpinionNeedsAnother(RefusedError):
    """Whoever decided can't be the second opinion on it, and a login on a machine is no person here."""

    code = "second_opinion_needs_another"


class TemplateExists(ConflictError):
    """A text of this name is there already."""

    code = "template_exists"
