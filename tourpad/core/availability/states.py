"""What a person says of a day, how it repeats, and how a calendar kept elsewhere stands."""

from enum import StrEnum


class AvailabilityKind(StrEnum):
    """What a person says of a day."""

    OPEN = "open"
    BLOCKED = "blocked"


class Repeats(StrEnum):
    """How a pattern comes again."""

    WEEKLY = "weekly"
    """On weekdays, every so many weeks."""
    MONTHLY_DAY = "monthly_day"
    """On days of the month, like the 1st and the last."""
    MONTHLY_WEEKDAY = "monthly_weekday"
    """On weekdays of certain weeks of the month, like the first Friday."""


class Weekday(StrEnum):
    """Days of the week, as calendars elsewhere name them, in lower case."""

    MONDAY = "mo"
    TUESDAY = "tu"
    WEDNESDAY = "we"
    THURSDAY = "th"
    FRIDAY = "fr"
    SATURDAY = "sa"
    SUNDAY = "su"


class Because(StrEnum):
    """Where a day's standing comes from. The first that says something of the day counts."""

    SHOW = "show"
    """A confirmed show."""
    DAY = "day"
    """The person's own word on that very day."""
    FEED = "feed"
    """A calendar kept elsewhere."""
    PATTERN = "pattern"


class FeedBlocks(StrEnum):
    """Which events of a calendar kept elsewhere make a day busy. Those that last all day always do."""

    EVENINGS = "evenings"
    """Those that touch the hours from 3 pm to midnight."""
    ANY = "any"
    """Every one."""


class FeedState(StrEnum):
    """How a calendar kept elsewhere stands."""

    NEW = "new"
    GOOD = "good"
    FAILING = "failing"
    """The last try failed; what was read before still counts."""
    STOPPED = "stopped"
    """It failed for so long that nobody tries any more."""


FEED_MOVES: dict[FeedState, frozenset[FeedState]] = {
    FeedState.NEW: frozenset({FeedState.GOOD, FeedState.FAILING}),
    FeedState.GOOD: frozenset({FeedState.FAILING}),
    FeedState.FAILING: frozenset({FeedState.GOOD, FeedState.STOPPED}),
    FeedState.STOPPED: frozenset({FeedState.NEW}),
}
"""A stopped one begins anew when its owner asks for it."""
