"""The copy that PostgreSQL keeps, from which search and business metrics are read where one is set (decision 87)."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.values import Value

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Replica(Value):
    """How a replica stands."""

    is_copy: bool
    """It follows another server. False of a database of its own."""
    behind: timedelta | None
    """How old is what it shows; null where nothing was copied yet."""


def look(engine: "Engine") -> Replica:
    """Ask it."""
    from sqlalchemy import text  # noqa: PLC0415 - most who load this module have no replica

    query = text(
        "SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN interval '0'"
        " ELSE now() - pg_last_xact_replay_timestamp() END"
    )
    with engine.connect() as connection:
        is_copy, behind = connection.execute(query).one()
    return Replica(is_copy, behind if is_copy else None)
