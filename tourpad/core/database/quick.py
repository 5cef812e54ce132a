"""One statement on a pooled connection with nothing around it: for what every request asks.

SQLAlchemy's own way costs four times the CPU of the statement (measured: 0.36 ms against 0.09 ms for one row by key).
The connection commits by itself meanwhile, and the statement stays prepared on it.
"""

from collections.abc import Sequence
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy import Engine


def fetch_row(engine: Engine, statement: LiteralString, parameters: Sequence[object]) -> tuple[Any, ...] | None:
    """The first row of one statement, or nothing. `%s` stands for a parameter.

    Raises:
        psycopg.Error: as the driver says it; a connection that broke does not return to the pool.
    """
    pooled = engine.raw_connection()
    connection = cast("psycopg.Connection[tuple[Any, ...]]", pooled.driver_connection)
    try:
        connection.autocommit = True
        try:
            return connection.execute(statement, parameters, prepare=True).fetchone()
        finally:
            if not connection.closed:
                connection.autocommit = False
    except psycopg.OperationalError:
        pooled.invalidate()
        raise
    finally:
        pooled.close()
