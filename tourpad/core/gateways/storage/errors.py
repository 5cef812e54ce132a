"""What can come of storing files besides their being stored."""

from tourpad.core.errors import ForbiddenError, NotFoundError, OutsideError


class StorageDown(OutsideError):
    """The storage does not answer, or refuses us: the same may work later."""

    code = "storage_down"


class NoSuchFile(NotFoundError):
    """There is nothing under that key."""

    code = "no_such_file"


class UploadRefused(ForbiddenError):
    """The form was changed, is over its time, or the file is not what it was signed for."""

    code = "upload_refused"


class LinkRefused(ForbiddenError):
    """The link to a private file was changed, or is over its time."""

    code = "link_refused"
