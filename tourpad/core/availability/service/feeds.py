"""Calendars that people keep elsewhere: added, read, failing, taken away."""

from collections.abc import Collection
from datetime import date, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from tourpad.core.availability import rules, sealing
from tourpad.core.availability.errors import FeedKnown, TooManyFeeds
from tourpad.core.availability.models import CalendarFeed, FeedBusyDay
from tourpad.core.availability.queries import days, feeds
from tourpad.core.availability.service.calendar import since
from tourpad.core.availability.states import FEED_MOVES, FeedBlocks, FeedState
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.states import check_move
from tourpad.core.values import Value
from tourpad.core.work import Work

LEASE = timedelta(minutes=15)
"""So long a worker has for one feed before another one may try it."""


class Assignment(Value):
    """What a worker needs to read one feed."""

    feed_id: UUID
    url: str
    etag: str | None
    last_modified: str | None
    zone: str
    blocks: FeedBlocks
    first: date
    last: date


class BusyDays(Value):
    """What was read of a calendar: days, and nothing of what is on them."""

    days: Collection[date]
    left_out: int = 0
    """Events that could not be read, or that repeat within a day."""
    etag: str | None = None
    last_modified: str | None = None


def add(work: Work, *, user_id: UUID, url: str, name: str | None, blocks: FeedBlocks) -> CalendarFeed:
    """Read a calendar from now on; a job fetches it within a minute or two.

    Args:
        work: the unit of work.
        user_id: whose days it keeps busy.
        url: an `http`, `https` or `webcal` address; kept encrypted.
        name: what its owner calls it; the address's host unless given.
        blocks: which events make a day busy.

    Raises:
        InvalidInputError: it is no web address.
        TooManyFeeds: this person has `rules.MOST_FEEDS`.
        FeedKnown: this person reads it already.
    """
    found = Fields()
    clean, called = rules.check_feed(found, url=url, name=name)
    found.done()
    if feeds.count(work, user_id) >= rules.MOST_FEEDS:
        raise TooManyFeeds(f"You read {rules.MOST_FEEDS} calendars.", hint="Take one away first.")
    host = urlsplit(clean).hostname or ""
    feed = CalendarFeed(
        id=new_id(),
        user_id=user_id,
        name=called or host[: rules.LONGEST_FEED_NAME],
        sealed_url=sealing.seal(work.settings.secret, clean),
        url_hash=sealing.fingerprint(work.settings.secret, clean),
        host=host,
        blocks=blocks,
        state=FeedState.NEW,
        next_fetch_at=work.now,
        created_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.add(feed)
    except IntegrityError as error:
        raise FeedKnown(
            "You read this calendar already.", hint="GET /api/availability/me/feeds lists yours."
        ) from error
    work.audit("feed.add", target_type="calendar_feed", target_id=feed.id)
    return feed


def refresh(work: Work, *, user_id: UUID, feed_id: UUID) -> CalendarFeed:
    """Have it read again soon, also where nobody tried any more.

    Raises:
        NotFoundError: no such feed, or somebody else's.
    """
    feed = feeds.get_own(work, feed_id=feed_id, user_id=user_id)
    if feed.state is FeedState.STOPPED:
        _move(feed, FeedState.NEW)
        feed.failures, feed.told_at = 0, None
    feed.etag = feed.last_modified = None
    feed.next_fetch_at = work.now
    work.session.flush()
    return feed


def remove(work: Work, *, user_id: UUID, feed_id: UUID) -> None:
    """Read it no longer; the days that it kept busy are free again.

    Raises:
        NotFoundError: no such feed, or somebody else's.
    """
    feed = feeds.get_own(work, feed_id=feed_id, user_id=user_id)
    work.session.delete(feed)
    work.session.flush()
    work.audit("feed.remove", target_type="calendar_feed", target_id=feed_id)


def claim_due(work: Work, *, limit: int) -> list[Assignment]:
    """Take feeds whose time has come, for `LEASE`; another worker that asks now gets others.

    What has not changed is not read again, unless the days that are known come to their end, or the person's zone
    is another one now.
    """
    first = since(work)
    last = first + timedelta(days=rules.FEED_DAYS_AHEAD)
    claimed: list[Assignment] = []
    for feed in feeds.due(work, now=work.now, limit=limit):
        feed.next_fetch_at = work.now + LEASE
        zone = days.zone_of(work, feed.user_id)
        reaches = feed.read_until is not None and feed.read_until >= first + timedelta(days=rules.FEED_DAYS_KEPT)
        known = reaches and feed.time_zone == zone
        claimed.append(
            Assignment(
                feed_id=feed.id,
                url=sealing.unseal(work.settings.secret, feed.sealed_url),
                etag=feed.etag if known else None,
                last_modified=feed.last_modified if known else None,
                zone=zone,
                blocks=feed.blocks,
                first=first,
                last=last,
            )
        )
    work.session.flush()
    return claimed


def note_busy(work: Work, assignment: Assignment, read: BusyDays) -> bool:
    """It was read: replace the busy days. False where its owner has taken it away meanwhile."""
    feed = _still_there(work, assignment)
    if feed is None:
        return False
    work.session.execute(delete(FeedBusyDay).where(FeedBusyDay.feed_id == feed.id))
    wanted = sorted({day for day in read.days if assignment.first <= day <= assignment.last})
    work.add(*(FeedBusyDay(id=new_id(), feed_id=feed.id, day=day) for day in wanted))
    feed.etag, feed.last_modified, feed.left_out = read.etag, read.last_modified, read.left_out
    feed.time_zone, feed.read_until = assignment.zone, assignment.last
    _went_well(work, feed)
    return True


def note_unchanged(work: Work, assignment: Assignment) -> bool:
    """It is as it was. False where its owner has taken it away meanwhile."""
    feed = _still_there(work, assignment)
    if feed is None:
        return False
    _went_well(work, feed)
    return True


def note_failure(work: Work, assignment: Assignment, reason: str) -> bool:
    """It could not be read: try again later and less often, tell its owner once, and at last give up.

    What was read before still counts. False where its owner has taken it away meanwhile.

    Args:
        work: the unit of work.
        assignment: what was tried.
        reason: for the owner; it must not hold the address.
    """
    feed = _still_there(work, assignment)
    if feed is None:
        return False
    feed.failures += 1
    feed.error = reason
    stops = feed.failures >= rules.FEED_STOP_AFTER
    if stops:
        _move(feed, FeedState.STOPPED)
    elif feed.state is not FeedState.FAILING:
        _move(feed, FeedState.FAILING)
    feed.next_fetch_at = work.now + rules.pause_after(feed.failures)
    if stops or (feed.failures >= rules.FEED_TELL_AFTER and feed.told_at is None):
        feed.told_at = work.now
        tell(
            work,
            user_id=feed.user_id,
            template="feed_failing",
            category=Category.SYSTEM,
            dedupe_key=f"feed_failing:{feed.id}:{feed.fetched_at or feed.created_at:%Y%m%d%H%M%S}:{stops}",
            related=("calendar_feed", feed.id),
            calendar=feed.name,
            host=feed.host,
            reason=reason,
            last_read=feed.fetched_at,
            given_up=stops,
        )
    work.session.flush()
    return True


def _still_there(work: Work, assignment: Assignment) -> CalendarFeed | None:
    feed = feeds.find_for_update(work, assignment.feed_id)
    return None if feed is None or feed.state is FeedState.STOPPED else feed


def _went_well(work: Work, feed: CalendarFeed) -> None:
    if feed.state is not FeedState.GOOD:
        _move(feed, FeedState.GOOD)
    feed.failures, feed.error, feed.told_at = 0, None, None
    feed.fetched_at = work.now
    feed.next_fetch_at = work.now + rules.FEED_EVERY
    work.session.flush()


def _move(feed: CalendarFeed, to: FeedState) -> None:
    check_move(FEED_MOVES, entity="calendar feed", now=feed.state, to=to)
    feed.state = to
