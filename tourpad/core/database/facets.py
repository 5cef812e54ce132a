"""How many there are of each kind, counted with the filters of all other kinds: one query."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from tourpad.core.values import Value

_ENDS = (("min", func.min), ("max", func.max))
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
    kept = {name: facet.chosen for name, facet in facets.items() if facet.chosen is not None}
    matching = (
        select(
            *(facet.value.label(f"{name}_value") for name, facet in facets.items()),
            *(condition.label(f"{name}_kept") for name, condition in kept.items()),
        )
        .select_from(source)
        .where(*where)
        .cte("matching")
        .prefix_with("MATERIALIZED")
    )
    let_through = {  # by facet, what all the others let through; under "" what all do
        left: [matching.c[f"{name}_kept"] for name in kept if name != left] for left in ("", *facets)
    }
    parts = _by_groups(matching, facets, let_through)
    for name, facet in facets.items():
        if facet.is_array:
            each = select(func.unnest(matching.c[f"{name}_value"]).label("value")).where(*let_through[name]).subquery()
            known = select(literal(name), cast(each.c.value, Text), func.count()).where(each.c.value.is_not(None))
            parts.append(known.group_by(each.c.value))
    total = 0
    found: dict[str, list[Count]] = {name: [] for name in facets}
    for name, value, number in session.execute(union_all(*parts)):
        if name:
            found[name].append(Count(value, number))
        else:
            total = number
    for counts in found.values():
        counts.sort(key=lambda c: (-c.count, c.value))
        del counts[MOST_VALUES:]
    return Counts(total=total, facets=found)


def _by_groups(
    matching: CTE, facets: Mapping[str, Facet], let_through: Mapping[str, Sequence[ColumnElement[bool]]]
) -> list[Select[str, str, int]]:
    """The total, and all facets whose entries have one value each, by one pass over what matches.

    A pass for each facet took most of the time (docs/performance.md).
    """
    single = {
        name: matching.c[f"{name}_value"] for name, facet in facets.items() if not (facet.is_array or facet.is_range)
    }
    aggregates = {"": func.count().filter(*let_through[""])}
    for name, facet in facets.items():
        if facet.is_range:
            value = matching.c[f"{name}_value"]
            aggregates |= {f"{name}_{end}": of(value).filter(*let_through[name]) for end, of in _ENDS}
        elif name in single and facet.chosen is not None:
            aggregates[name] = func.count().filter(*let_through[name])
    grouped = (
        select(
            func.grouping(*single.values()).label("left_out"),
            *single.values(),
            *(aggregate.label(f"{name}_number") for name, aggregate in aggregates.items()),
        )
        .group_by(func.grouping_sets(*(tuple_(column) for column in single.values()), tuple_()))
        .cte("grouped")
    )
    everything = 2 ** len(single) - 1  # of `grouping`: a bit for each column that a row is not grouped by
    of_all = grouped.c.left_out == everything
    parts: list[Select[str, str, int]] = [select(literal(""), literal("", Text), grouped.c["_number"]).where(of_all)]
    for place, name in enumerate(single, start=1):
        value = grouped.c[f"{name}_value"]
        number = grouped.c[f"{name if name in aggregates else ''}_number"]
        rows = select(literal(name), cast(value, Text), number)
        of_it = grouped.c.left_out == everything - 2 ** (len(single) - place)
        parts.append(rows.where(of_it, value.is_not(None), number > 0))
    for name, facet in facets.items():
        if facet.is_range:
            ends = ((end, grouped.c[f"{name}_{end}_number"]) for end, _ in _ENDS)
            parts += [
                select(literal(name), literal(end, Text), found).where(of_all, found.is_not(None))
                for end, found in ends
            ]
    return parts


def rated(least: float, total: SQLColumnExpression[int], number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether reviews come to at least so many stars on average; never without a review."""
    return and_(number > 0, total >= least * number)


def rating_band(total: SQLColumnExpression[int], number: SQLColumnExpression[int]) -> ColumnElement[str]:
    """`from_4`, `from_3` or `below_3` stars on average; nothing without a review."""
    return case(
        (number == 0, null()), (total >= 4 * number, "from_4"), (total >= 3 * number, "from_3"), else_="below_3"
    )
