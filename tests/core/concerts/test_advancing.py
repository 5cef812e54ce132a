from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, seat
from tourpad.core.actors import job_actor, operator
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

JOB = job_actor("test")


def test_a_confirmed_booking_becomes_a_concert_of_the_same_terms(work: "Work") -> None:
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work, indoor_capacity=20, outdoor_capacity=45)
    booking = make_booking(work, pair, fee=0, door=1_200, at=time(20, 15), duration=75)
    concert = work.session.get_one(Concert, booking.concert_id)
    assert (
        concert.title,
        concert.date,
        concert.start_time,
        concert.end_time,
        concert.time_zone,
        concert.max_capacity,
        concert.door_fee_cents,
        concert.requires_approval,
        concert.is_private,
    ) == (
        "Juniper Vale at Mill Lane House, Columbus",
        booking.requested_date,
        time(20, 15),
        time(21, 30),
        "America/New_York",
        45,
        1_200,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("day", "at", "starts_at", "shown", "ends"),
    [
        (date(2027, 3, 14), time(2, 30), "2027-03-14T07:30:00+00:00", time(3, 30), time(4, 30)),
        (date(2026, 11, 1), time(1, 30), "2026-11-01T05:30:00+00:00", time(1, 30), time(1, 30)),
        (date(2026, 11, 1), time(19, 30), "2026-11-02T00:30:00+00:00", time(19, 30), time(20, 30)),
        (date(2026, 10, 31), time(19, 30), "2026-10-31T23:30:00+00:00", time(19, 30), time(20, 30)),
    ],
)
def test_a_concert_on_a_day_on_which_clocks_change(
    *, work: "Work", day: date, at: time, starts_at: str, shown: time, ends: time
) -> None:
    concert = make_concert(work, day=day, at=at, duration=60)
    assert (concert.starts_at.isoformat(), concert.date, concert.start_time, concert.end_time) == (
        starts_at,
        day,
        shown,
        ends,
    )
    assert concert.ends_at - concert.starts_at == timedelta(hours=1)


