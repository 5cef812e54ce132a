"""Typed refusals of uploads."""

from tourpad.core.errors import RefusedError


class QuotaReached(RefusedError):
    """This person has as many files, or as many bytes, as one person may have."""

    code = "media_quota_reached"


class NothingUploaded(RefusedError):
    """The upload was called complete, and nothing is there."""

    code = "nothing_uploaded"


class UnscannedRefused(RefusedError):
    """No virus scanner is set up, and here nothing is taken unscanned."""

    code = "scanner_not_set_up"


class NotScannable(RefusedError):
    """There is no file to scan."""

    code = "nothing_to_scan"


class FileRefused(RefusedError):
    """The file is not what it should be, or not safe to show. The message is for its owner."""

    code = "file_refused"
