"""What published ratings come to (pure)."""

from typing import Final

from tourpad.core.values import Value

IMAGINED: Final = 3
"""Ratings that everybody begins with when they are put in order, so that one friend's five does not lead the list."""
IMAGINED_RATING: Final = 4.0


class Rating(Value):
    """Stars of published, public reviews."""

    total: int = 0
    count: int = 0

    @property
    def average(self) -> float | None:
        """Stars, to two places; nothing while there is no review."""
        return round(self.total / self.count, 2) if self.count else None

    @property
    def standing(self) -> float:
        """By what lists are put in order: the average with a few imagined ratings among them."""
        return (self.total + IMAGINED * IMAGINED_RATING) / (self.count + IMAGINED)


NO_RATING: Final = Rating()
