"""Faults on demand: what goes wrong with calls and webhooks, how often, and for which."""

import sqlite3
from fnmatch import fnmatchcase
from random import Random
from typing import Any, cast

from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.store import decode, encode

CALL_FAULTS = ("drop_reply", "status", "delay")
EVENT_FAULTS = ("duplicate", "late", "reorder", "drop")
STATUSES = {
    409: (
        "invalid_request_error",
        "lock_timeout",
        "This object cannot be accessed right now because another API request is accessing it.",
    ),
    429: (
        "invalid_request_error",
        "rate_limit",
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
    ),
    500: ("api_error", None, "An unknown error occurred."),
}
SHAPE = {
    "operation": str, "events": str, "fault": str, "status": int, "seconds": (int, float), "times": int,
    "share": (int, float), "seed": int, "after_work": bool, "skip": int,
}  # fmt: skip


def check(given: Any) -> Obj:
    """Return a rule that can be kept; raises StripeError that says what is wrong with it."""
    if not isinstance(given, dict):
        message = "A fault is a JSON object."
        raise StripeError(message)
    rule = cast("Obj", given)
    for name, value in rule.items():
        if name not in SHAPE or not isinstance(value, SHAPE[name]):
            message = f"Invalid fault field {name!r}; fields are {', '.join(SHAPE)}."
            raise StripeError(message, param=name)
    if ("operation" in rule) == ("events" in rule):
        message = "A fault names either `operation` (a call) or `events` (webhooks)."
        raise StripeError(message)
    known = CALL_FAULTS if "operation" in rule else EVENT_FAULTS
    if rule.get("fault") not in known:
        message = f"Unknown fault; one of {', '.join(known)}."
        raise StripeError(message, param="fault")
    if not 0 <= rule.get("share", 1) <= 1:
        message = "`share` is between 0 and 1."
        raise StripeError(message, param="share")
    if rule["fault"] == "status" and rule.get("status", 500) not in range(400, 600):
        message = "`status` is an HTTP error status."
        raise StripeError(message, param="status")
    return rule


def add(db: sqlite3.Connection, rule: Obj) -> Obj:
    """Keep a rule."""
    cursor = db.execute("INSERT INTO faults (rule, seen, hits) VALUES (?, 0, 0)", (encode(rule),))
    return {"id": cursor.lastrowid, **rule, "seen": 0, "hits": 0}


def listed(db: sqlite3.Connection) -> list[Obj]:
    """Return all rules with how often they were looked at and struck."""
    rows = db.execute("SELECT seq, rule, seen, hits FROM faults ORDER BY seq").fetchall()
    return [{"id": seq, **decode(rule), "seen": seen, "hits": hits} for seq, rule, seen, hits in rows]


def for_call(db: sqlite3.Connection, operation: str, path: str) -> Obj | None:
    """Return the fault that strikes this call, and count it. Runs inside the exchange's transaction."""
    method = operation.split(" ", 1)[0]
    return _strike(db, "operation", (operation, f"{method} {path}"))


def for_event(db: sqlite3.Connection, kind: str) -> Obj | None:
    """Return the fault that strikes this delivery, and count it."""
    return _strike(db, "events", (kind,))


def _strike(db: sqlite3.Connection, field: str, names: tuple[str, ...]) -> Obj | None:
    for rule in listed(db):
        glob = rule.get(field)
        if glob is None or not any(glob == name or fnmatchcase(name, glob) for name in names):
            continue
        if "times" in rule and rule["hits"] >= rule["times"]:
            continue
        chosen = rule["seen"] >= rule.get("skip", 0)
        if chosen and "share" in rule:
            chosen = Random(f"{rule.get('seed', 0)}:{rule['id']}:{rule['seen']}").random() < rule["share"]  # noqa: S311 - no secret
        db.execute("UPDATE faults SET seen = seen + 1, hits = hits + ? WHERE seq = ?", (int(chosen), rule["id"]))
        if chosen:
            return rule
    return None


def status_error(rule: Obj) -> StripeError:
    """Return the answer of a `status` fault."""
    status = rule.get("status", 500)
    kind, code, message = STATUSES.get(status, STATUSES[500])
    return StripeError(message, status=status, kind=kind, code=code, stored=False)
