"""Days on which a host or an artist can, or can't: said day by day, by patterns, and by calendars kept elsewhere."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, post, put
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType, field

from tourpad.core.artists import queries as artists
from tourpad.core.availability import service
from tourpad.core.availability.models import CalendarFeed
from tourpad.core.availability.patterns import Pattern
from tourpad.core.availability.queries import days as queries
from tourpad.core.availability.queries import feeds
from tourpad.core.availability.rules import Standing
from tourpad.core.availability.states import AvailabilityKind, Because, FeedBlocks, FeedState, Repeats, Weekday
from tourpad.core.bookings import queries as bookings
from tourpad.core.hosts import queries as hosts
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.requests.limits import FEED_ADD
from tourpad.core.work import Work
from tourpad.web.changes import sent
from tourpad.web.limits import limit
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output

WINDOW_DAYS = 60
"""Days that are shown unless others are asked for."""

StartParam = Annotated[date | None, QueryParameter(name="start", description="The first day; today unless given.")]
EndParam = Annotated[
    date | None, QueryParameter(name="end", description=f"The last day; {WINDOW_DAYS} days later unless given.")
]


class PatternIn(Input):
    """Days that come again: the last Friday of each month, or every second Sunday until Easter."""

    kind: AvailabilityKind
    repeats: Repeats
    weekdays: list[Weekday] = field(default_factory=list[Weekday])
    month_days: list[int] = field(default_factory=list[int])
    """1 to 31; -1 for the last of the month."""
    weeks: list[int] = field(default_factory=list[int])
    """1 to 5, which of the month's weekdays; -1 for the last."""
    every: int = 1
    """Weeks or months between two rounds."""
    starts_on: date | None = None
    """Yesterday unless given."""
    ends_on: date | None = None
    note: str | None = None


class AvailabilityIn(Input):
    """All days that one has something to say about, from yesterday on. What was said before is replaced."""

    open_dates: list[date] = field(default_factory=list[date])
    """One would like to on these, whatever one's patterns and calendars say."""
    blocked_dates: list[date] = field(default_factory=list[date])
    """Nobody can ask for these."""
    patterns: list[PatternIn] | UnsetType = UNSET
    """All of them; left out, they stay as they are."""


class PatternOut(Output):
    """Days that come again."""

    kind: AvailabilityKind
    repeats: Repeats
    weekdays: list[str]
    month_days: list[int]
    weeks: list[int]
    every: int
    starts_on: date
    ends_on: date | None
    note: str | None


class AvailabilityOut(Output):
    """One's own days, from yesterday on."""

    open_dates: list[date]
    blocked_dates: list[date]
    patterns: list[PatternOut]
    busy_dates: list[date]
    """By calendars kept elsewhere."""
    booked_dates: list[date]
    """Held by confirmed shows."""
    time_zone: str
    """IANA name: whose days these are."""


class AvailabilityAnswer(Output):
    """One's own days."""

    availability: AvailabilityOut


class OwnDayOut(Output):
    """How one day stands, and why."""

    date: date
    status: AvailabilityKind | None
    """Null where nothing is said of it: it may be asked for."""
    because: Because | None


class OwnDaysAnswer(Output):
    """One's days, each with its reason."""

    days: list[OwnDayOut]
    time_zone: str


class DaysAnswer(Output):
    """Somebody else's days. Why one is not to be had is theirs to know."""

    open_dates: list[date]
    """They would like to."""
    unavailable_dates: list[date]
    time_zone: str


class FeedIn(Input):
    """A calendar kept elsewhere, by its address that ends in `.ics`."""

    url: str
    """`https://…` or `webcal://…`. Kept encrypted, and never shown again."""
    name: str | None = None
    blocks: FeedBlocks = FeedBlocks.EVENINGS
    """Which events make a day busy: those that touch its evening (from 3 pm), or any. All-day ones always do."""


class FeedOut(Output):
    """A calendar kept elsewhere. Of its events only the days are known here."""

    id: UUID
    name: str
    host: str
    blocks: FeedBlocks
    status: FeedState
    error: str | None
    fetched_at: datetime | None
    next_fetch_at: datetime | None
    busy_until: date | None
    """The last day for which it was looked at."""
    left_out: int
    """Events that could not be read."""


class FeedAnswer(Output):
    """One calendar kept elsewhere."""

    feed: FeedOut


class FeedsAnswer(Output):
    """One's calendars kept elsewhere."""

    feeds: list[FeedOut]


@get("/api/availability/me", **needs(Permission.AVAILABILITY), tags=["availability"])
def show_availability(platform: Platform, principal: Principal) -> AvailabilityAnswer:
    """One's open, blocked, busy and booked days, and one's patterns."""
    with platform.work(principal.actor) as work:
        return _answer(work, principal)


@put("/api/availability/me", **needs(Permission.AVAILABILITY), tags=["availability"])
def set_availability(platform: Platform, principal: Principal, data: AvailabilityIn) -> AvailabilityAnswer:
    """Say which days one would like to, and on which one can't."""
    patterns = None if isinstance(data.patterns, UnsetType) else [sent(pattern) for pattern in data.patterns]
    with platform.work(principal.actor) as work:
        service.set_calendar(
            work,
            user_id=principal.user_id,
            open_dates=data.open_dates,
            blocked_dates=data.blocked_dates,
            patterns=patterns,
        )
        work.commit()
        return _answer(work, principal)


@get("/api/availability/me/days", **needs(Permission.AVAILABILITY), tags=["availability"])
def show_own_days(
    platform: Platform, principal: Principal, start: StartParam = None, end: EndParam = None
) -> OwnDaysAnswer:
    """How each of one's days stands, and where that comes from."""
    with platform.work(principal.actor) as work:
        days = _standings(work, principal.user_id, start, end)
        zone = queries.zone_of(work, principal.user_id)
    return OwnDaysAnswer(days=[OwnDayOut(date=d.day, status=d.kind, because=d.because) for d in days], time_zone=zone)


