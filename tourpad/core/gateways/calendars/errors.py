"""What can come of fetching a calendar. The messages are read by its owner, and never hold the address."""

from tourpad.core.errors import OutsideError, RefusedError


class CalendarUnreachable(OutsideError):
    """It can't be had now: it does not answer, answers with an error, or takes too long."""

    code = "calendar_unreachable"


class CalendarRefused(RefusedError):
    """It will not be fetched: a forbidden address, too large, or no calendar."""

    code = "calendar_refused"
