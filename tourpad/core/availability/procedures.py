"""Reading calendars that people keep elsewhere, and telling hosts of trips: what jobs do."""

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.availability import service
from tourpad.core.availability.errors import CalendarUnreadable
from tourpad.core.availability.queries import trips
from tourpad.core.availability.reading import child
from tourpad.core.availability.service import feeds
from tourpad.core.availability.service.feeds import Assignment, BusyDays
from tourpad.core.availability.states import FeedBlocks
from tourpad.core.gateways.calendars import CalendarRefused, CalendarUnreachable

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 10
"""Feeds that one run takes at most: with every limit reached it still ends before their lease does."""

MOST_TRIPS = 5_000
"""Trips that are looked through in one run, the next ones first."""


def fetch_feeds(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Read the calendars whose time has come. Answers how many: `read`, `unchanged`, `failed`.

    The lock is held only while they are claimed; each is fetched and read outside of any transaction.
    """
    counts = {"read": 0, "unchanged": 0, "failed": 0}
    with platform.work(actor) as work:
        claimed = feeds.claim_due(work, limit=BATCH)
        work.commit()
    for assignment in claimed:
        try:
            counts[_fetch(platform, actor, assignment)] += 1
        except Exception:
            # A fault of ours: the other calendars are read all the same, and this one is tried less and less often.
            log.exception("calendar feed %s could not be read", assignment.feed_id)
            counts[_failed(platform, actor, assignment, "We could not read it, and look into why.")] += 1
    return counts


def tell_trips(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell hosts of artists who come near, one mail a host. Answers how many: `hosts`, `trips` (told of)."""
    counts = {"hosts": 0, "trips": 0}
    for host_id, trip_ids in _news(platform, actor).items():
        with platform.work(actor) as work:
            told = service.tell_host(work, host_id=host_id, trip_ids=trip_ids)
            work.commit()
        counts["hosts"] += bool(told)
        counts["trips"] += told
    return counts


def _news(platform: "Platform", actor: Actor) -> dict[UUID, list[UUID]]:
    """By host: the trips that pass near and of which they were not told."""
    news: dict[UUID, list[UUID]] = {}
    with platform.work(actor) as work:
        for trip_id in trips.to_tell_of(work, since=service.since(work), limit=MOST_TRIPS):
            for host_id in trips.hosts_to_tell(work, trips.get(work, trip_id)):
                news.setdefault(host_id, []).append(trip_id)
    return news


def _fetch(platform: "Platform", actor: Actor, assignment: Assignment) -> str:
    """Read one calendar. Answers what came of it."""
    try:
        fetched = platform.calendars.fetch(assignment.url, etag=assignment.etag, last_modified=assignment.last_modified)
        if fetched is None:
            with platform.work(actor) as work:
                feeds.note_unchanged(work, assignment)
                work.commit()
            return "unchanged"
        days, left_out = child.read(
            fetched.body,
            zone=assignment.zone,
            first=assignment.first,
            last=assignment.last,
            evenings=assignment.blocks is FeedBlocks.EVENINGS,
        )
    except (CalendarRefused, CalendarUnreachable, CalendarUnreadable) as failure:
        log.info("calendar feed %s: %s", assignment.feed_id, failure.message)
        return _failed(platform, actor, assignment, failure.message)
    read = BusyDays(days=days, left_out=left_out, etag=fetched.etag, last_modified=fetched.last_modified)
    with platform.work(actor) as work:
        feeds.note_busy(work, assignment, read)
        work.commit()
    return "read"


def _failed(platform: "Platform", actor: Actor, assignment: Assignment, why: str) -> str:
    with platform.work(actor) as work:
        feeds.note_failure(work, assignment, why)
        work.commit()
    return "failed"
