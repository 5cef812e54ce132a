"""What is known of people's days."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from tourpad.core.artists.models import Artist
from tourpad.core.availability.models import AvailabilityDay, AvailabilityPattern, CalendarFeed, FeedBusyDay
from tourpad.core.availability.patterns import Pattern
from tourpad.core.availability.rules import Calendar
from tourpad.core.availability.states import AvailabilityKind
from tourpad.core.hosts.models import Host
from tourpad.core.places import find_town
from tourpad.core.work import Work


def days(work: Work, user_id: UUID, *, since: date) -> list[AvailabilityDay]:
    """What a person has said of single days from `since` on."""
    return list(
        work.session.scalars(
            select(AvailabilityDay)
            .where(AvailabilityDay.user_id == user_id, AvailabilityDay.day >= since)
            .order_by(AvailabilityDay.day)
        )
    )


def patterns(work: Work, user_id: UUID) -> list[Pattern]:
    """A person's patterns, in the order given."""
    return [pattern for _, pattern in _patterns(work, [user_id])]


def busy_days(work: Work, user_id: UUID, *, since: date) -> list[date]:
    """Days from `since` on that a person's calendars elsewhere keep busy."""
    return list(
        work.session.scalars(
            select(FeedBusyDay.day)
            .join(CalendarFeed, CalendarFeed.id == FeedBusyDay.feed_id)
            .where(CalendarFeed.user_id == user_id, FeedBusyDay.day >= since)
            .distinct()
            .order_by(FeedBusyDay.day)
        )
    )


def calendars(work: Work, user_ids: Collection[UUID], *, first: date, last: date) -> dict[UUID, Calendar]:
    """What is known of the days from `first` to `last`, by person, without shows. Three queries."""
    said: dict[UUID, dict[date, AvailabilityKind]] = {user_id: {} for user_id in user_ids}
    busy: dict[UUID, set[date]] = {user_id: set() for user_id in user_ids}
    repeating: dict[UUID, list[Pattern]] = {user_id: [] for user_id in user_ids}
    if not user_ids:
        return {}
    ids = list(user_ids)
    for owner, day, kind in work.session.execute(
        select(AvailabilityDay.user_id, AvailabilityDay.day, AvailabilityDay.kind).where(
            AvailabilityDay.user_id.in_(ids), AvailabilityDay.day.between(first, last)
        )
    ):
        said[owner][day] = kind
    for owner, day in work.session.execute(
        select(CalendarFeed.user_id, FeedBusyDay.day)
        .join(CalendarFeed, CalendarFeed.id == FeedBusyDay.feed_id)
        .where(CalendarFeed.user_id.in_(ids), FeedBusyDay.day.between(first, last))
    ):
        busy[owner].add(day)
    for owner, pattern in _patterns(work, ids):
        repeating[owner].append(pattern)
    return {
        user_id: Calendar(days=said[user_id], busy=busy[user_id], patterns=tuple(repeating[user_id]))
        for user_id in user_ids
    }


def zone_of(work: Work, user_id: UUID) -> str:
    """The IANA time zone in which a host or an artist lives; UTC for whoever has named no town."""
    zone = work.session.scalar(select(Host.time_zone).where(Host.user_id == user_id))
    if zone is not None:
        return zone
    row = work.session.execute(select(Artist.city, Artist.state).where(Artist.user_id == user_id)).one_or_none()
    city, state = row or (None, None)
    town = find_town(city, state) if city else None
    return town.time_zone if town else "UTC"


def _patterns(work: Work, user_ids: list[UUID]) -> list[tuple[UUID, Pattern]]:
    rows = work.session.scalars(
        select(AvailabilityPattern)
        .where(AvailabilityPattern.user_id.in_(user_ids))
        .order_by(AvailabilityPattern.user_id, AvailabilityPattern.position)
    )
    return [
        (
            row.user_id,
            Pattern(
                kind=row.kind,
                repeats=row.repeats,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                weekdays=tuple(row.weekdays),
                month_days=tuple(row.month_days),
                weeks=tuple(row.weeks),
                every=row.every,
                note=row.note,
            ),
        )
        for row in rows
    ]
