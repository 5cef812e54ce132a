"""Refusals about places."""

from tourpad.core.errors import ForbiddenError, NotFoundError, RefusedError


class AddressNotReleased(ForbiddenError):
    """The exact address is not for this person, or not yet."""

    code = "address_not_released"


class NoAddress(NotFoundError):
    """The host has not given an address."""

    code = "no_address"


class ShowsAhead(RefusedError):
    """A show is agreed, or talked of, at the home that its host wants to leave."""

    code = "shows_ahead"
