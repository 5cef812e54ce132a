"""The chain of hashes over the audit log (pure).

Each link is SHA-256 over the link before it and one entry, written in one fixed way. Whoever changes, removes or
slips in an entry must then write every later link anew, and whoever has noted any of those sees it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tourpad.core.values import Value

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
"""What of an entry is hashed: all of it, the reason by its digest, so that its words can go with a person."""

WORDS = ("reason_digest", "reason_salt", "erased_by")
"""What stands beside the reason."""

ERASURE = "user.erase"
"""The entry that words may go with."""


class Fault(Value):
    """Something in the log that is not as it was written."""

    code: str
    position: int | None
    """Of the link in the chain."""
    number: int | None
    """Of the entry."""
    message: str


class Anchor(Value):
    """Where the chain ended at some time, noted outside of the database."""

    position: int
    hash: str
    at: str
    """The instant, for people."""


def canonical(entry: Mapping[str, Any]) -> bytes:
    """One entry as bytes: JSON without blanks, keys sorted, instants in UTC with microseconds."""
    told = {name: _told(entry[name]) for name in FIELDS}
    if entry.get("reason_digest") is not None:
        told["reason"] = entry["reason_digest"]
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(salt: str, reason: str) -> str:
    """What the chain holds of an entry's words: 64 hexadecimal digits."""
    return hashlib.sha256(f"{salt}\n{reason}".encode()).hexdigest()


def words_fault(entry: Mapping[str, Any]) -> str | None:
    """What is wrong with the words of an entry: others than were written, or gone without an erasure."""
    sealed, reason = entry["reason_digest"], entry["reason"]
    if sealed is None or (reason is not None and digest(entry["reason_salt"] or "", reason) == sealed):
        return None
    if reason is None and entry["erased_with"] == ERASURE:
        return None
    return "is not what was written" if reason is not None else "has lost its words, and no erasure took them"


def link(previous: str, entry: Mapping[str, Any]) -> str:
    """The hash (64 hexadecimal digits) of an entry that follows the link `previous`."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(entry)).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, dict | int | str) else str(value)
