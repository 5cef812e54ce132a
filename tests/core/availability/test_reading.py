"""Calendars as people's programs write them: the days that they keep busy, in the reader's zone."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from tourpad.core.availability.errors import CalendarUnreadable
from tourpad.core.availability.reading import child
from tourpad.core.availability.reading.expanding import MOST_EVENTS, MOST_SLOW, TooSlow, Unreadable, busy_days

NEW_YORK, LOS_ANGELES = "TZID=America/New_York", "TZID=America/Los_Angeles"
FIRST, LAST = date(2026, 3, 1), date(2026, 12, 31)


def ics(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:{n}@test\n{e.strip()}\nEND:VEVENT\n" for n, e in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def days(body: bytes, *, zone: str = "America/New_York", evenings: bool = True, last: date = LAST) -> list[str]:
    found = busy_days(body, zone=zone, first=FIRST, last=last, evenings=evenings)
    return [f"{day:%d.%m}" for day in sorted(found.days)]


def timed(zone: str, start: str, end: str, *more: str) -> str:
    """An event of March 2026, `11T2030` to `11T2130`."""
    return "\n".join((f"DTSTART;{zone}:202603{start}00", f"DTEND;{zone}:202603{end}00", *more))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260312", ["10.03", "11.03"]),
        ("DTSTART;VALUE=DATE:20260310", ["10.03"]),
        ("DTSTART:20260310T230000Z\nDTEND:20260311T003000Z", ["10.03"]),  # 7 pm in New York
        ("DTSTART:20260311T013000Z\nDURATION:PT2H", ["10.03"]),  # 9:30 pm of the day before
        (timed(LOS_ANGELES, "10T2100", "10T2230"), []),  # after midnight in New York
        ("DTSTART:20260310T190000\nDTEND:20260310T200000", ["10.03"]),  # on no clock but the reader's
        (timed(NEW_YORK, "10T0900", "10T1500"), []),  # over at 3 pm
        (timed(NEW_YORK, "10T0900", "10T1501"), ["10.03"]),
        (timed(NEW_YORK, "10T2200", "11T0200"), ["10.03"]),
        (timed(NEW_YORK, "10T2200", "12T0200"), ["10.03", "11.03"]),
        ("DTSTART:20260310T230000Z\nSTATUS:CANCELLED", []),
        ("DTSTART:20260310T230000Z\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20260310T230000Z\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20260310T230000Z\nSTATUS:TENTATIVE\nTRANSP:OPAQUE", ["10.03"]),
        ("DTSTART;VALUE=DATE:20250310", []),  # long ago
        ("DTSTART;VALUE=DATE:20270310", []),  # beyond the horizon
    ],
)  # fmt: skip
def test_one_event(event: str, expected: list[str]) -> None:
    assert days(ics(event)) == expected


def test_any_event_blocks_where_its_owner_says_so() -> None:
    lunch = timed(NEW_YORK, "10T1200", "10T1300")
    assert (days(ics(lunch)), days(ics(lunch), evenings=False)) == ([], ["10.03"])


def test_a_weekly_evening_stays_an_evening_over_both_changes_of_the_clocks() -> None:
    """8 pm on Saturdays in Los Angeles, which is 11 pm in New York: never Sunday."""
    choir = timed(LOS_ANGELES, "07T2000", "07T2100", "RRULE:FREQ=WEEKLY")
    found = busy_days(ics(choir), zone="America/New_York", first=FIRST, last=LAST, evenings=True).days
    assert found == {date(2026, 3, 7) + timedelta(weeks=n) for n in range(43)}
    assert {day.weekday() for day in found} == {5}


def test_a_zone_that_the_calendar_brings_itself() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Pacific Time (ours)\n"
        "BEGIN:STANDARD\nDTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nTZOFFSETFROM:-0700\nTZOFFSETTO:-0800\nEND:STANDARD\n"
        "BEGIN:DAYLIGHT\nDTSTART:19870405T020000\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\nTZOFFSETFROM:-0800\nTZOFFSETTO:-0700\nEND:DAYLIGHT\n"
        "END:VTIMEZONE\n"
    )
    late = "DTSTART;TZID=Pacific Time (ours):20260704T203000\nDTEND;TZID=Pacific Time (ours):20260704T210000"
    assert days(ics(late, head=zone)) == ["04.07"]


def test_exceptions_moved_dates_and_extra_dates_of_a_series() -> None:
    series = timed(
        NEW_YORK,
        "03T1900",
        "03T2000",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        f"EXDATE;{NEW_YORK}:20260310T190000",
        f"RDATE;{NEW_YORK}:20260405T190000",
    )
    moved = timed(NEW_YORK, "18T1900", "18T2000", "UID:0@test", f"RECURRENCE-ID;{NEW_YORK}:20260317T190000")
    off = timed(
        NEW_YORK, "24T1900", "24T2000", "UID:0@test", f"RECURRENCE-ID;{NEW_YORK}:20260324T190000", "STATUS:CANCELLED"
    )
    changed = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in (moved, off)).replace("\n", "\r\n")
    body = ics(series).replace(b"END:VCALENDAR", changed.encode() + b"END:VCALENDAR")
    assert days(body) == ["03.03", "18.03", "31.03", "05.04"]


def test_what_can_t_be_read_does_not_take_the_rest_with_it() -> None:
    body = ics(
        "DTSTART;VALUE=DATE:20260310",
        "DTSTART:20260311T230000Z\nRRULE:FREQ=NEVER",
        "DTSTART:20260312T230000Z\nRRULE:FREQ=SECONDLY",
        "DTSTART:20260313T230000Z\nRRULE:FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(60))),
        "SUMMARY:no beginning",
        "DTSTART;VALUE=DATE:20260320",
    )
    found = busy_days(body, zone="America/New_York", first=FIRST, last=LAST, evenings=True)
    assert {date(2026, 3, 10), date(2026, 3, 20)} <= found.days
    assert not {date(2026, 3, 12), date(2026, 3, 13)} & found.days
    assert found.left_out >= 2


@pytest.mark.parametrize("body", [b"", b"BEGIN:VCALENDAR", b"<html>", b"\xff\xfe\x00", b"END:VCALENDAR\r\n"])
def test_no_calendar(body: bytes) -> None:
    with pytest.raises(Unreadable, match="is no calendar"):
        days(body)


def test_half_a_calendar_is_none() -> None:
    """What was cut off on the way must not make the missing days free."""
    with pytest.raises(Unreadable, match="only the beginning"):
        days(ics("DTSTART;VALUE=DATE:20260310", "DTSTART;VALUE=DATE:20260311")[:-40])


def test_more_events_than_anybody_has() -> None:
    body = ics(*["DTSTART;VALUE=DATE:20260310"] * 200)
    assert days(body) == ["10.03"]
    with pytest.raises(Unreadable, match="more than 20,000 events"):
        days(body * (MOST_EVENTS // 200 + 1))


def test_it_is_read_in_a_process_of_its_own() -> None:
    body = ics("DTSTART;VALUE=DATE:20260310\nSUMMARY:A secret")
    assert child.read(body, zone="America/New_York", first=FIRST, last=LAST, evenings=True) == ([date(2026, 3, 10)], 0)
    with pytest.raises(CalendarUnreadable):
        child.read(b"nothing", zone="America/New_York", first=FIRST, last=LAST, evenings=True)


def test_a_series_that_takes_too_long_to_follow_is_left_out_alone() -> None:
    endless = "DTSTART:20260101T190000Z\nDTEND:20260101T200000Z\nRRULE:FREQ=DAILY;INTERVAL=0"
    fair = "DTSTART;VALUE=DATE:20260310"
    read, left_out = child.read(
        ics(endless, fair), zone="America/New_York", first=FIRST, last=LAST, evenings=True, series_seconds=0.2
    )
    assert ([day.day for day in read], left_out) == ([10], 1)

    @contextmanager
    def never() -> Generator[None]:
        yield
        raise TooSlow

    many = ics(*(fair,) * (MOST_SLOW + 1))
    with pytest.raises(Unreadable, match="too many events that take too long"):
        busy_days(many, zone="America/New_York", first=FIRST, last=LAST, evenings=True, hurried=never)
