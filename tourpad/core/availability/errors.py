"""Refusals about calendars and trips."""

from tourpad.core.errors import ConflictError, RefusedError


class FeedKnown(ConflictError):
    """This person reads that calendar already."""

    code = "feed_known"


class TooManyFeeds(RefusedError):
    """A person may read only so many calendars."""

    code = "too_many_feeds"


class TooManyTrips(RefusedError):
    """An artist may plan only so many trips."""

    code = "too_many_trips"


class TripOver(RefusedError):
    """The trip was called off, or lies in the past."""

    code = "trip_over"


class CalendarUnreadable(RefusedError):
    """What came is no calendar, or one that takes too much to read."""

    code = "calendar_unreadable"
