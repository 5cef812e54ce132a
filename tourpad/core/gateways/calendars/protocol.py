"""What TourPad asks of a calendar kept elsewhere."""

from typing import Protocol

from tourpad.core.values import Value


class Fetched(Value):
    """What came, and by what it is known again."""

    body: bytes
    etag: str | None
    last_modified: str | None


class CalendarGateway(Protocol):
    """Fetches calendars. Safe to share between threads."""

    def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """Fetch one calendar; nothing where it has not changed.

        Args:
            url: as its owner gave it: `http` or `https`.
            etag: what came with it the last time.
            last_modified: the same.

        Raises:
            CalendarUnreachable: it can't be had now.
            CalendarRefused: it will not be fetched.
        """
        ...
