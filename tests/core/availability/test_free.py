"""Who is free, as search asks the database, held against the rule that everything else goes by."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.factories.bookings import make_booking, make_pair
from tourpad.core.artists.models import Artist
from tourpad.core.availability import service
from tourpad.core.availability.models import FeedBusyDay
from tourpad.core.availability.queries import days as queries
from tourpad.core.availability.states import FeedBlocks
from tourpad.core.bookings.queries import booked_by
from tourpad.core.database.free import Span, is_free
from tourpad.core.hosts.models import Host
from tourpad.core.ids import new_id
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tests.factories.bookings import Pair

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


def free_of(work: Work, span: Span) -> set[UUID]:
    people: set[UUID] = set()
    for model in (Artist, Host):
        people |= set(work.session.scalars(select(model.user_id).where(is_free(model.user_id, span))))
    return people


def a_life(work: Work, draw: Random, pair: "Pair", user_id: UUID) -> None:
    """Days, patterns, a calendar elsewhere, at random over the next ten weeks."""
    first = work.now.date()
    days = [first + timedelta(days=n) for n in range(70)]
    chosen = draw.sample(days, 24)
    patterns = []
    for _ in range(draw.randrange(4)):
        repeats = draw.choice(["weekly", "monthly_day", "monthly_weekday"])
        starts = draw.choice(days[:40]) - timedelta(days=1)
        patterns.append(
            {
                "kind": draw.choice(["open", "blocked", "blocked"]),
                "repeats": repeats,
                "weekdays": [] if repeats == "monthly_day" else draw.sample(WEEKDAYS, draw.randint(1, 4)),
                "month_days": draw.sample([*range(1, 32), -1], 8) if repeats == "monthly_day" else [],
                "weeks": draw.sample([1, 2, 3, 4, 5, -1], 2) if repeats == "monthly_weekday" else [],
                "every": draw.randint(1, 3),
                "starts_on": starts,
                "ends_on": draw.choice([None, starts + timedelta(days=draw.randrange(60))]),
            }
        )
    service.set_calendar(work, user_id=user_id, open_dates=chosen[:6], blocked_dates=chosen[6:14], patterns=patterns)
    feed = service.add(
        work, user_id=user_id, url=f"https://calendar.test/{user_id}.ics", name=None, blocks=FeedBlocks.ANY
    )
    work.add(*(FeedBusyDay(id=new_id(), feed_id=feed.id, day=day) for day in draw.sample(days, 15)))


@pytest.mark.parametrize("seed", range(3))
def test_the_database_finds_whom_the_rule_calls_free(work: Work, seed: int) -> None:
    draw = Random(seed)
    pairs = [make_pair(work) for _ in range(4)]
    held = make_booking(work, pairs[0], state="confirmed").requested_date
    for pair in pairs:
        for user_id in (pair.artist_user, pair.host_user):
            a_life(work, draw, pair, user_id)
    first = work.now.date()
    people = {user_id for pair in pairs for user_id in (pair.artist_user, pair.host_user)}
    spans = [
        Span(first + timedelta(days=n), first + timedelta(days=n + draw.choice([0, 0, 0, 1, 2, 6]))) for n in range(60)
    ]
    booked = booked_by(work, people, since=first)
    assert booked[pairs[0].host_user] == {held}
    narrowed = 0
    for span in [*spans, Span(held, held)]:
        known = queries.calendars(work, people, first=span.first, last=span.last)
        days = [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]
        expected = {
            user_id
            for user_id in people
            if any(known[user_id].may_be_asked(day) and day not in booked[user_id] for day in days)
        }
        assert free_of(work, span) & people == expected, span
        narrowed += len(expected) < len(people)
    assert narrowed > 30


def test_whoever_has_said_nothing_is_free(work: Work) -> None:
    pair = make_pair(work)
    day = work.now.date() + timedelta(days=3)
    assert {pair.artist_user, pair.host_user} <= free_of(work, Span(day, day))


def test_the_role_of_search_is_told_who_and_never_why(work: Work) -> None:
    from tourpad.core.database.roles import become_search

    pair = make_pair(work)
    day = work.now.date() + timedelta(days=3)
    service.set_calendar(work, user_id=pair.host_user, open_dates=[], blocked_dates=[day])
    become_search(work.session)
    assert pair.host_user not in free_of(work, Span(day, day))
    for table in ("availability_days", "availability_patterns", "feed_busy_days", "calendar_feeds", "bookings"):
        with pytest.raises(Exception, match="permission denied"), work.session.begin_nested():
            work.session.execute(text(f"SELECT 1 FROM {table}"))  # noqa: S608


def test_nobody_else_may_call_it(work: Work) -> None:
    granted = work.session.execute(
        text("SELECT grantee FROM information_schema.routine_privileges WHERE routine_name = 'busy_people'")
    ).scalars()
    owner = work.session.execute(text("SELECT current_user")).scalar_one()
    assert set(granted) - {owner} == {"tourpad_search"}
