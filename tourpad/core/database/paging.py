"""Lists that one can page through while others write: an order that never ties, and "go on after this one"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, tuple_

Key = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Order:
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


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is wanted: a page by its number, or what comes after a row that was seen."""

    limit: int
    page: int = 1
    after: UUID | None = None

    @property
    def offset(self) -> int:
        """Rows that are passed over."""
        return 0 if self.after else (self.page - 1) * self.limit
