"""Money: whole minor units and a currency. No float ever touches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering

BASIS = 10_000
"""Basis points in a whole: 10 % is 1,000."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (`cents`) of one ISO 4217 `currency`. Arithmetic between currencies is a TypeError."""

    cents: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            msg = f"money is whole minor units, not {type(self.cents).__name__}"
            raise TypeError(msg)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            msg = f"{self.currency} and {other.currency} can't be combined"
            raise TypeError(msg)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.cents - other.cents, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.cents, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.cents * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.cents < other.cents

    def __bool__(self) -> bool:
        return self.cents != 0

    def share(self, basis_points: int) -> "Money":
        """A share in basis points, rounded half away from zero to a whole cent."""
        product = abs(self.cents) * basis_points
        cents = (product * 2 + BASIS) // (2 * BASIS)
        return Money(cents if self.cents >= 0 else -cents, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide by whole `weights` so that the parts add up to the whole (largest remainder, first wins ties).

        Raises:
            ValueError: if no weight is positive or one is negative.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            msg = "weights must be zero or more, and one of them positive"
            raise ValueError(msg)
        sign = -1 if self.cents < 0 else 1
        amount = abs(self.cents)
        parts = [amount * w // total for w in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
        for i in by_remainder[: amount - sum(parts)]:
            parts[i] += 1
        return [Money(sign * p, self.currency) for p in parts]

    def __str__(self) -> str:
        return format_money(self)


def usd(cents: int) -> Money:
    """Shorthand for US dollars in cents."""
    return Money(cents, "USD")


def total(amounts: Sequence[Money], currency: str = "USD") -> Money:
    """The sum of many amounts; zero of `currency` when there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def format_money(money: Money, locale: str = "en_US") -> str:
    """For people: `$412.50`, `−$12.30` (a true minus sign, so that columns read well)."""
    # Babel loads locale data: only what prints money pays for it.
    from decimal import Decimal  # noqa: PLC0415 - see above

    from babel.numbers import format_currency, get_currency_precision  # noqa: PLC0415 - see above

    exponent = get_currency_precision(money.currency)
    text = format_currency(Decimal(abs(money.cents)).scaleb(-exponent), money.currency, locale=locale)
    return f"−{text}" if money.cents < 0 else text
