"""What can come of scanning besides a verdict."""

from tourpad.core.errors import OutsideError


class ScannerDown(OutsideError):
    """No verdict: the scanner does not answer, or not as a scanner does. The same file may be scanned later."""

    code = "scanner_down"


class TooLargeToScan(ScannerDown):
    """The scanner is set to take less than this file. Waiting does not help; its operator can."""

    code = "too_large_to_scan"
