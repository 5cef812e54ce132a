"""One's shows by a secret address: what stands in them, what never does, and what the address is worth."""

import logging
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, make_concert, make_fan, seat
from tests.factories.profiles import SECRET_POINT, SECRET_POSTCODE, SECRET_STREET
from tests.web.api import Api
from tourpad.core.concerts import service as concerts

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock

BEFORE, AFTER = date(2026, 3, 7), date(2026, 3, 8)
"""The days before and on which the clocks go forward."""
BEFORE_AUTUMN, IN_AUTUMN = date(2026, 10, 31), date(2026, 11, 1)


def link(api: Api, who: dict[str, str]) -> str:
    """The path of a new secret address."""
    answer = api.client.post("/api/calendar/link", headers=who)
    assert answer.status_code == 201
    return answer.json()["url"].removeprefix(api.platform.settings.base_url)


def events(api: Api, path: str) -> dict[str, Any]:
    answer = api.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(answer.content)
    found = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert len(found) == len(calendar.walk("VEVENT"))
    return found


def test_shows_stand_in_it_at_the_instant_at_which_they_begin_on_both_sides_of_each_change_of_the_clocks(
    api: Api,
) -> None:
    with api.setting() as work:
        pair = make_pair(work, address=True)
        for day in (BEFORE, AFTER, BEFORE_AUTUMN, IN_AUTUMN):
            make_concert(work, pair, day=day, at=time(19, 30))
    found = events(api, link(api, api.sign_in(pair.artist_user)))
    starts = sorted(event["DTSTART"].dt for event in found.values())
    expected = [
        datetime.combine(day, time(19, 30), ZoneInfo("America/New_York"))
        for day in (BEFORE, AFTER, BEFORE_AUTUMN, IN_AUTUMN)
    ]
    assert [s.astimezone(UTC) for s in starts] == [e.astimezone(UTC) for e in expected]
    assert [s.astimezone(UTC).hour for s in starts] == [0, 23, 23, 0]
    assert {event["STATUS"] for event in found.values()} == {"CONFIRMED"}


def test_a_program_that_knows_no_zones_reads_the_same_instants(api: Api) -> None:
    """By the rules that the file brings along, and nothing else."""
    with api.setting() as work:
        pair = make_pair(work)
        for day in (BEFORE, AFTER, BEFORE_AUTUMN, IN_AUTUMN):
            make_concert(work, pair, day=day, at=time(19, 30))
    text = api.client.get(link(api, api.sign_in(pair.host_user))).text.replace("\r\n ", "")
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
    rules = sorted(
        (_wall(begin), timedelta(hours=int(hours)))
        for part in re.split("END:(?:STANDARD|DAYLIGHT)", zone)
        for begin, hours in zip(
            re.findall(r"DTSTART:(\w+)", part), re.findall(r"TZOFFSETTO:([+-]\d\d)00", part), strict=True
        )
    )
    starts = sorted(_wall(start) for start in re.findall(r"DTSTART;TZID=America/New_York:(\w+)", text))
    offsets = [[offset for begin, offset in rules if begin <= start][-1] for start in starts]
    assert [(start - offset).hour for start, offset in zip(starts, offsets, strict=True)] == [0, 23, 23, 0]


