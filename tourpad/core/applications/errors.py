"""Refusals about applications."""

from tourpad.core.errors import RefusedError


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
