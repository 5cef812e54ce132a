"""Shows that need a number of people: nobody is charged before there are so many, and with fewer there is no show."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import last_mail, make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door
from tourpad.core.actors import job_actor, operator
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Rsvp
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

MINIMUM: dict[str, Any] = {"minimum_attendance": 4, "minimum_notice_days": 7}


def _may_pay(work: "Work", rsvp: "Rsvp") -> str:
    from tourpad.core.concerts import service

    try:
        return str(service.what_is_owed(work, user_id=fan_of(work, rsvp), rsvp_id=rsvp.id).amount)
    except TourPadError as refusal:
        return refusal.code


def test_nothing_is_charged_until_enough_people_come(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts.queries import seats

    pair = make_pair(work)
    concert = make_concert(work, pair, **MINIMUM)
    assert concert.minimum_by == concert.starts_at - timedelta(days=7)
    for side in (pair.artist_user, pair.host_user):
        said = last_mail(work, side, "booking_confirmed").text_body
        assert "It takes place if 4 people have said yes by 3 April 2026, 7:30 pm EDT." in said
    first = ask(work, concert, 3)
    assert (first.state, first.expires_at, _may_pay(work, first)) == ("approved", None, "nothing_owed")
    clock.advance(timedelta(days=4))
    assert seats.to_lapse(work, limit=9) == []
    last = ask(work, concert, 1)
    assert concert.minimum_reached_at == work.now
    assert first.expires_at == last.expires_at == work.now + timedelta(hours=48)
    assert (_may_pay(work, first), _may_pay(work, last)) == ("$45.00", "$15.00")
    assert told(work, fan_of(work, first)) == ["rsvp_approved", "rsvp_payable"]
    assert told(work, fan_of(work, last)) == ["rsvp_approved"]
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "minimum_reached"


def test_a_show_that_takes_place_takes_place_though_somebody_leaves(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import shows

    concert = make_concert(work, **MINIMUM)
    rsvp = ask(work, concert, 4)
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, rsvp))
    clock.advance(timedelta(days=35))
    assert shows.to_let_go(work, limit=9) == []
    assert not service.let_go(work, concert_id=concert.id)


def test_requests_that_wait_for_the_host_do_not_count(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service.answering import Verdict

    pair = make_pair(work)
    concert = make_concert(work, pair, approval=True, **MINIMUM)
    parties = [ask(work, concert, 2) for _ in range(2)]
    assert concert.minimum_reached_at is None
    for rsvp in parties:
        service.answer(work, rsvp_id=rsvp.id, user_id=pair.host_user, verdict=Verdict.APPROVED)
    assert concert.minimum_reached_at == work.now


def test_with_too_few_the_show_is_off_and_nobody_has_paid(work: "Work", clock: "VirtualClock") -> None:
    from sqlalchemy import select

    from tourpad.core.bookings.models import Booking
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import refunding, shows
    from tourpad.core.payments.models import Payment

    pair = make_pair(work)
    concert = make_concert(work, pair, fee=20_000, **MINIMUM)
    rsvp = ask(work, concert, 3)
    assert concert.minimum_by is not None
    clock.set(concert.minimum_by - timedelta(seconds=1))
    assert (shows.to_let_go(work, limit=9), service.let_go(work, concert_id=concert.id)) == ([], False)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TourPadError) as refusal:
        ask(work, concert, 1)
    assert refusal.value.code == "concert_closed"
    assert shows.to_let_go(work, limit=9) == [concert.id]
    assert service.let_go(work, concert_id=concert.id)
    assert not service.let_go(work, concert_id=concert.id)
    booking = work.session.get_one(Booking, concert.booking_id)
    assert (booking.state, booking.cancel_reason) == (
        "cancelled",
        "4 people were needed, and 3 said yes in time.",
    )
    paid = work.session.scalars(select(Payment).where(Payment.concert_id == concert.id)).all()
    assert [(p.kind, p.refunded_cents, p.amount_cents) for p in paid] == [("booking", 20_000, 20_000)]
    for rsvp_id in refunding.to_call_off(work, concert.id):
        service.call_off(work, rsvp_id=rsvp_id)
    assert (rsvp.state, told(work, fan_of(work, rsvp))[-1]) == ("cancelled", "concert_cancelled")


def test_money_that_arrives_before_the_number_is_reached_goes_back(work: "Work") -> None:
    concert = make_concert(work, **MINIMUM)
    rsvp = ask(work, concert, 2)
    payment = pay_door(work, rsvp)
    assert (payment.refunded_cents, rsvp.paid_at) == (3_000, None)


def test_a_free_show_may_need_a_number_too(work: "Work") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work, door=0, **MINIMUM)
    first = ask(work, concert, 3)
    with pytest.raises(TourPadError, match="waiting for more people"):
        service.ticket(work, rsvp_id=first.id, user_id=fan_of(work, first))
    ask(work, concert, 1)
    assert (concert.minimum_reached_at, first.expires_at) == (work.now, None)
    assert service.ticket(work, rsvp_id=first.id, user_id=fan_of(work, first)).token
    assert told(work, fan_of(work, first))[-1] == "rsvp_payable"


def test_of_the_last_seat_and_the_deadline_exactly_one_counts(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import procedures
    from tourpad.core.concerts.models import Concert

    for advance in (timedelta(0), timedelta(seconds=-1)):
        with platform.work(operator("test")) as work:
            concert = make_concert(work, **MINIMUM)
            ask(work, concert, 3)
            fans = [make_fan(work) for _ in range(3)]
            work.commit()
            concert_id, by = concert.id, concert.minimum_by
        assert by is not None
        clock.set(by + advance)
        barrier = Barrier(len(fans) + 1)

        def take(fan: object, concert_id: object = concert_id, barrier: Barrier = barrier) -> str:
            barrier.wait()
            try:
                with platform.work(operator("test")) as work:
                    ask(work, work.session.get_one(Concert, concert_id), 1, fan=fan)  # type: ignore[arg-type]
                    work.commit()
            except TourPadError as refusal:
                return refusal.code
            return "in"

        def end(barrier: Barrier = barrier) -> str:
            barrier.wait()
            return f"{procedures.let_go_due(platform, job_actor('test'))['let_go']} let go"

        with ThreadPoolExecutor(len(fans) + 1) as pool:
            job = pool.submit(end)
            came = Counter(pool.map(take, fans))
            let_go = job.result()
        with platform.work(operator("test")) as work:
            concert = work.session.get_one(Concert, concert_id)
            stands = (concert.state.value, concert.minimum_reached_at is not None)
        if advance:
            assert (came, let_go, stands) == ({"in": 3}, "0 let go", ("scheduled", True))
        else:
            assert (came, let_go, stands) == ({"concert_closed": 3}, "1 let go", ("cancelled", False))


def test_a_show_that_moves_has_its_number_asked_anew(work: "Work") -> None:
    from tests.core.concerts.test_moving import keep, move

    pair = make_pair(work)
    concert = make_concert(work, pair, **MINIMUM)
    asked = ask(work, concert, 3)
    move(work, pair, concert)
    assert concert.minimum_by == concert.starts_at - timedelta(days=7)
    ask(work, concert, 1)
    assert concert.minimum_reached_at is None
    keep(work, asked, comes=True)
    assert (concert.minimum_reached_at, asked.expires_at) == (work.now, work.now + timedelta(hours=48))
