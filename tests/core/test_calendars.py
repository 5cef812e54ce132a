"""Calendars that other programs read: the instants, the zones, the days, and what a change looks like."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar

from tourpad.core import calendars
from tourpad.core.calendars import Days, Entry, Method, Sender, Standing

NEW_YORK = "America/New_York"
CHANGED = datetime(2026, 1, 5, 12, tzinfo=UTC)


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


def entry(starts_at: datetime, *, zone: str = NEW_YORK, lasts: timedelta = timedelta(hours=2), **more: Any) -> Entry:
    fields: dict[str, Any] = {
        "uid": "one",
        "sequence": 0,
        "changed_at": CHANGED,
        "starts_at": starts_at,
        "ends_at": starts_at + lasts,
        "zone": zone,
        "summary": "Ada at the Mill",
    }
    return Entry(**{**fields, **more})


def read(file: bytes) -> tuple[Any, list[Any]]:
    calendar: Any = Calendar.from_ical(file)
    return calendar, calendar.walk("VEVENT")


def by_its_own_rules(calendar: Any, value: Any) -> datetime:
    """What a time means to a program that knows no zones and believes the file (RFC 5545, 3.6.5)."""
    if "TZID" not in value.params:
        return value.dt.astimezone(UTC)
    wall = value.dt.replace(tzinfo=None, fold=0)
    zone = next(z for z in calendar.walk("VTIMEZONE") if z["TZID"] == value.params["TZID"])
    begun = [part for part in zone.subcomponents if part["DTSTART"].dt <= wall]
    offset = max(begun, key=lambda part: part["DTSTART"].dt)["TZOFFSETTO"].td
    return (wall - offset).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (NEW_YORK, (3, 8)),
        (NEW_YORK, (11, 1)),
        ("Europe/Berlin", (3, 29)),
        ("Europe/Berlin", (10, 25)),
        ("Australia/Lord_Howe", (4, 5)),  # by half an hour
        ("Australia/Lord_Howe", (10, 4)),
        ("America/Phoenix", (3, 8)),  # never
    ],
)
def test_around_every_change_of_the_clocks_the_instants_are_right(zone: str, day: tuple[int, int]) -> None:
    begin = datetime(2026, *day, tzinfo=UTC) - timedelta(hours=14)
    starts = [begin + timedelta(minutes=30 * number) for number in range(72)]
    calendar, events = read(calendars.write([entry(at, zone=zone) for at in starts]))
    for key, later in (("DTSTART", timedelta(0)), ("DTEND", timedelta(hours=2))):
        expected = [at + later for at in starts]
        assert [by_its_own_rules(calendar, event[key]) for event in events] == expected
        assert [event[key].dt.astimezone(UTC) for event in events] == expected


def test_a_clock_that_is_moved_forward_does_so_by_what_it_showed_before() -> None:
    file = calendars.write([entry(local(2026, 3, 8, 3, 15))]).decode()
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\n" in file


def test_the_evening_is_said_by_the_clock_of_the_place() -> None:
    file = calendars.write([entry(local(2026, 11, 21, 19, 30))]).decode()
    assert "DTSTART;TZID=America/New_York:20261121T193000\r\n" in file


def test_a_show_through_the_night_in_autumn_lasts_as_long_as_it_lasts() -> None:
    starts_at = local(2026, 10, 31, 23)
    file = calendars.write([entry(starts_at, lasts=timedelta(hours=3, minutes=30))])
    _, (event,) = read(file)
    assert event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC) == timedelta(hours=3, minutes=30)


def test_days_are_days_in_every_zone() -> None:
    trip = Days(uid="t", sequence=0, changed_at=CHANGED, first=date(2026, 5, 3), last=date(2026, 5, 9), summary="Ohio")
    file = calendars.write([trip])
    found = recurring_ical_events.of(Calendar.from_ical(file))
    assert [len(found.at(date(2026, 5, day))) for day in (2, 3, 9, 10)] == [0, 1, 1, 0]
    assert b"VTIMEZONE" not in file


def test_what_people_write_stays_text() -> None:
    hostile = "Ada; Ben, live\nBEGIN:VEVENT\r\nSUMMARY:Free beer\\"
    file = calendars.write([entry(local(2026, 5, 1, 20), summary=hostile, description=hostile * 20, location=hostile)])
    _, events = read(file)
    assert len(events) == 1
    assert str(events[0]["SUMMARY"]).replace("\r\n", "\n") == hostile.replace("\r\n", "\n")
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))


def test_a_change_is_a_higher_sequence_of_the_same_thing() -> None:
    uid = calendars.uid_of("concert", UUID(int=7))
    first = calendars.write([entry(local(2026, 5, 1, 20), uid=uid)])
    later = calendars.write([entry(local(2026, 5, 2, 20), uid=uid, sequence=1)])
    told = [read(file)[1][0] for file in (first, later)]
    assert [str(event["UID"]) for event in told] == [uid, uid]
    assert [event["SEQUENCE"] for event in told] == [0, 1]


def test_what_was_called_off_is_cancelled_and_takes_no_time() -> None:
    gone = entry(local(2026, 5, 1, 20), sequence=3, standing=Standing.CANCELLED)
    sender = Sender(name="TourPad", address="shows@tourpad.example")
    file = calendars.write([gone], method=Method.CANCEL, sender=sender)
    calendar, (event,) = read(file)
    assert str(calendar["METHOD"]) == "CANCEL"
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert str(event["ORGANIZER"]) == "mailto:shows@tourpad.example"


def test_the_same_entries_give_the_same_bytes() -> None:
    listed = [entry(local(2026, 5, 1, 20)), entry(local(2026, 12, 1, 20), zone="Europe/Berlin", uid="two")]
    assert calendars.write(listed, name="Own shows") == calendars.write(listed, name="Own shows")


def test_a_feed_says_how_often_to_look() -> None:
    file = calendars.write([], name="Own shows", refresh=timedelta(hours=1))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in file
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in file
