"""What goes back follows what was promised, whatever is changed later; and what was shown is what is done."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import DAYS_AHEAD, Pair, make_booking, make_pair, make_request
from tests.factories.concerts import ask, fan_of, make_concert, pay_door, seat
from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.errors import TourPadError
from tourpad.core.payments.errors import QuoteChangedError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert
    from tourpad.core.work import Work


def edit(work: "Work", concert: "Concert", pair: Pair, **changes: object) -> None:
    from tourpad.core.concerts import service

    service.edit(work, concert_id=concert.id, user_id=pair.host_user, changes=changes)


def leaving(work: "Work", concert: "Concert", user_id: UUID, guests: int = 0) -> int:
    from tourpad.core.concerts import service

    return service.quote_leaving(work, concert_id=concert.id, user_id=user_id, guests_count=guests).back.cents


@pytest.mark.parametrize(
    ("policy", "days_before", "cents"),
    [("flexible", 5, 10_000), ("moderate", 5, 0), ("strict", 35, 10_000), ("moderate", 35, 20_000)],
)
def test_the_fee_follows_the_policy_of_the_accepted_offer(
    work: "Work", clock: "VirtualClock", policy: str, days_before: int, cents: int
) -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    booking = make_booking(work, pair, fee_policy=Policy(policy))
    clock.advance(timedelta(days=DAYS_AHEAD - days_before))
    assert service.cancel(work, booking_id=booking.id, user_id=pair.host_user).refund.cents == cents


def test_policies_are_terms_of_an_offer_and_a_concert_begins_with_them(work: "Work") -> None:
    from tourpad.core.bookings import queries, service
    from tourpad.core.bookings.service.answering import Answer
    from tourpad.core.concerts.models import Concert

    pair = make_pair(work)
    booking = make_request(work, pair, fee=0, door_policy=Policy.FLEXIBLE)
    service.respond(
        work,
        booking_id=booking.id,
        user_id=pair.host_user,
        status=None,
        response=None,
        counter={"door_policy": Policy.STRICT, "fee_policy": Policy.STRICT},
    )
    first, second = queries.offers(work, booking.id)
    assert (first.door_policy, second.door_policy, second.fee_policy) == ("flexible", "strict", "strict")
    service.respond(work, booking_id=booking.id, user_id=pair.artist_user, status=Answer.APPROVED, response=None)
    service.confirm(work, booking_id=booking.id, user_id=pair.host_user)
    assert work.session.get_one(Concert, booking.concert_id).door_policy == "strict"


def test_a_party_keeps_the_policy_that_it_was_promised(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair)
    early, unpaid = seat(work, concert), ask(work, concert)
    edit(work, concert, pair, door_policy="strict")
    late = seat(work, concert)
    pay_door(work, unpaid)  # approved under the old one, paid under it
    edit(work, concert, pair, door_policy="flexible")
    clock.set(concert.starts_at - timedelta(days=8))
    assert [leaving(work, concert, fan_of(work, rsvp)) for rsvp in (early, unpaid, late)] == [1_500, 1_500, 750]
    clock.set(concert.starts_at - timedelta(days=1))
    assert [leaving(work, concert, fan_of(work, rsvp)) for rsvp in (early, late)] == [0, 0]
    with pytest.raises(TourPadError, match="door_policy"):
        edit(work, concert, pair, door_policy="generous")


def test_the_promise_is_made_with_the_approval(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service.answering import Verdict

    pair = make_pair(work)
    concert = make_concert(work, pair, approval=True)
    rsvp = ask(work, concert)
    edit(work, concert, pair, door_policy="strict")
    service.answer(work, rsvp_id=rsvp.id, user_id=pair.host_user, verdict=Verdict.APPROVED)
    assert rsvp.door_policy == "strict"


def test_what_was_shown_is_what_is_done(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work)
    rsvp = seat(work, concert, 3)
    fan = fan_of(work, rsvp)
    clock.set(concert.starts_at - timedelta(days=7))
    seen = service.quote_leaving(work, concert_id=concert.id, user_id=fan)
    assert (seen.paid.cents, seen.back.cents, seen.less_from) == (4_500, 4_500, work.now)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(QuoteChangedError) as refusal:
        service.leave(work, concert_id=concert.id, user_id=fan, quote_id=seen.id)
    assert (refusal.value.code, refusal.value.details["back_cents"], rsvp.state) == ("quote_changed", 2_250, "approved")
    smaller = service.quote_leaving(work, concert_id=concert.id, user_id=fan, guests_count=2)
    with pytest.raises(QuoteChangedError):
        service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=1, quote_id=smaller.id)
    done = service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=2, quote_id=smaller.id)
    assert (done.refund.cents, rsvp.fee_cents) == (750, 3_000)
    again = service.quote_leaving(work, concert_id=concert.id, user_id=fan)
    assert service.leave(work, concert_id=concert.id, user_id=fan, quote_id=again.id).refund == again.back


def test_a_quote_for_the_whole_show_counts_every_cent(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.payments.states import PaymentState

    pair = make_pair(work)
    concert = make_concert(work, pair, fee=20_000)
    seat(work, concert, 2)
    early = seat(work, concert, 1)
    disputed = ask(work, concert)
    pay_door(work, disputed).state = PaymentState.DISPUTED
    clock.set(concert.starts_at - timedelta(days=5))
    from tourpad.core.concerts import service as concerts

    concerts.leave(work, concert_id=concert.id, user_id=fan_of(work, early))
    seen = service.preview_cancellation(work, booking_id=concert.booking_id, user_id=pair.host_user).quote
    host, guests = seen.parts
    assert (host.back.cents, host.stays.cents, host.stays_with) == (0, 20_000, "Juniper Vale")
    assert (guests.payments, guests.paid.cents, guests.back.cents) == (2, 3_750, 3_750)  # what the policy kept, too
    assert (seen.at_banks.cents, seen.back.cents, seen.stays.cents) == (1_500, 3_750, 20_000)
    assert seen.fees.cents == 60  # of the two door fees; the artist's stands
    artist = service.preview_cancellation(work, booking_id=concert.booking_id, user_id=pair.artist_user).quote
    assert (artist.back.cents, artist.fees.cents, artist.id != seen.id) == (23_750, 90, True)
    seat(work, concert, 1)
    with pytest.raises(QuoteChangedError):
        service.cancel(work, booking_id=concert.booking_id, user_id=pair.host_user, quote_id=seen.id)
    assert concert.state == "scheduled"


def test_what_a_bank_has_taken_does_not_go_back_again(work: "Work") -> None:
    """A dispute over a part was lost: of the rest everything goes back, and not a cent more."""
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import refunding
    from tourpad.core.payments.states import PaymentState

    concert = make_concert(work)
    rsvp = ask(work, concert, 2)
    payment = pay_door(work, rsvp)
    payment.lost_cents, payment.state = 1_000, PaymentState.PARTLY_REFUNDED
    service.cancel(work, concert_id=concert.id, user_id=None)
    assert service.call_off(work, rsvp_id=rsvp.id).cents == 2_000
    assert refunding.to_call_off(work, concert.id) == []


def test_parties_that_named_their_price_get_it_back_to_the_cent(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    concert = make_concert(work, door=0, mode=DoorMode.PAY_WHAT_YOU_CAN, minimum=500)
    rsvp = ask(work, concert, 3)
    assert (rsvp.fee_cents, rsvp.expires_at is not None) == (1_500, True)
    payment = pay_door(work, rsvp, cents=2_000)
    assert (rsvp.fee_cents, payment.refunded_cents, rsvp.paid_at) == (2_000, 0, work.now)
    one = service.shrink(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp), guests_count=2)
    rest = service.leave(work, concert_id=concert.id, user_id=fan_of(work, rsvp))
    assert (one.refund.cents, rest.refund.cents, payment.refunded_cents) == (667, 1_333, 2_000)


def test_without_a_floor_nothing_is_owed(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service import seats

    concert = make_concert(work, door=0, mode=DoorMode.PAY_WHAT_YOU_CAN)
    rsvp = ask(work, concert)
    assert (rsvp.expires_at, seats.is_paid(rsvp)) == (None, True)
    clock.advance(timedelta(hours=49))
    assert not service.lapse(work, rsvp_id=rsvp.id)
    payment = pay_door(work, rsvp, cents=700)
    assert (payment.refunded_cents, rsvp.fee_cents) == (0, 700)
    assert pay_door(work, rsvp, cents=500).refunded_cents == 500  # a second one goes back
