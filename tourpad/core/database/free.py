"""Who is free: a condition for lists that are read by the role of search, which may not read anybody's calendar.

The function `busy_people` (migration 0039) reads calendars for it and tells no reason; what makes a day busy is said
by `availability.rules.Calendar`, and a test holds the one against the other.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, func, literal, select

from tourpad.core.values import Value


class Span(Value):
    """Days in a row, both ends included."""

    first: date
    last: date


def is_free(user_id: Any, span: Span) -> ColumnElement[bool]:
    """Whether the person with that account can be asked for at least one day of a span."""
    return user_id.not_in(select(func.busy_people(literal(span.first, Date), literal(span.last, Date))))
