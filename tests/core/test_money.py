"""Money never loses a cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.money import Money, format_money, total, usd

amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_a_split_adds_up_and_is_fair(cents: int, weights: list[int]) -> None:
    parts = usd(cents).split(weights)
    assert total(parts) == usd(cents)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.cents * sum(weights) - cents * weight) < sum(weights)


@pytest.mark.parametrize(
    ("cents", "basis_points", "share"),
    [
        (1_000, 1_000, 100),
        (5, 1_000, 1),
        (4, 1_000, 0),
        (-5, 1_000, -1),
        (42_000, 9_000, 37_800),
        (1, 10_000, 1),
        (99, 0, 0),
    ],
)
def test_a_share_rounds_half_away_from_zero(cents: int, basis_points: int, share: int) -> None:
    assert usd(cents).share(basis_points) == usd(share)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (usd(41_250), "$412.50"),
        (usd(-1_230), "−$12.30"),
        (usd(0), "$0.00"),
        (usd(123_456_789), "$1,234,567.89"),
        (Money(500, "JPY"), "¥500"),
    ],
)
def test_money_is_written_for_people(money: Money, text: str) -> None:
    assert format_money(money) == text


def test_currencies_do_not_mix() -> None:
    with pytest.raises(TypeError):
        assert usd(1) + Money(1, "EUR")
    with pytest.raises(TypeError):
        assert usd(1) < Money(2, "EUR")


@pytest.mark.parametrize("cents", [1.0, True, "1"])
def test_money_is_whole_cents(cents: object) -> None:
    with pytest.raises(TypeError):
        Money(cents)  # pyright: ignore[reportArgumentType] - that is what is tested


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_split_by_nothing_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        usd(100).split(weights)
