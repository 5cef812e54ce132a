"""Canaries in every field of every table, and where they live on."""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, Enum, Uuid, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from tourpad.core.ids import new_id
from tourpad.core.models import Base

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

CANARY = "kanary"
TEXTS = ("TEXT", "VARCHAR", "JSONB", "ARRAY")


def fill(platform: "Platform", person: UUID) -> set[str]:
    """A row of this person's in every table that has none, made from the metadata. Answers which tables took none."""
    refused: set[str] = set()
    for table in Base.metadata.sorted_tables:
        with platform.engine.begin() as connection:
            if connection.execute(select(func.count()).select_from(table)).scalar_one():
                continue
            values = {c.name: _value(connection, c, person) for c in table.columns if not c.identity}
        try:
            with platform.engine.begin() as connection:
                connection.execute(table.insert().values(values | ROWS.get(table.name, {})))
        except DBAPIError:
            refused.add(table.name)
    return refused


ROWS: dict[str, dict[str, Any]] = {
    "disputes": {"state": "lost"},
    "memberships": {"state": "expired"},
    "membership_checkouts": {"state": "expired"},
    "membership_gifts": {"state": "lapsed", "amount_cents": 50, "redeemed_at": None, "redeemed_by": None},
    "refunds": {"state": "succeeded"},
    "applications": {"state": "rejected"},
    "media": {"state": "published"},
    "subscription_endings": {"item_state": "done"},
    "approvals": {"decided_by_id": None, "decided_at": None, "used_at": None},
    "door_scans": {"outcome": "refused", "let_in": 0},
    "concert_facts": {"genres": ["folk"]},
}
"""Of rows that the metadata alone does not make: those that a CHECK wants otherwise, and what has come to its end."""


def _value(connection: Any, column: "Column[Any]", person: UUID) -> Any:
    """Something that such a column holds; what points to a row points to one that is there."""
    for key in column.foreign_keys:
        if key.column.table.name == "users":
            return person
        return connection.execute(select(key.column).limit(1)).scalar()
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enums))
    if isinstance(kind, Uuid):
        return new_id() if column.primary_key else person
    return {
        "Text": f"{CANARY}-{column}",
        "BigInteger": 1,
        "Integer": 1,
        "Boolean": False,
        "DateTime": datetime(2026, 3, 2, tzinfo=UTC),
        "Date": date(2026, 3, 2),
        "Time": time(20, 0),
        "JSONB": {"said": f"{CANARY}-{column}"},
        "ARRAY": [f"{CANARY}-{column}"],
        "Double": 40.0,
        "Float": 40.0,
        "Numeric": 40,
    }.get(type(kind).__name__)


def plant(platform: "Platform") -> set[str]:
    """Put a canary into every column of text that takes one. Answers where."""
    planted: set[str] = set()
    for table in inspect(platform.engine).get_table_names():
        for column in inspect(platform.engine).get_columns(table):
            kind, name = type(column["type"]).__name__, column["name"]
            if kind not in TEXTS or table == "alembic_version":
                continue
            word = f"'{CANARY}-{table}-{name}-' || id"
            values = {
                "JSONB": [f"jsonb_build_object('said', {word})", f"jsonb_build_array({word})"],
                "ARRAY": [f"ARRAY[{word}]"],
            }.get(kind, [word, f"{word} || '@shows.test'"])
            for value in values:
                try:
                    with platform.engine.begin() as connection:
                        changed = connection.execute(text(f'UPDATE {table} SET "{name}" = {value}')).rowcount  # noqa: S608
                except DBAPIError:
                    continue
                if changed:
                    planted.add(f"{table}.{name}")
                break
    return planted


def alive(platform: "Platform") -> set[str]:
    """Where canaries are."""
    found: set[str] = set()
    with platform.engine.begin() as connection:
        for table in inspect(platform.engine).get_table_names():
            for column in inspect(platform.engine).get_columns(table):
                name = column["name"]
                look = f"SELECT 1 FROM {table} WHERE \"{name}\"::text LIKE '%{CANARY}%' LIMIT 1"  # noqa: S608
                if connection.execute(text(look)).first():
                    found.add(f"{table}.{name}")
    return found
