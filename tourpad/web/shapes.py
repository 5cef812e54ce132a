"""What all inputs and outputs share: camelCase on the wire, unknown input fields refused, pages."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

T = TypeVar("T")

MAX_PAGE = 100_000

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant of an input: RFC 3339, with its offset."""


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The base of every request body. A field that is not declared is an error, not ignored."""


class Output(msgspec.Struct, rename="camel", kw_only=True):
    """The base of every answer."""


class Pagination(Output):
    """Where a page lies in its list."""

    page: int
    limit: int
    total: int
    pages: int


def pagination(*, page: int, limit: int, total: int) -> Pagination:
    """The block that every list answers with."""
    return Pagination(page=page, limit=limit, total=total, pages=-(-total // limit))


PageParam = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE)]
"""`page: PageParam = 1`."""
LimitParam = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]
"""`limit: LimitParam = 20`."""


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """Rows of one page and the total, as queries answer (snake_case inside)."""

    rows: list[T]
    total: int
