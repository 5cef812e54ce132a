"""Events as Stripe writes them, and who is to be told."""

import zlib
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from tourpad.sandbox import clock, faults, schema
from tourpad.sandbox.errors import Obj
from tourpad.sandbox.store import Tx, decode, encode, monotonic

LANES = 4


def emit(tx: Tx, kind: str, obj: Obj, previous: Obj | None = None) -> None:
    """Write an event about an object as it is now and queue its deliveries.

    `previous` are the attributes that changed, with their values before.
    """
    targets = _targets(tx, kind, connect=bool(tx.account))
    event: Obj = {
        "id": tx.new_id("evt_1", 23).replace("evt_1_", "evt_1"),
        "object": "event",
        "api_version": schema.document().version,
        "created": tx.now,
        "data": {"object": visible(obj)},
        "livemode": False,
        "pending_webhooks": len(targets),
        "request": {"id": tx.request_id or None, "idempotency_key": tx.key},
        "type": kind,
    }
    if previous is not None:
        event["data"]["previous_attributes"] = previous
    if tx.account:
        event["account"] = tx.account
    tx.add(event)
    _queue(tx, event, targets, lane=_lane(obj))


def emit_thin(tx: Tx, kind: str, account_id: str, data: Obj | None = None) -> None:
    """Write a `/v2` event about an account; what is delivered carries only the reference."""
    targets = _targets(tx, kind, connect=True)
    event: Obj = {
        "id": tx.new_id("evt_test", 40),
        "object": "v2.core.event",
        "created": clock.rfc3339(tx.now),
        "livemode": False,
        "type": kind,
        "related_object": {
            "id": account_id,
            "type": "v2.core.account",
            "url": f"/v2/core/accounts/{account_id}",
        },
        "_": {"related": account_id},
    }
    if tx.request_id:
        request = {"id": tx.request_id, "idempotency_key": tx.key or ""}
        event["reason"] = {"type": "request", "request": request}
    if data is not None:
        event["data"] = data
    tx.add(event)
    _queue(tx, event, targets, lane=zlib.crc32(account_id.encode()) % LANES)


def visible(obj: Obj) -> Obj:
    """Return the object without what only the sandbox keeps in it, and with `expand`ed children likewise."""
    return {key: value for key, value in obj.items() if key != "_"}


def payload(tx_db: Any, event_id: str) -> bytes:
    """Return the body that is POSTed for an event."""
    (raw,) = tx_db.execute("SELECT body FROM objects WHERE id = ?", (event_id,)).fetchone()
    if b'"v2.core.event"' not in raw[:120]:
        return raw
    event = decode(raw)
    return encode({key: value for key, value in event.items() if key not in ("_", "data", "changes")})


def _lane(obj: Obj) -> int:
    """Keep the events of one customer (or account, or lone object) in order among themselves."""
    key = obj["id"] if obj["object"] == "customer" else obj.get("customer") or obj.get("transfer_group") or obj["id"]
    return zlib.crc32(str(key).encode()) % LANES


def _targets(tx: Tx, kind: str, *, connect: bool) -> list[str]:
    rows = tx.db.execute("SELECT name, events FROM targets WHERE connect = ? ORDER BY name", (connect,)).fetchall()
    return [name for name, globs in rows if any(_matches(kind, glob) for glob in globs.split())]


def _matches(kind: str, glob: str) -> bool:
    """Match an event type; brackets of `/v2` types stand for themselves."""
    return glob in ("*", kind) or fnmatchcase(kind, glob.replace("[", "[[]"))


def _queue(tx: Tx, event: Obj, targets: list[str], *, lane: int) -> None:
    for target in targets:
        fault = faults.for_event(tx.db, event["type"])
        state, wait, copies = "pending", 0.0, 1
        if fault is not None:
            kind = fault["fault"]
            state = "dropped" if kind == "drop" else state
            wait = float(fault.get("seconds", 5)) if kind == "late" else wait
            if kind == "reorder":
                wait = Random(event["id"]).random() * float(fault.get("seconds", 1))  # noqa: S311 - no secret
            copies = 2 if kind == "duplicate" else copies
        for _ in range(copies):
            tx.db.execute(
                "INSERT INTO deliveries (target, event, type, lane, state, next_at) VALUES (?, ?, ?, ?, ?, ?)",
                (target, event["id"], event["type"], lane, state, monotonic() + wait if wait else 0.0),
            )
    if targets:
        tx.store.wake.set()
