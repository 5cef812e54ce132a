"""Lists that one can page through while others write: an order that never ties, and "go on after this one"."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, tuple_

from tourpad.core.values import Value

Key = SQLColumnExpression[Any]

FAR_MILES = 25_000.0
"""Farther than any two places on earth: where what has no place stands in an order by distance."""


class ListSort(StrEnum):
    """In which order people's profiles are listed."""

    NEWEST = "newest"
    """Those let in last first."""
    DISTANCE = "distance"
    """The nearest first."""
    RATING = "rating"
    """The best reviewed first."""
    RELEVANCE = "relevance"
    """What is most like the words that are looked for first."""


def meant(sort: ListSort | None, *, has_text: bool, has_centre: bool) -> ListSort:
    """The order of a list that names none: by relevance to words, else by distance from a place, else the newest."""
    if sort is not None:
        return sort
    if has_text:
        return ListSort.RELEVANCE
    return ListSort.DISTANCE if has_centre else ListSort.NEWEST


class Order(Value):
    """What a list is sorted by. The last key is an id, so no two rows are equal; all keys run one way."""

    keys: tuple[Key, ...]
    descending: bool = False

    def by(self) -> Sequence[ColumnElement[Any]]:
        """For ORDER BY."""
        return [key.desc() if self.descending else key.asc() for key in self.keys]

    def after(self, last: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
        """Rows that come after one of them: whatever is written meanwhile, none is skipped and none comes twice.

        Args:
            last: the same keys, of the row that was seen last.
        """
        mine, seen = tuple_(*self.keys), last.scalar_subquery()
        return mine < seen if self.descending else mine > seen
