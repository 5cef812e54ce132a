"""Seats given back, all of them or some."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.concerts.test_seats import code, leave, shrink
from tests.factories.bookings import told
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door, seat

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(("days_before", "refund"), [(10, 4_500), (7, 4_500), (6, 2_250), (1, 0)])
def test_seats_given_back_return_money_by_the_policy(
    work: "Work", clock: "VirtualClock", days_before: int, refund: int
) -> None:
    from tourpad.core.payments.models import Refund

    concert = make_concert(work)
    rsvp = ask(work, concert, 3)
    payment = pay_door(work, rsvp)
    clock.set(concert.starts_at - days_before * DAY)
    assert leave(work, rsvp) == refund
    assert (rsvp.state, concert.seats_taken, payment.refunded_cents) == ("cancelled", 0, refund)
    assert [r.amount_cents for r in work.session.query(Refund).filter_by(payment_id=payment.id)] == [refund][
        : refund > 0
    ]
    assert told(work, fan_of(work, rsvp))[-1] == "rsvp_cancelled"


def test_leaving_twice_or_after_the_start_is_refused(work: "Work", clock: "VirtualClock") -> None:
    concert = make_concert(work)
    gone, late = ask(work, concert, 1), seat(work, concert, 1)
    leave(work, gone)
    assert code(leave, work, gone) == "not_found"
    clock.set(concert.starts_at)
    assert code(leave, work, late) == "too_late"


def test_a_smaller_party_pays_less_or_gets_its_share_back(work: "Work", clock: "VirtualClock") -> None:
    concert = make_concert(work, capacity=8)
    unpaid, paid = ask(work, concert, 4), ask(work, concert, 4)
    payment = pay_door(work, paid)
    waiting = ask(work, concert, 2)
    assert (shrink(work, unpaid, 3), unpaid.fee_cents, concert.seats_taken) == (0, 4_500, 7)
    assert shrink(work, paid, 3) == payment.refunded_cents == 1_500
    assert (paid.fee_cents, waiting.state, concert.seats_taken) == (4_500, "offered", 8)
    clock.set(concert.starts_at - 3 * DAY)
    assert shrink(work, paid, 2) == 750
    assert leave(work, paid) == 1_500
    assert payment.refunded_cents == 1_500 + 750 + 1_500


def test_a_party_that_waits_may_fit_once_it_is_smaller(work: "Work") -> None:
    concert = make_concert(work, capacity=5)
    ask(work, concert, 4)
    waiting = ask(work, concert, 3)
    shrink(work, waiting, 1)
    assert (waiting.state, waiting.fee_cents, concert.seats_taken) == ("offered", 1_500, 5)


def test_a_party_can_t_grow_or_vanish_and_is_its_fan_s(work: "Work") -> None:
    from tourpad.core.concerts import service

    rsvp = ask(work, make_concert(work), 2)
    assert code(shrink, work, rsvp, 3) == code(shrink, work, rsvp, 0) == "invalid_input"
    assert shrink(work, rsvp, 2) == 0
    stranger = {"rsvp_id": rsvp.id, "user_id": make_fan(work), "guests_count": 1}
    assert code(service.shrink, work, **stranger) == "not_found"
    leave(work, rsvp)
    assert code(shrink, work, rsvp, 1) == "illegal_move"
