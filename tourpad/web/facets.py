"""Facets and the marks to page on by, as lists that are searched answer with them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from tourpad.core.database.facets import Count
from tourpad.core.database.paging import ListSort
from tourpad.core.errors import invalid
from tourpad.core.ratings import Rating
from tourpad.core.words import typed
from tourpad.web.shapes import Output, Pagination

TextParam = Annotated[
    str | None,
    QueryParameter(
        name="q", max_length=200, description="Words to look for; a wrong, missing or swapped letter is forgiven."
    ),
]
"""`q: TextParam = None`."""
AfterParam = Annotated[
    UUID | None,
    QueryParameter(
        name="after",
        description="Go on after this entry (`pagination.next`) instead of at a page: nothing is skipped or doubled.",
    ),
]
"""`after: AfterParam = None`."""
StatesParam = Annotated[
    list[str] | None,
    QueryParameter(name="state", description="Any of these of the United States, by two letters."),
]
"""`states: StatesParam = None` (`state` is a word of the framework)."""


SortParam = Annotated[
    ListSort | None,
    QueryParameter(name="sort", description="Unless given: relevance with `q`, distance with a location, else newest."),
]
"""`sort: SortParam = None`."""
RatingMinParam = Annotated[
    float | None, QueryParameter(name="ratingMin", ge=1, le=5, description="Stars on average, at least.")
]
"""`rating_min: RatingMinParam = None`."""


class FacetOut(Output):
    """So many entries have this value, counted with every filter but those on the same property."""

    value: str
    count: int


class RatingOut(Output):
    """What published, public reviews come to. `average` is null while there are none."""

    average: float | None
    count: int


class ListPagination(Pagination):
    """Where a page lies, and the id to go on after (`?after=`); null on the last page."""

    next: UUID | None


def list_pagination(*, page: int, limit: int, total: int, ids: Sequence[UUID]) -> ListPagination:
    """The block of a list that is searched; `ids` are those on the page."""
    more = len(ids) == limit and total > limit
    return ListPagination(page=page, limit=limit, total=total, pages=-(-total // limit), next=ids[-1] if more else None)


def facets_out(counts: Sequence[Count]) -> list[FacetOut]:
    """Shape the values of one facet."""
    return [FacetOut(value=c.value, count=c.count) for c in counts]


def rating_out(total: int, count: int) -> RatingOut:
    """Shape what reviews come to."""
    return RatingOut(average=Rating(total=total, count=count).average, count=count)


def words(q: str | None) -> str | None:
    """What `q` asks for; nothing where it is empty.

    Raises:
        InvalidInputError: there is no letter and no digit in it.
    """
    if q is None or not q.strip():
        return None
    if not typed(q):
        raise invalid("q", "has no letter and no digit in it")
    return q
