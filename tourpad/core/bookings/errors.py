"""What bookings refuse."""

from tourpad.core.errors import ConflictError, ForbiddenError, RefusedError


class DateTaken(ConflictError):
    """The artist or the host has a confirmed show on that date."""

    code = "date_taken"


class DateBlocked(ConflictError):
    """The artist or the host has said that they can't on that date."""

    code = "date_blocked"


class AlreadyRequested(ConflictError):
    """The same artist has already asked the same host for that date, and it is not decided."""

    code = "already_requested"


class NotListed(RefusedError):
    """The host or the artist does not take part at present."""

    code = "not_listed"


class NotYourTurn(RefusedError):
    """The other side has to answer first, or nobody has to any more."""

    code = "not_your_turn"


class FeeNotSecured(RefusedError):
    """The host has not paid the artist's fee yet."""

    code = "fee_not_secured"


class TooLate(RefusedError):
    """The show has begun."""

    code = "too_late"


class TooEarly(RefusedError):
    """The show is not over."""

    code = "too_early"


class LodgingNotReleased(ForbiddenError):
    """Where one would sleep is shown to the artist while the booking is confirmed, not before and not after."""

    code = "lodging_not_released"
