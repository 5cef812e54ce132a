"""Nobody waits for ever: reminders and ends, by the jobs and by the verbs."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.bookings import in_days, last_mail, make_booking, make_pair, make_request, told
from tourpad.core.actors import job_actor, operator
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

JOB = job_actor("test")


def test_an_unanswered_request_is_reminded_of_and_then_ends(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    booking = make_request(work, pair)
    made_at = work.now
    clock.advance(timedelta(hours=47))
    assert (queries.to_remind_of(work, limit=9), service.remind(work, booking_id=booking.id)) == ([], False)
    clock.advance(timedelta(hours=1))
    assert queries.to_remind_of(work, limit=9) == [booking.id]
    assert service.remind(work, booking_id=booking.id)
    assert not service.remind(work, booking_id=booking.id)
    assert queries.to_remind_of(work, limit=9) == []
    assert booking.respond_by == made_at + timedelta(days=7)
    assert told(work, pair.host_user) == ["booking_requested", "booking_reminder"]
    clock.set(made_at + timedelta(days=7) - timedelta(seconds=1))
    assert (queries.to_expire(work, limit=9), service.expire(work, booking_id=booking.id)) == ([], False)
    clock.advance(timedelta(seconds=1))
    assert queries.to_expire(work, limit=9) == [booking.id]
    assert service.expire(work, booking_id=booking.id)
    assert not service.expire(work, booking_id=booking.id)
    assert booking.state == "expired"
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "booking_expired"
    assert "You have not answered in time" in last_mail(work, pair.host_user, "booking_expired").text_body
    assert "Mill Lane House has not answered in time" in last_mail(work, pair.artist_user, "booking_expired").text_body


def test_a_counter_offer_begins_the_time_anew_for_the_other_side(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_request(work, pair)
    clock.advance(timedelta(days=6))
    service.respond(
        work, booking_id=booking.id, user_id=pair.host_user, status=None, response=None, counter={"duration": 60}
    )
    clock.advance(timedelta(days=2))
    assert not service.expire(work, booking_id=booking.id)
    assert service.remind(work, booking_id=booking.id)
    assert told(work, pair.artist_user) == ["booking_countered", "booking_reminder"]
    clock.advance(timedelta(days=5))
    assert service.expire(work, booking_id=booking.id)


def test_a_fee_that_is_not_paid_ends_the_agreement(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    booking = make_booking(work, pair, state="approved")
    clock.advance(timedelta(hours=48))
    assert queries.to_remind_of(work, limit=9) == [booking.id]
    assert service.remind(work, booking_id=booking.id)
    assert told(work, pair.host_user)[-1] == "booking_fee_reminder"
    clock.advance(timedelta(hours=24))
    assert queries.to_expire(work, limit=9) == [booking.id]
    assert service.expire(work, booking_id=booking.id)
    assert (booking.state, told(work, pair.artist_user)[-1]) == ("expired", "booking_expired")


def test_an_agreement_whose_date_is_gone_ends_before_its_time(work: "Work") -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    late = make_booking(
        work, replace(make_pair(work), host_id=pair.host_id, host_user=pair.host_user), state="approved"
    )
    assert queries.to_expire(work, limit=9) == []
    make_booking(work, pair)
    assert queries.to_expire(work, limit=9) == [late.id]
    assert service.expire(work, booking_id=late.id)
    assert late.state == "expired"


def test_a_request_for_tomorrow_does_not_outlive_tomorrow(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries, service

    booking = make_request(work, day=in_days(work, 1))
    clock.advance(timedelta(hours=37))
    assert queries.to_expire(work, limit=9) == [booking.id]
    assert not service.remind(work, booking_id=booking.id)
    assert service.expire(work, booking_id=booking.id)


def test_what_is_decided_is_left_alone(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries, service

    bookings = [make_booking(work, state=state) for state in ("confirmed", "rejected", "cancelled")]
    clock.advance(timedelta(days=30))
    assert (queries.to_expire(work, limit=9), queries.to_remind_of(work, limit=9)) == ([], [])
    for booking in bookings:
        assert not service.expire(work, booking_id=booking.id)
        assert not service.remind(work, booking_id=booking.id)


def test_the_jobs_find_them_and_say_what_they_did(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import procedures

    with platform.work(operator("test")) as work:
        for _ in range(3):
            make_request(work)
        make_booking(work, state="approved")
        work.commit()
    assert procedures.remind_due(platform, JOB) == {"reminded": 0}
    clock.advance(timedelta(hours=49))
    assert procedures.remind_due(platform, JOB) == {"reminded": 4}
    assert procedures.remind_due(platform, JOB) == {"reminded": 0}
    assert procedures.expire_due(platform, JOB) == {"expired": 0}
    clock.advance(timedelta(days=6))
    assert procedures.expire_due(platform, JOB) == {"expired": 4}
    assert procedures.expire_due(platform, JOB) == {"expired": 0}
