"""Seats, verb by verb."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door, seat
from tests.factories.profiles import make_person
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.ids import new_id
from tourpad.core.money import usd

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def code(do: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        do(*args, **more)
    return refusal.value.code


def answer(work: "Work", rsvp: "Rsvp", user_id: UUID, verdict: str = "approved") -> "Rsvp":
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service.answering import Verdict

    return service.answer(work, rsvp_id=rsvp.id, user_id=user_id, verdict=Verdict(verdict))


def leave(work: "Work", rsvp: "Rsvp") -> int:
    from tourpad.core.concerts import service

    return service.leave(work, concert_id=rsvp.concert_id, user_id=fan_of(work, rsvp)).refund.cents


def shrink(work: "Work", rsvp: "Rsvp", guests: int) -> int:
    from tourpad.core.concerts import service

    return service.shrink(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp), guests_count=guests).refund.cents


def states(*rsvps: "Rsvp") -> list[str]:
    return [rsvp.state.value for rsvp in rsvps]


def test_a_party_that_fits_is_in_and_has_two_days_to_pay(work: "Work") -> None:
    concert = make_concert(work)
    rsvp = ask(work, concert, 3)
    assert (rsvp.state, rsvp.fee_cents, rsvp.expires_at, concert.seats_taken) == (
        "approved",
        4_500,
        work.now + 48 * HOUR,
        3,
    )
    assert told(work, fan_of(work, rsvp)) == ["rsvp_approved"]


def test_where_the_door_is_free_the_seats_are_certain_at_once(work: "Work") -> None:
    rsvp = ask(work, make_concert(work, door=0))
    assert (rsvp.state, rsvp.fee_cents, rsvp.expires_at) == ("approved", 0, None)


def test_where_the_host_approves_the_seats_are_kept_until_then(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, approval=True)
    rsvp = ask(work, concert, 4)
    assert (rsvp.state, rsvp.expires_at, concert.seats_taken) == ("pending", None, 4)
    assert (told(work, pair.host_user)[-1], told(work, fan_of(work, rsvp))) == ("rsvp_requested", [])
    answer(work, rsvp, pair.host_user)
    assert (rsvp.state, rsvp.expires_at, concert.seats_taken) == ("approved", work.now + 48 * HOUR, 4)
    assert answer(work, rsvp, pair.artist_user).state == "approved"
    assert told(work, fan_of(work, rsvp)) == ["rsvp_approved"]


def test_a_party_that_does_not_fit_waits_and_a_smaller_one_gets_in(work: "Work") -> None:
    concert = make_concert(work, capacity=10)
    first, large, small = ask(work, concert, 8), ask(work, concert, 3), ask(work, concert, 2)
    assert states(first, large, small) == ["approved", "waitlisted", "approved"]
    assert (concert.seats_taken, large.was_waitlisted, small.was_waitlisted) == (10, True, False)
    assert told(work, fan_of(work, large)) == ["rsvp_waitlisted"]


def test_freed_seats_are_offered_to_the_earliest_that_fits(work: "Work") -> None:
    concert = make_concert(work, capacity=10)
    leaver, _ = ask(work, concert, 3), ask(work, concert, 7)
    five, two, one, also_one = (ask(work, concert, n) for n in (5, 2, 1, 1))
    leave(work, leaver)
    assert states(leaver, five, two, one, also_one) == ["cancelled", "waitlisted", "offered", "offered", "waitlisted"]
    assert (concert.seats_taken, two.expires_at) == (10, work.now + 24 * HOUR)
    assert told(work, fan_of(work, two)) == ["rsvp_waitlisted", "seat_offered"]


def test_a_mail_names_its_deadline_on_the_clock_of_the_home(work: "Work") -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    concert = make_concert(work, capacity=3)
    leaver = ask(work, concert, 3)
    two, one = ask(work, concert, 2), ask(work, concert, 1)
    leave(work, leaver)
    mails = {m.user_id: m for m in work.session.scalars(select(Mail).where(Mail.template == "seat_offered"))}
    of_two, of_one = mails[fan_of(work, two)], mails[fan_of(work, one)]
    assert "Take them by 2 March 2026, 7:00 am EST." in of_two.text_body  # noon of UTC
    assert of_one.subject.startswith("A seat is free: ")
    assert "it is yours if you want it." in of_one.text_body


def test_an_offer_is_taken_by_asking_again(work: "Work") -> None:
    concert = make_concert(work, capacity=4)
    leaver = ask(work, concert, 4)
    waiter, other = ask(work, concert, 3), ask(work, concert, 2)
    leave(work, leaver)
    assert states(waiter, other) == ["offered", "waitlisted"]
    fan = fan_of(work, waiter)
    with pytest.raises(InvalidInputError):
        ask(work, concert, 4, fan=fan)
    assert ask(work, concert, 2, fan=fan) is waiter
    assert (waiter.state, waiter.guests_count, waiter.fee_cents, waiter.expires_at) == (
        "approved",
        2,
        3_000,
        work.now + 48 * HOUR,
    )
    assert (other.state, concert.seats_taken) == ("offered", 4)


def test_an_offer_that_is_not_taken_goes_to_the_next(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=2, door=0)
    leaver = ask(work, concert, 2)
    first, second = ask(work, concert, 2), ask(work, concert, 1)
    leave(work, leaver)
    assert states(first, second) == ["offered", "waitlisted"]
    clock.advance(24 * HOUR)
    assert code(ask, work, concert, 2, fan=fan_of(work, first)) == "offer_lapsed"
    assert seats.to_lapse(work, limit=9) == [first.id]
    assert service.lapse(work, rsvp_id=first.id)
    assert not service.lapse(work, rsvp_id=first.id)
    assert (states(first, second), concert.seats_taken) == (["lapsed", "offered"], 1)
    assert told(work, fan_of(work, first))[-1] == "rsvp_lapsed"


def test_seats_that_are_not_paid_in_time_go_on(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=3)
    forgets, pays = ask(work, concert, 2), seat(work, concert, 1)
    waits = ask(work, concert, 1)
    clock.advance(48 * HOUR)
    assert seats.to_lapse(work, limit=9) == [forgets.id]
    assert service.lapse(work, rsvp_id=forgets.id)
    assert not service.lapse(work, rsvp_id=pays.id)
    assert (states(forgets, pays, waits), concert.seats_taken) == (["lapsed", "approved", "offered"], 2)


def test_what_nobody_decided_ends_when_the_show_begins(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    concert = make_concert(work, capacity=2, approval=True, door=0)
    pending, waiting = ask(work, concert, 2), ask(work, concert, 1)
    clock.set(concert.starts_at)
    assert sorted(seats.to_lapse(work, limit=9)) == sorted([pending.id, waiting.id])
    for rsvp in (pending, waiting):
        assert service.lapse(work, rsvp_id=rsvp.id)
    assert (states(pending, waiting), concert.seats_taken) == (["lapsed", "lapsed"], 0)


def test_a_party_that_is_declined_is_told_and_its_seats_go_on(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=2, approval=True)
    declined, waiting = ask(work, concert, 2), ask(work, concert, 2)
    answer(work, declined, pair.artist_user, "declined")
    assert (states(declined, waiting), concert.seats_taken) == (["declined", "offered"], 2)
    assert told(work, fan_of(work, declined)) == ["rsvp_declined"]
    assert code(ask, work, concert, 1, fan=fan_of(work, declined)) == "declined"
    answer(work, waiting, pair.host_user, "declined")
    assert (waiting.state, concert.seats_taken) == ("declined", 0)


def test_those_who_wait_can_be_declined_and_those_who_are_in_can_not(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=1)
    inside, waiting = ask(work, concert, 1), ask(work, concert, 1)
    assert answer(work, waiting, pair.host_user, "declined").state == "declined"
    assert code(answer, work, inside, pair.host_user, "declined") == "illegal_move"


def test_only_the_sides_of_the_concert_answer(work: "Work") -> None:
    other = make_pair(work)
    rsvp = ask(work, make_concert(work, approval=True))
    for stranger in (other.host_user, other.artist_user, fan_of(work, rsvp), new_id()):
        assert code(answer, work, rsvp, stranger) == "not_found"


@pytest.mark.parametrize("guests", [0, 11, -1])
def test_a_party_must_fit_the_place(work: "Work", guests: int) -> None:
    assert code(ask, work, make_concert(work, capacity=10), guests) == "invalid_input"


def test_one_open_request_a_fan_and_concert(work: "Work") -> None:
    concert = make_concert(work, capacity=2)
    fan, waiter = make_fan(work), make_fan(work)
    rsvp = ask(work, concert, 2, fan=fan)
    ask(work, concert, 1, fan=waiter)
    assert code(ask, work, concert, 1, fan=fan) == "already_requested"
    assert code(ask, work, concert, 1, fan=waiter) == "already_requested"
    leave(work, rsvp)
    again = ask(work, concert, 1, fan=fan)
    assert (again.id != rsvp.id, again.state, rsvp.state) == (True, "approved", "cancelled")


def test_who_may_ask(work: "Work") -> None:
    concert = make_concert(work)
    assert code(ask, work, concert, fan=make_fan(work, state="approved")) == "forbidden"
    assert code(ask, work, concert, fan=make_person(work, "artist").id) == "forbidden"


def test_nobody_asks_once_it_has_begun_or_was_called_off(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert, cancelled = make_concert(work), make_concert(work)
    service.cancel(work, concert_id=cancelled.id, user_id=None)
    assert code(ask, work, cancelled) == "concert_closed"
    clock.set(concert.starts_at)
    assert code(ask, work, concert) == "concert_closed"


def test_a_private_concert_is_for_the_invited(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.identity import queries as people

    pair = make_pair(work)
    concert = make_concert(work, pair, private=True)
    guest, stranger = make_fan(work), make_fan(work)
    address = people.get_user(work, guest).email
    assert code(ask, work, concert, fan=guest) == "not_found"
    for _ in range(2):
        service.invite(
            work, concert_id=concert.id, user_id=pair.artist_user, emails=[address.upper(), "nobody@people.example"]
        )
    assert told(work, guest) == ["concert_invitation"]
    assert ask(work, concert, fan=guest).state == "approved"
    assert code(ask, work, concert, fan=stranger) == "not_found"
    invite = {"concert_id": concert.id, "emails": [address]}
    assert code(service.invite, work, user_id=make_pair(work).host_user, **invite) == "not_found"
    assert code(service.invite, work, user_id=pair.host_user, concert_id=concert.id, emails=[]) == "invalid_input"


def test_nobody_is_invited_to_a_show_that_has_begun(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.identity import queries as people

    pair = make_pair(work)
    concert = make_concert(work, pair, private=True)
    guest = make_fan(work)
    by_side: dict[str, Any] = {"concert_id": concert.id, "user_id": pair.host_user}
    clock.set(concert.starts_at)
    assert code(service.invite, work, emails=[people.get_user(work, guest).email], **by_side) == "concert_closed"
    assert code(service.make_invitation_link, work, **by_side) == "concert_closed"
    assert told(work, guest) == []


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


def test_more_room_goes_to_those_who_wait_and_less_room_never_below_the_seats_taken(work: "Work") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=4)
    ask(work, concert, 4)
    waiting, large = ask(work, concert, 2), ask(work, concert, 4)

    def resize(to: int) -> "Concert":
        return service.edit(work, concert_id=concert.id, user_id=pair.artist_user, changes={"max_capacity": to})

    assert code(resize, 3) == "below_seats_taken"
    assert code(resize, 31) == "invalid_input"  # thirty fit at the host's
    resize(6)
    assert (states(waiting, large), concert.seats_taken) == (["offered", "waitlisted"], 6)


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
