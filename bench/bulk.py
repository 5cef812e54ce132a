"""Rows by the million: tables without their indexes while they are filled."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import sql

UNIQUE: Final = "ux"
"""Kinds of constraints that are indexes: unique ones and those that exclude."""
FOREIGN: Final = "f"
_DEFINITIONS: Final = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint AS c
    WHERE c.conrelid = ANY(%(tables)s::regclass[]) AND c.contype::text = ANY(%(kinds)s)
    UNION ALL
    SELECT format('DROP INDEX %%s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i
    WHERE i.indrelid = ANY(%(tables)s::regclass[])
        AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
"""


def written(text: str) -> sql.SQL:
    """A piece of SQL that was put together in this package, from nothing that came from outside."""
    return sql.SQL(cast("LiteralString", text))


@contextmanager
def without_indexes(
    connection: psycopg.Connection[Any], tables: Sequence[str], *, kinds: str = UNIQUE
) -> Generator[None]:
    """Tables without their indexes but primary keys, which are all made again from what is there then.

    Args:
        connection: one that commits by itself.
        tables: which.
        kinds: of constraints that go meanwhile, too.
    """
    found = connection.execute(_DEFINITIONS, {"tables": list(tables), "kinds": list(kinds)}).fetchall()
    for drop, _ in found:
        connection.execute(written(drop))
    yield
    connection.execute("SET maintenance_work_mem = '256MB'")
    for _, make in reversed(found):
        connection.execute(written(make))
