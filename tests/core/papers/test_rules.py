"""Divisions and estimates, without a database."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.errors import InvalidInputError
from tourpad.core.money import usd
from tourpad.core.papers import rules
from tourpad.core.papers.rules import Booked
from tourpad.core.papers.sheets import summed
from tourpad.core.payouts.rules import SettlementTerms, settle

CENTS = st.integers(0, 500_000)


def terms(door: int, *, guarantee: int = 0, fees: int = 0, artist_bps: int = 8000) -> SettlementTerms:
    return SettlementTerms(
        door_paid=usd(door),
        door_returned=usd(0),
        door_price=usd(1500),
        guarantee=usd(guarantee),
        processing_fees=usd(fees),
        platform_fee_bps=1000,
        artist_door_bps=artist_bps,
        offer_number=1,
        offer_accepted_on=None,
    )


@given(CENTS, CENTS, CENTS, st.integers(0, 10_000))
def test_the_lines_of_a_division_are_all_of_the_money(door: int, guarantee: int, fees: int, bps: int) -> None:
    known = terms(door, guarantee=guarantee, fees=fees, artist_bps=bps)
    result = settle(known)

    in_all = summed(rules.divided(result, shares=""), "", "USD")

    assert in_all.total == usd(door + guarantee)
    assert in_all.platform == result.platform
    assert rules.divided(result, shares="")[0].total == usd(door)


def test_three_ways_a_show_may_turn_out() -> None:
    """$120 are paid ($9 of fees); 3 parties of 6 guests are booked at $15; 16 seats are free; $150 guarantee."""
    booked = Booked(unpaid=usd(9000), unpaid_parties=3, unpaid_guests=6, free_seats=16, seat_price=usd(1500))

    low, likely, full = rules.scenarios(terms(12000, guarantee=15000, fees=900), booked, paid_guests=8)

    assert [(row.guests, row.door) for row in (low, likely, full)] == [
        (8, usd(12000)),
        (14, usd(21000)),
        (30, usd(45000)),
    ]
    # Fees: 900; + 2.9 % of 9000 + 3 × 30 = 1251; + 16 × (44 + 30) = 2435. The guarantee is the artist's floor.
    assert (low.artist, low.host, low.platform) == (usd(15000 - 720), usd(1200 + 9600 - 90), usd(1200 + 810))
    assert (likely.artist, likely.host, likely.platform) == (
        usd(16800 - 1001),
        usd(2100 + 15000 - 125),
        usd(2100 + 1126),
    )
    assert (full.artist, full.host, full.platform) == (usd(36000 - 1948), usd(4500 + 15000 - 244), usd(4500 + 2192))
    for row in (low, likely, full):
        assert row.artist + row.host + row.platform == row.door + usd(15000)


def test_free_seats_at_a_free_door_cost_nothing() -> None:
    booked = Booked(unpaid=usd(0), unpaid_parties=4, unpaid_guests=9, free_seats=5, seat_price=usd(0))

    full = rules.expected_terms(terms(0, guarantee=5000, fees=175), booked, full=True)

    assert (full.door, full.processing_fees) == (usd(0), usd(175))


@pytest.mark.parametrize("year", [2019, 2027, 0, -5, 99999])
def test_a_year_that_never_was_is_refused(year: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        rules.span(year, now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))

    assert [fault.message for fault in refused.value.errors] == ["must be between 2020 and 2026"]
