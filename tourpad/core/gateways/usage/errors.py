"""What may go wrong where usage is counted."""

from tourpad.core.errors import OutsideError


class UsageRefused(OutsideError):
    """What was sent is not acceptable, and would not be the next time either."""

    code = "usage_refused"


class UsageUncertain(OutsideError):
    """No answer, or none that says that it was taken. It may be sent again: each event counts once by its id."""

    code = "usage_uncertain"
