"""Calendars kept elsewhere: from their address to blocked days, and what their owner hears of trouble."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair, told
from tourpad.core.actors import operator
from tourpad.core.availability import procedures, rules, service
from tourpad.core.availability.errors import FeedKnown, TooManyFeeds
from tourpad.core.availability.queries import days, feeds
from tourpad.core.availability.service.feeds import BusyDays, claim_due, note_busy, note_failure
from tourpad.core.availability.states import FeedBlocks, FeedState
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.gateways.calendars import CalendarUnreachable, Fetched
from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from tourpad.core.availability.models import CalendarFeed
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

ACTOR = operator("test")
URL = "https://calendar.example/private-0123456789abcdef/basic.ics"
TITLE = "Dinner with a canary"


def calendar(*dates: date) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{d}\r\nSUMMARY:{TITLE}\r\nDTSTART;VALUE=DATE:{d:%Y%m%d}\r\nEND:VEVENT\r\n" for d in dates
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()


@dataclass
class Elsewhere:
    """A calendar kept elsewhere."""

    body: bytes | None
    etag: str | None = '"1"'
    asked: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])

    def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        assert last_modified is None
        self.asked.append((url, etag))
        if self.body is None:
            raise CalendarUnreachable("It answers with the error 404.")
        return None if etag and etag == self.etag else Fetched(self.body, self.etag, None)


def add(work: "Work", user_id: UUID, url: str = URL) -> "CalendarFeed":
    return service.add(work, user_id=user_id, url=url, name="Family", blocks=FeedBlocks.EVENINGS)


def opened(platform: Platform, elsewhere: Elsewhere) -> Platform:
    return Platform(
        settings=platform.settings,
        database_url=platform.database_url,
        clock=platform.clock,
        calendars=elsewhere,
    )


def test_a_day_that_is_busy_elsewhere_can_t_be_asked_for_until_it_is_free(
    platform: Platform, clock: "VirtualClock", caplog: pytest.LogCaptureFixture
) -> None:
    day = clock.now().date() + timedelta(days=30)
    elsewhere = Elsewhere(calendar(day))
    p = opened(platform, elsewhere)
    try:
        with p.work(ACTOR) as work:
            host = make_pair(work).host_user
            add(work, host)
            work.commit()

        def run() -> dict[str, int]:
            clock.advance(rules.FEED_EVERY)
            return procedures.fetch_feeds(p, ACTOR)

        def blocked() -> bool:
            with p.work(ACTOR) as work:
                return bool(service.who_cannot(work, day=day, user_ids=[host]))

        assert not blocked()
        assert (run(), blocked()) == ({"read": 1, "unchanged": 0, "failed": 0}, True)
        assert procedures.fetch_feeds(p, ACTOR) == {"read": 0, "unchanged": 0, "failed": 0}
        assert (run(), blocked()) == ({"read": 0, "unchanged": 1, "failed": 0}, True)
        assert elsewhere.asked[-1] == (URL, '"1"')
        elsewhere.body = None
        assert (run(), blocked()) == ({"read": 0, "unchanged": 0, "failed": 1}, True)
        elsewhere.body, elsewhere.etag = calendar(day + timedelta(days=1)), '"2"'
        assert (run(), blocked()) == ({"read": 0, "unchanged": 0, "failed": 0}, True)  # it waits longer after a failure
        assert (run(), blocked()) == ({"read": 1, "unchanged": 0, "failed": 0}, False)
        with p.work(ACTOR) as work:
            feed = feeds.of_user(work, host)[0]
            assert (feed.state, feed.failures, feed.error, feed.etag) == (FeedState.GOOD, 0, None, '"2"')
            assert days.busy_days(work, host, since=clock.now().date()) == [day + timedelta(days=1)]
    finally:
        p.close()
    with platform.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT f::text || d::text FROM calendar_feeds f, feed_busy_days d")
        dump = "".join(rows.scalars())
    assert feed.host in dump
    assert TITLE not in dump + caplog.text
    assert "0123456789abcdef" not in dump + caplog.text


def test_its_owner_is_told_once_of_a_row_of_failures_and_once_when_nobody_tries_any_more(
    work: "Work", clock: "VirtualClock"
) -> None:
    host = make_pair(work).host_user
    feed = add(work, host)
    pauses: list[timedelta] = []
    for _ in range(rules.FEED_STOP_AFTER):
        clock.set(feed.next_fetch_at)
        (assignment,) = claim_due(work, limit=5)
        assert note_failure(work, assignment, "It answers with the error 404.")
        pauses.append(feed.next_fetch_at - clock.now())
        if feed.failures == rules.FEED_TELL_AFTER - 1:
            assert told(work, host) == []
    assert told(work, host) == ["feed_failing", "feed_failing"]
    assert pauses[:4] == [timedelta(hours=h) for h in (6, 12, 24, 24)]
    assert feed.state is FeedState.STOPPED
    clock.advance(timedelta(days=9))
    assert claim_due(work, limit=5) == []
    service.refresh(work, user_id=host, feed_id=feed.id)
    assert [a.feed_id for a in claim_due(work, limit=5)] == [feed.id]


def test_a_good_reading_in_between_begins_the_count_anew(work: "Work", clock: "VirtualClock") -> None:
    host = make_pair(work).host_user
    feed = add(work, host)
    for result in ("bad", "bad", "good", "bad", "bad", "good", "bad", "bad", "bad"):
        clock.set(feed.next_fetch_at)
        (assignment,) = claim_due(work, limit=5)
        if result == "good":
            note_busy(work, assignment, BusyDays(days=[]))
        else:
            note_failure(work, assignment, "It does not answer.")
    assert told(work, host) == ["feed_failing"]


def test_what_is_taken_away_while_it_is_read_stays_away(work: "Work") -> None:
    host = make_pair(work).host_user
    feed = add(work, host)
    (assignment,) = claim_due(work, limit=5)
    service.remove(work, user_id=host, feed_id=feed.id)
    day = work.now.date() + timedelta(days=3)
    assert not note_busy(work, assignment, BusyDays(days=[day]))
    assert days.busy_days(work, host, since=work.now.date()) == []


def test_it_is_read_anew_before_the_known_days_end_and_when_its_owner_lives_in_another_zone(
    work: "Work", clock: "VirtualClock"
) -> None:
    from tourpad.core.hosts import service as hosts

    host = make_pair(work).host_user
    feed = add(work, host)

    def asks_with() -> str | None:
        clock.set(max(clock.now(), feed.next_fetch_at))
        (assignment,) = claim_due(work, limit=5)
        note_busy(work, assignment, BusyDays(days=[], etag='"1"'))
        return assignment.etag

    assert [asks_with(), asks_with()] == [None, '"1"']
    clock.advance(timedelta(days=rules.FEED_DAYS_AHEAD - rules.FEED_DAYS_KEPT + 1))
    assert [asks_with(), asks_with()] == [None, '"1"']
    hosts.edit(work, user_id=host, changes={"city": "Portland", "state": "OR"})
    assert [asks_with(), asks_with()] == [None, '"1"']


def test_two_workers_do_not_take_the_same_calendar(platform: Platform) -> None:
    with platform.work(ACTOR) as work:
        host = make_pair(work).host_user
        wanted = {add(work, host, f"https://calendar.example/{n}.ics").id for n in range(4)}
        work.commit()
    with platform.work(ACTOR) as one, platform.work(ACTOR) as other:
        first, second = claim_due(one, limit=2), claim_due(other, limit=9)
        one.commit()
        other.commit()
    assert sorted(a.feed_id for a in first + second) == sorted(wanted)
    with platform.work(ACTOR) as work:
        assert claim_due(work, limit=9) == []


def test_what_can_t_be_added(work: "Work") -> None:
    pair = make_pair(work)
    add(work, pair.host_user)
    add(work, pair.artist_user)  # another person may read the same one
    with pytest.raises(FeedKnown):
        add(work, pair.host_user, URL.replace("https", "webcal"))
    ours = ("https://10.0.0.5/x", "http://localhost:80/x", "https://[::1]/x", "webcal://169.254.169.254/x")
    ours += ("http://127.1/x", "http://2130706433/x", "http://0x7f.1/x", "http://127.0.0.1./x", "http://①②⑦.⓪.⓪.①/x")
    ours += ("http://intern/x", "http://db.localhost/x", "https://calendar.example:8443/x", "http://\udc00.example/x")
    for url in ("ftp://calendar.example/x", "no address", "https://me:pass@calendar.example/x", "", *ours):
        with pytest.raises(InvalidInputError):
            add(work, pair.host_user, url)
    assert add(work, pair.host_user, "https://münchen.example/für/uns.ics").host == "xn--mnchen-3ya.example"
    for n in range(rules.MOST_FEEDS - 2):
        add(work, pair.host_user, f"{URL}?{n}")
    with pytest.raises(TooManyFeeds):
        add(work, pair.host_user, f"{URL}?more")
    mine = feeds.of_user(work, pair.host_user)[0]
    for verb in (service.refresh, service.remove):
        with pytest.raises(NotFoundError):
            verb(work, user_id=pair.artist_user, feed_id=mine.id)


def test_a_fault_of_ours_in_one_calendar_keeps_nobody_elses_from_being_read(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Elsewhere):
        def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
            if "faulty" in url:
                raise TypeError
            return super().fetch(url, etag=etag, last_modified=last_modified)

    p = opened(platform, Faulty(calendar()))
    try:
        with p.work(ACTOR) as work:
            host = make_pair(work).host_user
            add(work, host, "https://calendar.example/faulty.ics")
            add(work, host, "https://calendar.example/fair.ics")
            work.commit()
        assert procedures.fetch_feeds(p, ACTOR) == {"read": 1, "unchanged": 0, "failed": 1}
        with p.work(ACTOR) as work:
            found = {(feed.state, feed.error) for feed in feeds.of_user(work, host)}
        assert found == {(FeedState.GOOD, None), (FeedState.FAILING, "We could not read it, and look into why.")}
    finally:
        p.close()
    assert "could not be read" in caplog.text
