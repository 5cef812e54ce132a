"""Finding text that is like what somebody typed, by pg_trgm and an index on a column of plain words."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tourpad.core.errors import ConfigurationError
from tourpad.core.words import LEAST_LIKE, likeness_needed, spellings, typed

Column = SQLColumnExpression[Any]

EXTENSION = "pg_trgm"


def require_extension(connection: Connection) -> None:
    """Make the extension where it is not there yet. Whoever may create in a database may make this one.

    Raises:
        ConfigurationError: the server does not have it, or does not let us.
    """
    name = connection.execute(
        text("SELECT default_version FROM pg_available_extensions WHERE name = :name"), {"name": EXTENSION}
    ).scalar()
    if name is None:
        raise ConfigurationError(
            f"This PostgreSQL server has no extension {EXTENSION}, which search needs.",
            hint="Install PostgreSQL's contrib modules (a package like postgresql-contrib) on the server.",
        )
    if is_installed(connection):
        return
    try:
        connection.execute(text(f"CREATE EXTENSION {EXTENSION}"))
    except ProgrammingError as error:
        raise ConfigurationError(
            f"TourPad's database user may not create the extension {EXTENSION}, which search needs.",
            hint=f"Let an administrator of the database run: CREATE EXTENSION {EXTENSION};",
        ) from error


def is_installed(connection: Connection) -> bool:
    """Whether this database has the extension."""
    found = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = :name"), {"name": EXTENSION})
    return found.scalar() is not None


def forgive(session: Session) -> None:
    """Set, for this transaction, how much the operator of `matches` forgives. Before any query that uses it.

    Comparing one row costs about fifty times what the planner believes, so it would rather read small tables whole;
    it is told to use the index.
    """
    threshold = func.set_config("pg_trgm.strict_word_similarity_threshold", str(LEAST_LIKE), true())
    session.execute(select(threshold, func.set_config("enable_seqscan", "off", true())))


def matches(column: Column, wanted: str) -> ColumnElement[bool]:
    """Whether every word of `wanted` stands in the column, or one that is like it.

    Args:
        column: plain words (`core/words.py`), with an index of `gin_trgm_ops`.
        wanted: as it was typed. Text without any word matches nothing.
    """
    words = typed(wanted)
    return and_(*(_has(column, word) for word in words)) if words else literal(value=False)


def likeness(column: Column, wanted: str) -> ColumnElement[int]:
    """How well the column's words fit: two for each word that stands there, one for each that is a part of one.

    Whether a word stands there is told in a tenth of the time that measuring its likeness takes.
    """
    words = typed(wanted)
    found = [case((column.regexp_match(rf"\m{word}\M"), 2), (column.regexp_match(word), 1), else_=0) for word in words]
    return sum(found[1:], start=found[0]) if found else literal(0)


def _has(column: Column, word: str) -> ColumnElement[bool]:
    spelled = column.regexp_match(spellings(word))
    needed = likeness_needed(word)
    if needed is None:
        return spelled
    # The operator is what the index knows; how much is needed depends on the word, so it is asked again.
    return or_(spelled, and_(column.op("%>>")(word), func.strict_word_similarity(word, column) >= needed))
