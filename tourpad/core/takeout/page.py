"""The archive's first page: what the JSON says, for people. No script, and nothing from any other place."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tourpad.core.money import Money, format_money
from tourpad.core.notifications.render import FILTERS
from tourpad.core.values import Value

if TYPE_CHECKING:
    from jinja2 import Template

_OPEN_BELOW: Final = 12
"""Parts with more rows than this are closed at first."""

_TITLES: Final = {
    "users": "Your account",
    "user_profiles": "What you say of yourself",
    "oauth_identities": "Sign-ins with other providers",
    "second_factors": "Authenticator app",
    "auth_sessions": "Where you were signed in",
    "beta_addresses": "Invited before others",
    "usage_pseudonyms": "The number under which what you do is counted",
    "artists": "Your profile as an artist",
    "hosts": "Your home",
    "host_addresses": "Your address",
    "address_looks": "Who looked at an address",
    "fans": "Your profile as a fan",
    "media": "Pictures, videos and sound",
    "media_variants": "Sizes of your pictures",
    "rsvps": "Your seats",
    "door_scans": "At the door",
    "payees": "How you are paid",
    "settlement_lines": "What shows earned you",
    "ledger_journals": "In the books",
    "audit_log": "On record",
}
"""Of tables whose own names would not say it."""
_LEFT_OUT: Final = frozenset({"id", "currency", "html_body", "headers", "generation", "sign_ins_valid_from"})
"""Columns that tell a person nothing which is not told beside them. They are in the JSON."""
_ACRONYMS: Final = {"url": "address on the web", "ip": "IP", "bps": "share", "mime": "kind"}


class Shown(Value):
    """One value: a text, or several values, or values with names."""

    text: str = ""
    items: "tuple[Shown, ...] | None" = None
    pairs: "tuple[tuple[str, Shown], ...] | None" = None


class Row(Value):
    """One row as a person reads it: without ids, and without what is empty."""

    facts: list[tuple[str, Shown]]
    picture: str | None = None
    file: str | None = None


class Part(Value):
    """The rows of one table."""

    name: str
    title: str
    rows: list[Row]


def render(
    *, name: str, at: datetime, tables: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], files: Mapping[UUID, str]
) -> str:
    """The page.

    Args:
        name: the person's.
        at: when the archive was made.
        tables: each table's name and rows.
        files: where in the archive the file of a `media` row lies.
    """
    parts = [Part(table, title_of(table), [_row(table, row, files) for row in rows]) for table, rows in tables]
    return _template().render(
        name=name,
        at=at,
        parts=parts,
        empty=[part.title for part in parts if not part.rows],
        open_below=_OPEN_BELOW,
    )


def title_of(table: str) -> str:
    """A table's name for people."""
    return _TITLES.get(table) or table.replace("_", " ").capitalize()


def _row(table: str, row: Mapping[str, Any], files: Mapping[UUID, str]) -> Row:
    path = files.get(row["id"]) if table == "media" else None
    is_picture = path is not None and str(row.get("mime_type", "")).startswith("image/")
    currency = str(row.get("currency") or "USD")
    facts = [
        (_label(key), _shown(key, value, currency))
        for key, value in row.items()
        if key not in _LEFT_OUT and not key.endswith("_id") and not _is_empty(value)
    ]
    return Row(facts, picture=path if is_picture else None, file=None if is_picture else path)


def _label(key: str) -> str:
    words = re.sub(r"_(cents|bps|at)$", "", key).split("_")
    return " ".join(_ACRONYMS.get(word, word) for word in words).capitalize()


def _shown(key: str, value: Any, currency: str) -> Shown:
    if isinstance(value, Mapping):
        return Shown(
            pairs=tuple(
                (_label(str(inner)), _shown(str(inner), told, currency))
                for inner, told in value.items()
                if not _is_empty(told)
            )
        )
    if isinstance(value, list | tuple):
        return Shown(items=tuple(_shown(key, one, currency) for one in value))
    return Shown(_text(key, value, currency))


def _text(key: str, value: Any, currency: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and key.endswith("_cents"):
        return format_money(Money(value, currency))
    if isinstance(value, int) and key.endswith("_bps"):
        return f"{value / 100:g} %"
    if isinstance(value, datetime):
        return str(FILTERS["instant"](value))
    if isinstance(value, date):
        return str(FILTERS["day"](value))
    if isinstance(value, time):
        return str(FILTERS["time"](value))
    return str(value)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}, ())


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - paid by who asks for an archive

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    return environment.get_template("index.html")
