"""A show in the calendars of those who come: it goes in, it goes out, and it leads nobody to the home too early."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door, seat
from tests.factories.profiles import SECRET_POSTCODE, SECRET_STREET
from tourpad.core.actors import person
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def files(work: "Work", user_id: UUID) -> Iterator[tuple[str, str, str]]:
    """Each file that was mailed to a person, with the mail that brought it."""
    from tourpad.core.outbox.models import Mail

    for mail in work.session.scalars(select(Mail).where(Mail.user_id == user_id).order_by(Mail.id)):
        for attachment in mail.attachments:
            yield mail.template, attachment["type"], attachment["text"]


def event(text: str | bytes) -> Any:
    (found,) = Calendar.from_ical(text).walk("VEVENT")
    return found


def test_certain_seats_go_into_the_calendar_and_out_of_it(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work, make_pair(work, address=True))
    rsvp = ask(work, concert)
    fan = fan_of(work, rsvp)
    assert list(files(work, fan)) == []  # not paid: not certain
    pay_door(work, rsvp)
    clock.advance(timedelta(days=1))
    service.leave(work, concert_id=concert.id, user_id=fan)
    (paid, gone) = files(work, fan)
    assert [(t, kind) for t, kind, _ in (paid, gone)] == [
        ("rsvp_paid", "text/calendar; method=PUBLISH"),
        ("rsvp_cancelled", "text/calendar; method=CANCEL"),
    ]
    there, away = event(paid[2]), event(gone[2])
    assert str(there["UID"]) == str(away["UID"]) == f"concert-{concert.id}@tourpad"
    assert (str(there["STATUS"]), str(away["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert away["SEQUENCE"] >= there["SEQUENCE"]
    assert away["DTSTAMP"].dt > there["DTSTAMP"].dt
    assert there["DTSTART"].dt.astimezone(UTC) == concert.starts_at
    assert (str(there["LOCATION"]), str(there["URL"])) == (
        "Columbus, OH",
        f"{work.settings.base_url}/concerts/{concert.id}",
    )


def test_a_show_that_is_called_off_leaves_every_calendar(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert)
    clock.advance(timedelta(days=1))
    service.cancel(work, concert_id=concert.id, user_id=None, reason="A storm.")
    service.call_off(work, rsvp_id=rsvp.id)
    for person_, told in (
        (fan_of(work, rsvp), ["rsvp_paid", "concert_cancelled"]),
        (pair.artist_user, ["booking_confirmed", "booking_cancelled"]),
        (pair.host_user, ["booking_confirmed", "booking_cancelled"]),
    ):
        got = list(files(work, person_))
        assert [template for template, _, _ in got] == told
        first, last = (event(text) for _, _, text in got)
        assert last["SEQUENCE"] > first["SEQUENCE"]
        assert (str(last["STATUS"]), str(last["UID"])) == ("CANCELLED", str(first["UID"]))


@pytest.mark.parametrize(
    ("day", "offset"), [(date(2027, 3, 13), 5), (date(2027, 3, 14), 4), (date(2026, 10, 31), 4), (date(2026, 11, 1), 5)]
)
def test_the_evenings_around_both_changes_of_the_clocks(work: "Work", day: date, offset: int) -> None:
    concert = make_concert(work, make_pair(work), day=day, at=time(19, 30))
    rsvp = seat(work, concert)
    (_, _, text) = next(files(work, fan_of(work, rsvp)))
    start = event(text)["DTSTART"]
    assert start.params["TZID"] == "America/New_York"
    assert start.dt.replace(tzinfo=None) == datetime.combine(day, time(19, 30))
    assert start.dt.astimezone(UTC) == datetime.combine(day, time(19, 30), UTC) + timedelta(hours=offset)


def test_no_mail_and_nobody_but_who_is_entitled_learns_the_street(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import shows
    from tourpad.core.hosts import queries as hosts

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair)
    sure, unpaid = fan_of(work, seat(work, concert)), fan_of(work, ask(work, concert))

    def calendar(user_id: UUID) -> str:
        as_them = replace(work, actor=person(user_id, "fan"))
        view = shows.get_view(as_them, concert.id)
        viewer = shows.viewer(as_them, view, user_id)
        return service.calendar(as_them, view=view, viewer=viewer, user_id=user_id).decode()

    stranger = make_fan(work)
    for who in (sure, unpaid, stranger):
        assert str(event(calendar(who))["LOCATION"]) == "Columbus, OH"
    clock.set(concert.starts_at - timedelta(hours=48))
    before = hosts.looks(work, host_id=pair.host_id, page=1, limit=99)[1]
    assert SECRET_STREET in str(event(calendar(sure))["LOCATION"])
    assert hosts.looks(work, host_id=pair.host_id, page=1, limit=99)[1] == before + 1
    for who in (unpaid, stranger):
        assert str(event(calendar(who))["LOCATION"]) == "Columbus, OH"
    assert SECRET_STREET in calendar(pair.artist_user)
    for who in (sure, unpaid, stranger, pair.artist_user, pair.host_user):
        for _, _, text in files(work, who):
            assert SECRET_STREET not in text
            assert SECRET_POSTCODE not in text