def test_shows_begin_and_end_by_the_clock(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries as bookings
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import shows

    concert = make_concert(work)
    clock.set(concert.starts_at - timedelta(seconds=1))
    assert (service.advance(work, concert_id=concert.id), shows.to_advance(work, limit=9)) == (None, [])
    clock.set(concert.starts_at)
    assert shows.to_advance(work, limit=9) == [concert.id]
    assert service.advance(work, concert_id=concert.id) == concert.state == "live"
    assert (service.advance(work, concert_id=concert.id), shows.to_advance(work, limit=9)) == (None, [])
    clock.set(concert.ends_at)
    assert service.advance(work, concert_id=concert.id) == concert.state == "completed"
    assert concert.completed_at == work.now
    assert bookings.get_view(work, concert.booking_id).booking.state == "completed"
    assert service.advance(work, concert_id=concert.id) is None


def test_who_was_not_ticked_off_has_not_come_if_there_was_a_list(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    outcomes = []
    for keeps_list in (True, False):
        pair = make_pair(work)
        concert = make_concert(work, pair)
        came, stayed_away, unpaid = seat(work, concert, 2), seat(work, concert, 3), ask(work, concert, 1)
        clock.set(concert.starts_at - timedelta(hours=1))
        if keeps_list:
            service.check_in(work, concert_id=concert.id, rsvp_id=came.id, user_id=pair.host_user)
        service.lapse(work, rsvp_id=unpaid.id)
        clock.set(concert.ends_at)
        service.advance(work, concert_id=concert.id)
        outcomes.append((came.state, stayed_away.state, unpaid.state, concert.seats_taken))
        if keeps_list:
            late = service.check_in(work, concert_id=concert.id, rsvp_id=stayed_away.id, user_id=pair.host_user).rsvp
            assert (late.state, concert.seats_taken) == ("checked_in", 5)
        clock.set(datetime.fromisoformat("2026-03-01T12:00:00+00:00"))
    assert outcomes == [("checked_in", "no_show", "lapsed", 2), ("approved", "approved", "lapsed", 5)]


def test_at_the_door(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair)
    paid, unpaid = seat(work, concert, 2), ask(work, concert, 1)
    elsewhere = seat(work, make_concert(work))

    def check_in(rsvp: Any, user_id: UUID = pair.host_user) -> str:
        try:
            return service.check_in(work, concert_id=concert.id, rsvp_id=rsvp.id, user_id=user_id).rsvp.state.value
        except TourPadError as refusal:
            return refusal.code

    assert check_in(paid) == "door_closed"
    clock.set(concert.starts_at - timedelta(hours=6))
    assert (check_in(paid, pair.artist_user), check_in(paid, fan_of(work, paid))) == ("forbidden", "not_found")
    assert check_in(elsewhere) == "not_found"
    assert [check_in(unpaid), check_in(paid), check_in(paid)] == ["not_confirmed", "checked_in", "already_checked_in"]
    assert (paid.checked_in_at, concert.seats_taken) == (work.now, 3)
    clock.set(concert.ends_at + timedelta(hours=24))
    assert check_in(unpaid) == "door_closed"


def test_guests_are_reminded_two_days_before_and_learn_no_address_by_mail(work: "Work", clock: "VirtualClock") -> None:
    from sqlalchemy import select

    from tests.factories.profiles import SECRET_POSTCODE, SECRET_STREET
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats
    from tourpad.core.outbox.models import Mail

    concert = make_concert(work, make_pair(work, address=True))
    sure, unpaid = seat(work, concert), ask(work, concert)
    clock.set(concert.starts_at - timedelta(hours=49))
    assert seats.to_remind(work, limit=9) == []
    clock.set(concert.starts_at - timedelta(hours=48))
    assert seats.to_remind(work, limit=9) == [sure.id]
    assert service.remind(work, rsvp_id=sure.id)
    assert not service.remind(work, rsvp_id=sure.id)
    assert not service.remind(work, rsvp_id=unpaid.id)
    assert seats.to_remind(work, limit=9) == []
    assert told(work, fan_of(work, sure))[-1] == "concert_reminder"
    mails = list(work.session.scalars(select(Mail)))
    assert len(mails) > 4
    for mail in mails:
        assert SECRET_STREET not in mail.text_body + mail.html_body + mail.subject
        assert SECRET_POSTCODE not in mail.text_body + mail.html_body


def test_the_jobs_find_them_and_say_what_they_did(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import procedures

    with platform.work(operator("test")) as work:
        concert = make_concert(work, capacity=4)
        seat(work, concert, 2)
        ask(work, concert, 2)
        ask(work, concert, 1)
        work.commit()
        starts, ends = concert.starts_at, concert.ends_at
    assert procedures.lapse_due(platform, JOB) == {"lapsed": 0}
    clock.advance(timedelta(hours=49))
    assert procedures.lapse_due(platform, JOB) == {"lapsed": 1}
    clock.set(starts - timedelta(hours=40))
    assert procedures.lapse_due(platform, JOB) == {"lapsed": 1}
    assert procedures.remind_due(platform, JOB) == {"reminded": 1}
    assert procedures.remind_due(platform, JOB) == {"reminded": 0}
    clock.set(starts)
    assert procedures.advance_due(platform, JOB) == {"begun": 1, "completed": 0}
    clock.set(ends)
    assert procedures.advance_due(platform, JOB) == {"begun": 0, "completed": 1}
    assert procedures.advance_due(platform, JOB) == {"begun": 0, "completed": 0}


def test_a_host_who_moves_to_another_zone_does_not_move_the_show(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries as bookings
    from tourpad.core.concerts import service
    from tourpad.core.hosts import service as hosts

    pair = make_pair(work)
    concert = make_concert(work, pair)
    before = concert.starts_at
    with pytest.raises(TourPadError, match="can't move to San Diego CA"):
        hosts.edit(work, user_id=pair.host_user, changes={"city": "San Diego", "state": "CA"})
    booking = bookings.get_view(work, concert.booking_id).booking
    assert (booking.starts_at, booking.ends_at, concert.starts_at) == (before, concert.ends_at, before)
    clock.set(concert.ends_at)
    assert service.advance(work, concert_id=concert.id) == "completed"