@get("/api/hosts/{host_id:uuid}/availability", **needs(Permission.BROWSE_HOSTS), tags=["availability"])
def show_host_days(
    platform: Platform, principal: Principal, host_id: UUID, start: StartParam = None, end: EndParam = None
) -> DaysAnswer:
    """On which days a listed host would like to, and on which they can't."""
    with platform.work(principal.actor) as work:
        return _days_of(work, hosts.get_view(work, host_id=host_id).host.user_id, start, end)


@get("/api/artists/{artist_id:uuid}/availability", **needs(Permission.BROWSE_TRIPS), tags=["availability"])
def show_artist_days(
    platform: Platform, principal: Principal, artist_id: UUID, start: StartParam = None, end: EndParam = None
) -> DaysAnswer:
    """On which days a listed artist would like to, and on which they can't."""
    with platform.work(principal.actor) as work:
        return _days_of(work, artists.get_view(work, artist_id=artist_id).artist.user_id, start, end)


@get("/api/availability/me/feeds", **needs(Permission.AVAILABILITY), tags=["availability"])
def list_feeds(platform: Platform, principal: Principal) -> FeedsAnswer:
    """One's calendars kept elsewhere, and how they stand."""
    with platform.work(principal.actor) as work:
        return FeedsAnswer(feeds=[_feed_out(feed) for feed in feeds.of_user(work, principal.user_id)])


@post("/api/availability/me/feeds", **needs(Permission.AVAILABILITY), tags=["availability"])
def add_feed(request: Request[Any, Any, Any], platform: Platform, principal: Principal, data: FeedIn) -> FeedAnswer:
    """Read a calendar from now on; its busy days can't be asked for. The first reading follows within two minutes."""
    limit(request, platform, FEED_ADD, str(principal.user_id))
    with platform.work(principal.actor) as work:
        feed = service.add(work, user_id=principal.user_id, url=data.url, name=data.name, blocks=data.blocks)
        work.commit()
        return FeedAnswer(feed=_feed_out(feed))


@post(
    "/api/availability/me/feeds/{feed_id:uuid}/refresh",
    status_code=202,
    **needs(Permission.AVAILABILITY),
    tags=["availability"],
)
def refresh_feed(platform: Platform, principal: Principal, feed_id: UUID) -> FeedAnswer:
    """Have it read again within two minutes, also where nobody tried any more."""
    with platform.work(principal.actor) as work:
        feed = service.refresh(work, user_id=principal.user_id, feed_id=feed_id)
        work.commit()
        return FeedAnswer(feed=_feed_out(feed))


@delete("/api/availability/me/feeds/{feed_id:uuid}", **needs(Permission.AVAILABILITY), tags=["availability"])
def remove_feed(platform: Platform, principal: Principal, feed_id: UUID) -> None:
    """Read it no longer. The days that it kept busy are free again."""
    with platform.work(principal.actor) as work:
        service.remove(work, user_id=principal.user_id, feed_id=feed_id)
        work.commit()


def _answer(work: Work, principal: Principal) -> AvailabilityAnswer:
    first, user_id = service.since(work), principal.user_id
    days = queries.days(work, user_id, since=first)
    return AvailabilityAnswer(
        availability=AvailabilityOut(
            open_dates=[d.day for d in days if d.kind is AvailabilityKind.OPEN],
            blocked_dates=[d.day for d in days if d.kind is AvailabilityKind.BLOCKED],
            patterns=[_pattern_out(p) for p in queries.patterns(work, user_id)],
            busy_dates=queries.busy_days(work, user_id, since=first),
            booked_dates=bookings.booked_days(work, user_id, since=first),
            time_zone=queries.zone_of(work, user_id),
        )
    )


def _standings(work: Work, user_id: UUID, start: date | None, end: date | None) -> list[Standing]:
    first = start or work.now.date()
    last = end or first + timedelta(days=WINDOW_DAYS - 1)
    booked = bookings.booked_days(work, user_id, since=first)
    return service.standings(work, user_id=user_id, first=first, last=last, booked=booked)


def _days_of(work: Work, user_id: UUID, start: date | None, end: date | None) -> DaysAnswer:
    days = _standings(work, user_id, start, end)
    return DaysAnswer(
        open_dates=[d.day for d in days if d.kind is AvailabilityKind.OPEN],
        unavailable_dates=[d.day for d in days if d.kind is AvailabilityKind.BLOCKED],
        time_zone=queries.zone_of(work, user_id),
    )


def _pattern_out(pattern: Pattern) -> PatternOut:
    return PatternOut(
        kind=pattern.kind,
        repeats=pattern.repeats,
        weekdays=list(pattern.weekdays),
        month_days=list(pattern.month_days),
        weeks=list(pattern.weeks),
        every=pattern.every,
        starts_on=pattern.starts_on,
        ends_on=pattern.ends_on,
        note=pattern.note,
    )


def _feed_out(feed: CalendarFeed) -> FeedOut:
    return FeedOut(
        id=feed.id,
        name=feed.name,
        host=feed.host,
        blocks=feed.blocks,
        status=feed.state,
        error=feed.error,
        fetched_at=feed.fetched_at,
        next_fetch_at=None if feed.state is FeedState.STOPPED else feed.next_fetch_at,
        busy_until=feed.read_until,
        left_out=feed.left_out,
    )


ROUTES = (
    show_availability,
    set_availability,
    show_own_days,
    show_host_days,
    show_artist_days,
    list_feeds,
    add_feed,
    refresh_feed,
    remove_feed,
)
