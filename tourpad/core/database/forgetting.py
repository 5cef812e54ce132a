"""Taking somebody's name out of text that is kept for others."""

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_

ERASED_NAME: Final = "Erased person"
"""What stands where a name stood."""

_SPECIAL: Final = re.compile(r"([\\.^$*+?()\[\]{}|])")
_SHORTEST: Final = 2


def takeable(names: Collection[str]) -> list[str]:
    """Names that can be told from other text."""
    return [name for name in dict.fromkeys(names) if len(name.strip()) >= _SHORTEST and name != ERASED_NAME]


def mentions(name: str, *columns: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Rows that hold a name in one of some columns."""
    return or_(*(column.contains(name, autoescape=True) for column in columns))


def without(column: SQLColumnExpression[Any], name: str) -> ColumnElement[str]:
    """The text of a column with every mention of a name replaced; a longer word that begins or ends so stays."""
    return func.regexp_replace(column, _mention(name), ERASED_NAME, "g")


def text_without(text: str, name: str) -> str:
    """The same of a text that is here."""
    return re.sub(_mention(name), ERASED_NAME, text)


def _mention(name: str) -> str:
    """A pattern that Python and PostgreSQL read alike."""
    literal = _SPECIAL.sub(r"\\\1", name)
    return rf"(?<!\w){literal}(?!\w)"
