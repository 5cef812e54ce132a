"""How many there are of each kind, counted with the filters of all other kinds: one query."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    SQLColumnExpression,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from tourpad.core.values import Value

MOST_VALUES = 60
"""Of one facet; those with the most entries."""


class Facet(Value):
    """One property by which a list can be narrowed."""

    value: SQLColumnExpression[Any]
    """A column, or an expression for a band; null counts as nothing. An array counts for each of its values."""
    chosen: ColumnElement[bool] | None = None
    """The filter that is set on this property; the facet's own counts leave it out."""
    is_array: bool = False
    is_range: bool = False
    """The smallest and the largest value are wanted, under `min` and `max`."""


class Count(Value):
    """So many entries have this value, among those that all other filters let through."""

    value: str
    count: int


class Counts(Value):
    """A list in numbers."""

    total: int
    """Entries that all filters let through: exactly those that one can page through."""
    facets: Mapping[str, list[Count]]
    """By facet, the largest first, equal ones by value."""


def count(
    session: Session, source: FromClause, *, where: Sequence[ColumnElement[bool]], facets: Mapping[str, Facet]
) -> Counts:
    """Count what matches, and each facet's values.

    Args:
        session: to read with.
        source: the tables.
        where: conditions that belong to no facet; among them what keeps hidden entries out.
        facets: by name.
    """
    kept = {name: true() if facet.chosen is None else facet.chosen for name, facet in facets.items()}
    matching = (
        select(
            *(facet.value.label(f"{name}_value") for name, facet in facets.items()),
            *(condition.label(f"{name}_kept") for name, condition in kept.items()),
        )
        .select_from(source)
        .where(*where)
        .cte("matching")
    )
    parts = [
        select(literal(""), literal("", Text), func.count()).where(*(matching.c[f"{name}_kept"] for name in facets))
    ]
    for name, facet in facets.items():
        column = matching.c[f"{name}_value"]
        value = func.unnest(column) if facet.is_array else column
        others = [matching.c[f"{other}_kept"] for other in facets if other != name]
        if facet.is_range:
            parts += [
                select(literal(name), literal(end, Text), of(column)).where(*others)
                for end, of in (("min", func.min), ("max", func.max))
            ]
            continue
        each = select(cast(value, Text).label("value")).select_from(matching).where(*others).subquery()
        parts.append(
            select(literal(name), each.c.value, func.count()).where(each.c.value.is_not(None)).group_by(each.c.value)
        )
    total = 0
    found: dict[str, list[Count]] = {name: [] for name in facets}
    everything = union_all(*parts).subquery()
    known = everything.columns[2].is_not(None)  # the smallest of nothing is null
    for name, value, number in session.execute(select(everything).where(known)):
        if name:
            found[name].append(Count(value, number))
        else:
            total = number
    for counts in found.values():
        counts.sort(key=lambda c: (-c.count, c.value))
        del counts[MOST_VALUES:]
    return Counts(total=total, facets=found)


def rated(least: float, total: SQLColumnExpression[int], number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether reviews come to at least so many stars on average; never without a review."""
    return and_(number > 0, total >= least * number)


def rating_band(total: SQLColumnExpression[int], number: SQLColumnExpression[int]) -> ColumnElement[str]:
    """`from_4`, `from_3` or `below_3` stars on average; nothing without a review."""
    return case(
        (number == 0, null()), (total >= 4 * number, "from_4"), (total >= 3 * number, "from_3"), else_="below_3"
    )
