"""The figures of a report against what was made to happen."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import announce, ask, make_concert, make_fan, seat
from tests.factories.identity import make_user
from tourpad.core.analytics import service
from tourpad.core.analytics.measures import measures
from tourpad.core.analytics.rules import Span, Step
from tourpad.core.bookings import service as bookings
from tourpad.core.identity.states import UserType
from tourpad.core.payments.states import PaymentKind

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def days(work: "Work", back: int, ahead: int = 0) -> Span:
    today = work.now.date()
    return Span(today - timedelta(days=back), today + timedelta(days=ahead))


def test_how_far_those_came_who_registered(work: "Work") -> None:
    for state in ("pending", "approved", "active"):
        make_user(work, "fan", state=state)
    make_user(work, "host", state="pending")
    found = {one.role: one for one in service.figures(work, days(work, 0)).joining}
    fans, hosts = found[UserType.FAN], found[UserType.HOST]
    assert (fans.registered, fans.verified, fans.applied, fans.let_in) == (3, 2, None, None)
    assert (hosts.registered, hosts.verified, hosts.applied, hosts.let_in, hosts.members) == (1, 0, 0, 0, None)
    assert (fans.conversion_percent, hosts.conversion_percent) == (0, 0)
    assert found[UserType.ARTIST].conversion_percent is None
    earlier = service.figures(work, days(work, 0).before)
    assert [one.registered for one in earlier.joining] == [0, 0, 0]


def test_what_became_of_bookings(work: "Work") -> None:
    pair = make_pair(work)
    day = work.now.date()
    kept = make_booking(work, pair, day=day + timedelta(days=40), fee=0)
    off = make_booking(work, pair, day=day + timedelta(days=41), fee=0)
    bookings.cancel(work, booking_id=off.id, user_id=pair.host_user, reason="The roof is leaking.")
    for state, ahead in (("rejected", 42), ("pending", 43), ("countered", 44), ("approved", 45)):
        make_booking(work, pair, state=state, day=day + timedelta(days=ahead))
    lapsed = make_booking(work, pair, state="pending", day=day + timedelta(days=46))
    bookings.cancel(work, booking_id=lapsed.id, user_id=pair.artist_user, reason="Another date came up.")
    booking = service.figures(work, days(work, 0)).booking
    assert (booking.requested, booking.confirmed, booking.called_off) == (7, 2, 1)
    assert (booking.declined, booking.withdrawn, booking.expired, booking.undecided) == (1, 1, 0, 3)
    assert booking.success_percent == 50
    assert kept.confirmed_at is not None


def test_shows_seats_and_who_took_part(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=10)
    seat(work, concert, 4)
    asked = ask(work, concert, 2)
    assert asked.fee_cents == 3_000
    announce(work, pair, day=work.now.date() + timedelta(days=60))
    span = days(work, 0, ahead=59)
    ahead = service.figures(work, span).playing
    assert (ahead.played, ahead.ahead, ahead.seats, ahead.fill_percent) == (0, 1, 0, None)
    clock.set(concert.ends_at)
    bookings.complete(work, booking_id=concert.booking_id, user_id=None)
    found = service.figures(work, span)
    assert (found.playing.played, found.playing.seats, found.playing.seats_taken) == (1, 10, concert.seats_taken)
    assert found.engagement.seat_requests == 2
    assert found.engagement.active == {UserType.ARTIST: 1, UserType.HOST: 1, UserType.FAN: 2}
    (paid,) = found.paid
    assert (paid.kind, paid.payments, paid.amount_cents, paid.refunded_cents) == (PaymentKind.DOOR_FEE, 1, 6_000, 0)
    assert (found.paying.begun, found.paying.completed, found.paying.completion_percent) == (1, 1, 100)


def test_what_the_days_did_to_the_books_and_no_other_days(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd

    def earn(cents: int, fee: int, key: str) -> None:
        lines = [
            (accounts.STRIPE_BALANCE, usd(cents - fee)),
            (accounts.STRIPE_FEES, usd(fee)),
            (accounts.PLATFORM_REVENUE, usd(-cents)),
        ]
        ledger.post(work, source_type="charge", source_id=key, purpose="paid", lines=lines, description="A fee.")

    earn(10_000, 320, "ch_before")
    clock.advance(timedelta(days=10))
    earn(2_500, 103, "ch_within")
    (books,) = service.figures(work, days(work, 4)).books
    assert (books.currency, books.revenue_cents, books.costs_cents, books.paid_out_cents) == ("USD", 2_500, 103, 0)
    report = service.report(work, span=days(work, 9))
    said = {(m.group, m.name): (str(m.now), str(m.before)) for m in measures(report)}
    assert said["money", "our revenue"] == ("$25.00", "$100.00")


def test_bars_add_up_to_the_days(work: "Work", clock: "VirtualClock") -> None:
    for ahead in (0, 3, 9):
        clock.advance(timedelta(days=ahead))
        make_fan(work)
    span = days(work, 12)
    for step, expected in ((Step.DAY, [1, 0, 0, 1, *[0] * 8, 1]), (Step.WEEK, [1, 1, 1]), (Step.MONTH, [3])):
        report = service.report(work, span=span, step=step)
        assert [bar.registered for bar in report.bars] == expected, step
    assert service.report(work, span=span).step is Step.DAY
