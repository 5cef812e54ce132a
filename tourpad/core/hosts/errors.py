"""Refusals about places."""

from tourpad.core.errors import ForbiddenError, NotFoundError


class AddressNotReleased(ForbiddenError):
    """The exact address is not for this person, or not yet."""

    code = "address_not_released"


class NoAddress(NotFoundError):
    """The host has not given an address."""

    code = "no_address"
