"""What a party owes for its seats, and money that comes late or twice."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.core.concerts.test_seats import answer, code, leave, shrink
from tests.factories.bookings import make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door, seat
from tourpad.core.money import usd

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_paying_makes_the_seats_certain(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    rsvp = ask(work, make_concert(work), 2)
    pay_door(work, rsvp)
    assert (rsvp.paid_at, rsvp.expires_at) == (work.now, None)
    assert told(work, fan_of(work, rsvp)) == ["rsvp_approved", "rsvp_paid"]
    clock.advance(9 * DAY)
    assert not service.lapse(work, rsvp_id=rsvp.id)


def test_a_payment_that_comes_too_late_goes_back(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work)
    lapsed, cancelled, waits = ask(work, concert), ask(work, concert), ask(work, concert)
    leave(work, cancelled)
    clock.advance(48 * HOUR)
    service.lapse(work, rsvp_id=lapsed.id)
    for rsvp in (lapsed, cancelled):
        payment = pay_door(work, rsvp)
        assert (payment.refunded_cents, rsvp.paid_at) == (1_500, None)
    clock.set(concert.starts_at)
    assert pay_door(work, waits).refunded_cents == 1_500


def test_a_second_payment_and_what_is_too_much_go_back(work: "Work") -> None:
    rsvp = ask(work, make_concert(work), 3)
    shrink(work, rsvp, 2)
    first = pay_door(work, rsvp, cents=4_500)  # begun before the party became smaller
    assert (first.refunded_cents, rsvp.paid_at is not None) == (1_500, True)
    second = pay_door(work, rsvp)
    assert (first.refunded_cents, second.refunded_cents) == (1_500, 3_000)


def test_what_a_fan_owes(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair, approval=True)
    rsvp = ask(work, concert, 2)
    fan = fan_of(work, rsvp)

    def owed(**which: Any) -> Any:
        return service.what_is_owed(work, user_id=fan, **which)

    assert code(owed, rsvp_id=rsvp.id) == "nothing_owed"
    answer(work, rsvp, pair.host_user)
    due = owed(rsvp_id=rsvp.id)
    assert (due.amount, due.kind, due.reference_type, due.reference_id, due.concert_id) == (
        usd(3_000),
        "door_fee",
        "rsvp",
        rsvp.id,
        concert.id,
    )
    assert owed(concert_id=concert.id) == due
    assert code(owed) == "invalid_input"
    assert code(service.what_is_owed, work, user_id=make_fan(work), rsvp_id=rsvp.id) == "not_found"
    assert code(service.what_is_owed, work, user_id=make_fan(work), concert_id=concert.id) == "not_found"
    clock.advance(48 * HOUR)
    assert code(owed, rsvp_id=rsvp.id) == "nothing_owed"
    paid = seat(work, make_concert(work))
    assert code(service.what_is_owed, work, user_id=fan_of(work, paid), rsvp_id=paid.id) == "already_paid"
    free = ask(work, make_concert(work, door=0))
    assert code(service.what_is_owed, work, user_id=fan_of(work, free), rsvp_id=free.id) == "nothing_owed"
