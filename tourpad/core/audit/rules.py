"""The chain of hashes over the audit log (pure).

Each link is SHA-256 over the link before it and one entry, written in one fixed way. Whoever changes, removes or
slips in an entry must then write every later link anew, and whoever has noted any of those sees it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first link follows."""

FIELDS = (
    "id",
    "number",
    "at",
    "actor_kind",
    "actor_id",
    "actor_label",
    "action",
    "target_type",
    "target_id",
    "reason",
    "details",
)
"""What of an entry is hashed: all of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the log that is not as it was written."""

    code: str
    position: int | None
    """Of the link in the chain."""
    number: int | None
    """Of the entry."""
    message: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain ended at some time, noted outside of the database."""

    position: int
    hash: str
    at: str
    """The instant, for people."""


def canonical(entry: Mapping[str, Any]) -> bytes:
    """One entry as bytes: JSON without blanks, keys sorted, instants in UTC with microseconds."""
    told = {name: _told(entry[name]) for name in FIELDS}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(previous: str, entry: Mapping[str, Any]) -> str:
    """The hash (64 hexadecimal digits) of an entry that follows the link `previous`."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(entry)).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, dict | int | str) else str(value)