def _wall(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - what a clock on a wall shows


def test_it_follows_what_becomes_of_a_show_under_one_name_and_rising_numbers(api: Api, clock: "VirtualClock") -> None:
    with api.setting() as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair)
        other = make_concert(work, pair, day=concert.date + timedelta(days=1))
        fan = make_fan(work)
        seat(work, concert, 2, fan=fan)
        ask(work, other, 1, fan=fan)
    path = link(api, api.sign_in(fan))

    def state() -> dict[str, tuple[str, int]]:
        return {uid: (str(e["STATUS"]), int(e["SEQUENCE"])) for uid, e in events(api, path).items()}

    first = state()
    uid, waiting = (next(u for u in first if str(c.id) in u) for c in (concert, other))
    assert (first[uid][0], first[waiting][0]) == ("CONFIRMED", "CONFIRMED")
    assert state() == first
    clock.advance(timedelta(hours=1))
    with api.setting() as work:
        concerts.edit(work, concert_id=concert.id, user_id=pair.host_user, changes={"description": "Bring a cushion."})
        concerts.leave(work, concert_id=other.id, user_id=fan)
    second = state()
    assert second[uid][1] > first[uid][1]
    assert (second[waiting][0], second[waiting][1] > first[waiting][1]) == ("CANCELLED", True)
    clock.advance(timedelta(hours=1))
    with api.setting() as work:
        concerts.cancel(work, concert_id=concert.id, user_id=pair.host_user, reason="ill")
    third = state()
    assert (third[uid][0], third[uid][1] > second[uid][1], third.keys() == first.keys()) == ("CANCELLED", True, True)
    clock.advance(timedelta(days=31))
    assert state() == {}


def test_no_calendar_has_the_street_not_even_when_its_owner_may_know_it(api: Api, clock: "VirtualClock") -> None:
    with api.setting() as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair)
        fan = make_fan(work)
        seat(work, concert, 2, fan=fan)
    paths = [link(api, api.sign_in(u)) for u in (pair.artist_user, pair.host_user, fan)]
    clock.set(concert.starts_at - timedelta(hours=1))
    for path in paths:
        text = api.client.get(path).text.replace("\r\n ", "")
        assert "LOCATION:Columbus\\, OH" in text
        assert f"/concerts/{concert.id}" in text
        for secret in (SECRET_STREET, SECRET_POSTCODE, str(SECRET_POINT[0])[:7], str(SECRET_POINT[1])[:7]):
            assert secret not in text


def test_an_address_is_worth_nothing_once_there_is_another_or_its_owner_is_out(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    from tourpad.core.identity.service import users

    caplog.set_level(logging.DEBUG)
    with api.setting() as work:
        fan = make_fan(work)
    who = api.sign_in(fan)
    assert api.client.get("/api/calendar/link", headers=who).json() == {"link": None}
    first = link(api, who)
    assert api.client.get(first).status_code == 200
    shown = api.client.get("/api/calendar/link", headers=who).json()["link"]
    assert shown["readAt"] is not None
    second = link(api, who)
    assert (api.client.get(first).status_code, api.client.get(second).status_code) == (404, 200)
    with api.platform.engine.begin() as connection:
        kept = "".join(connection.exec_driver_sql("SELECT l::text FROM calendar_links l").scalars())
    token = second.rpartition("/")[2].removesuffix(".ics")
    assert token[22:] not in kept
    assert token not in "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    # The id of a link with another secret, a cut one, and nonsense.
    answers = [api.client.get(f"/api/calendar/{t}.ics") for t in (token[:-4] + "AAAA", token[:30], "x", "é", "0" * 500)]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "not_found")}
    with api.setting() as work:
        users.suspend(work, user_id=fan, reason="spam", until=None)
    assert api.client.get(second).status_code == 404
    with api.setting() as work:
        users.reinstate(work, user_id=fan)
    assert api.client.get(second).status_code == 200
    who = api.sign_in(fan)
    assert api.client.delete("/api/calendar/link", headers=who).status_code == 204
    assert api.client.delete("/api/calendar/link", headers=who).status_code == 204
    assert api.client.get(second).status_code == 404


def test_what_has_not_changed_is_not_sent_again_and_nobody_in_between_keeps_it(api: Api) -> None:
    path = link(api, api.person("fan"))
    answer = api.client.get(path)
    assert answer.headers["cache-control"] == "private, max-age=900"
    again = api.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_guesses_is_slowed_down(api: Api) -> None:
    from tourpad.core.requests.limits import CALENDAR, LOCAL_FACTOR, subject_of

    most = CALENDAR.limit * LOCAL_FACTOR
    api.platform.windows.take(CALENDAR, subject_of("testclient"), now=api.platform.clock.now(), count=most)
    answer = api.client.get("/api/calendar/x.ics")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0
