"""How a concert's money is divided: by table, and by properties over any input."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.bookings.states import Side
from tourpad.core.money import Money, usd
from tourpad.core.payouts.rules import SettlementTerms, door_text, settle
from tourpad.core.payouts.states import LineKind


def terms(
    *,
    door: int,
    guarantee: int,
    fees: int = 0,
    returned: int = 0,
    price: int = 1500,
    platform_bps: int = 1000,
    artist_bps: int = 8000,
) -> SettlementTerms:
    return SettlementTerms(
        door_paid=usd(door),
        door_returned=usd(returned),
        door_price=usd(price),
        guarantee=usd(guarantee),
        processing_fees=usd(fees),
        platform_fee_bps=platform_bps,
        artist_door_bps=artist_bps,
        offer_number=3,
        offer_accepted_on=date(2026, 10, 2),
    )


CASES = [
    # door, guarantee, fees → artist, host, platform
    pytest.param(42000, 0, 0, 33600, 4200, 4200, id="the door alone: 80 / 10 / 10"),
    pytest.param(42000, 15000, 0, 33600, 19200, 4200, id="the door reaches the guarantee: it goes back"),
    pytest.param(10000, 15000, 0, 15000, 9000, 1000, id="the guarantee tops up the door share"),
    pytest.param(0, 15000, 465, 15000, 0, 0, id="no door: the guarantee, and we bear the fees"),
    pytest.param(0, 0, 0, 0, 0, 0, id="nothing at all"),
    pytest.param(42000, 0, 1000, 33600 - 800, 4200 - 100, 4200 + 900, id="fees are shared by split"),
    pytest.param(1, 0, 0, 1, 0, 0, id="one cent goes to the largest share"),
    pytest.param(50, 20000, 640, 20000 - 512, 45 - 64, 5 + 576, id="a host in debt by fees only"),
]


@pytest.mark.parametrize(("door", "guarantee", "fees", "artist", "host", "platform"), CASES)
def test_who_gets_what(*, door: int, guarantee: int, fees: int, artist: int, host: int, platform: int) -> None:
    result = settle(terms(door=door, guarantee=guarantee, fees=fees))

    assert (result.total(Side.ARTIST), result.total(Side.HOST), result.platform) == (
        usd(artist),
        usd(host),
        usd(platform),
    )


cents = st.integers(0, 10_000_000)
shares = st.integers(0, 10_000)


@given(door=cents, returned=cents, guarantee=cents, fees=cents, platform_bps=shares, artist_bps=shares)
def test_no_cent_is_lost_or_made(
    *, door: int, returned: int, guarantee: int, fees: int, platform_bps: int, artist_bps: int
) -> None:
    given_terms = terms(
        door=door + returned,
        returned=returned,
        guarantee=guarantee,
        fees=fees,
        platform_bps=platform_bps,
        artist_bps=artist_bps,
    )

    result = settle(given_terms)

    assert result.total(Side.ARTIST) + result.total(Side.HOST) + result.platform == usd(door + guarantee)


@given(door=cents, guarantee=cents, fees=cents, platform_bps=shares, artist_bps=shares)
def test_the_guarantee_is_a_floor_and_debts_come_from_fees_only(
    door: int, guarantee: int, fees: int, platform_bps: int, artist_bps: int
) -> None:
    result = settle(terms(door=door, guarantee=guarantee, fees=fees, platform_bps=platform_bps, artist_bps=artist_bps))

    def borne(side: Side) -> Money:
        return -sum((line.amount for line in result.lines(side) if line.kind is LineKind.PROCESSING_FEES), usd(0))

    assert result.total(Side.ARTIST) + borne(Side.ARTIST) >= usd(guarantee)
    assert result.total(Side.HOST) + borne(Side.HOST) >= usd(0)
    assert usd(0) <= borne(Side.ARTIST) + borne(Side.HOST) <= usd(fees)


@pytest.mark.parametrize(
    "wrong",
    [{"door": -1}, {"guarantee": -1}, {"fees": -1}, {"returned": 200}, {"returned": -1}],
    ids=["door", "guarantee", "fees", "more back than paid", "less than nothing back"],
)
def test_amounts_below_zero_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        settle(terms(**{"door": 100, "guarantee": 100, **wrong}))


@pytest.mark.parametrize(
    ("door", "returned", "price", "said"),
    [
        (45000, 3000, 1500, "30 door fees of $15.00, 2 refunded"),
        (45000, 750, 1500, "30 door fees of $15.00, $7.50 refunded"),
        (1500, 0, 1500, "1 door fee of $15.00"),
        (2000, 0, 1500, "door fees of $20.00"),
        (0, 0, 0, "no door fees were paid"),
    ],
)
def test_the_door_in_words(door: int, returned: int, price: int, said: str) -> None:
    assert door_text(terms(door=door, returned=returned, price=price, guarantee=0)) == said


def test_lines_say_why() -> None:
    lines = settle(terms(door=10000, guarantee=15000, fees=400)).lines(Side.ARTIST)

    assert [(line.kind, line.amount.cents, line.description) for line in lines] == [
        (
            LineKind.DOOR_SHARE,
            8000,
            "artist's share of the door, 80 % of $100.00 (offer 3, accepted 2 Oct 2026)",
        ),
        (
            LineKind.GUARANTEE,
            7000,
            "guarantee of $150.00 is a floor: this much tops up the door share",
        ),
        (
            LineKind.PROCESSING_FEES,
            -320,
            "artist's share of $4.00 in card fees (shared as the door is)",
        ),
    ]
