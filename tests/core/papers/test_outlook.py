"""What an offer would come to is what its settlement gives."""

from datetime import date, time
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories.payouts import make_payment, make_show
from tourpad.core.bookings.states import DoorMode, Side
from tourpad.core.bookings.terms import Terms
from tourpad.core.money import usd
from tourpad.core.papers import rules

if TYPE_CHECKING:
    from tourpad.core.work import Work


def _terms(**changes: Any) -> Terms:
    facts: dict[str, Any] = {
        "date": date(2026, 4, 10),
        "time": time(19, 30),
        "duration": 90,
        "artist_fee_cents": 20_000,
        "door_fee_cents": 1_500,
        "expected_attendance": 20,
        "maximum_attendance": 30,
    }
    return Terms(**facts | changes)


def _look(**changes: Any) -> list[tuple[str, int]]:
    rows = rules.outlook(_terms(**changes), currency="USD", platform_fee_bps=1_000)
    return [(row.name, row.guests) for row in rows]


def test_low_is_the_minimum_or_half_of_what_is_expected() -> None:
    assert _look() == [("low", 10), ("expected", 20), ("full", 30)]
    assert _look(minimum_attendance=12) == [("low", 12), ("expected", 20), ("full", 30)]
    assert _look(expected_attendance=1) == [("low", 1), ("expected", 1), ("full", 30)]


def test_a_guarantee_of_200_dollars_at_15_a_head() -> None:
    """10 guests bring $150: $120 for the artist, $80 of the guarantee on top; fees 10 × $0.74 + $6.10."""
    low, _, full = rules.outlook(_terms(), currency="USD", platform_fee_bps=1_000)
    assert (low.door, low.fees, low.artist) == (usd(15_000), usd(1_350), usd(20_000 - 1_080))
    # The host gets $15 of the door and $120 of the guarantee back, less their part of the fees.
    assert (low.host, low.host_net) == (usd(1_500 + 12_000 - 135), usd(1_500 - 8_000 - 135))
    assert (full.artist.cents > 20_000, full.host_net.cents > 0) == (True, True)


def test_where_guests_pay_what_they_can_it_is_what_is_suggested_or_the_least() -> None:
    free = {"door_fee_cents": 0, "door_mode": DoorMode.PAY_WHAT_YOU_CAN}
    for changes, each in (
        ({"door_minimum_cents": 500, "door_suggested_cents": 1_200}, 1_200),
        ({"door_minimum_cents": 500}, 500),
        ({}, 0),
    ):
        _, expected, _ = rules.outlook(_terms(**free | changes), currency="USD", platform_fee_bps=1_000)
        assert expected.door == usd(20 * each)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.sampled_from((0, 50, 1_500, 1_999, 12_345)),
    guarantee=st.sampled_from((0, 50, 9_999, 20_000)),
    share=st.integers(0, 9_000),
    guests=st.integers(1, 12),
)
@example(price=1_500, guarantee=20_000, share=8_000, guests=10)
def test_a_show_that_turns_out_so_is_settled_so(
    work: "Work", price: int, guarantee: int, share: int, guests: int
) -> None:
    from tourpad.core.papers import queries
    from tourpad.core.payouts import service

    terms = _terms(
        artist_fee_cents=guarantee,
        door_fee_cents=price,
        artist_door_bps=share,
        expected_attendance=guests,
        maximum_attendance=guests,
    )
    foreseen = rules.outlook(terms, currency="USD", platform_fee_bps=work.settings.platform_fee_bps)[1]
    door = (price,) * guests if price else ()
    show = make_show(work, door=door, door_price=price, artist_bps=share, card_fee=rules.card_fee(usd(price)).cents)
    if guarantee:
        fee = rules.card_fee(usd(guarantee)).cents
        make_payment(work, show, show.host_user, guarantee, kind="booking", fee=fee)
    settlement = service.settle(work, concert_id=show.concert_id)
    lines = queries.lines_of_settlement(work, settlement.id)
    earned = {side: usd(sum(line.cents for line in lines.get(side, []))) for side in Side}
    assert (foreseen.artist, foreseen.host, foreseen.platform) == (
        earned[Side.ARTIST],
        earned[Side.HOST],
        usd(settlement.platform_cents),
    )
