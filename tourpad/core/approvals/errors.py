"""What two-person requests refuse."""

from tourpad.core.errors import ConflictError, RefusedError


class NotAnAdminError(RefusedError):
    """Only an admin's account, signed in as such, asks and approves."""

    code = "approval_needs_admin"


class SamePersonError(RefusedError):
    """Whoever asked can't be the one who approves."""

    code = "approval_same_person"


class NotOpenError(ConflictError):
    """The request was decided before, has been used, or its time is over."""

    code = "approval_not_open"
