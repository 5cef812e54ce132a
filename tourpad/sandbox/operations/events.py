"""`/v1/events` and `/v2/core/events`."""

from typing import Any

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.v2 import missing, page


@operation("GET", "/v1/events")
def index(tx: Tx, call: Call) -> Obj:
    """List events, newest first, by type (`*` at the end stands for any) or several types."""
    params = dict(call.params)
    where: Obj = {}
    wanted: Any = params.pop("types", None) or params.pop("type", None)
    if isinstance(wanted, str):
        wanted = [wanted]
    if wanted is not None:
        known = [
            row[0] for row in tx.db.execute("SELECT DISTINCT value FROM refs WHERE type = 'event' AND name = 'type'")
        ]
        where["type"] = [name for name in known if any(_names(glob, name) for glob in wanted)] or ["-"]
    params.pop("delivery_success", None)
    return render.page(tx, "event", params, "/v1/events", where)


def _names(glob: str, name: str) -> bool:
    return name.startswith(glob[:-1]) if glob.endswith("*") else glob == name


@operation("GET", "/v1/events/{id}")
def get(tx: Tx, call: Call) -> Obj:
    """Return an event."""
    return tx.get(call.id, "event")


@operation("GET", "/v2/core/events")
def thin_index(tx: Tx, call: Call) -> Obj:
    """List `/v2` events of one object."""
    params = call.params
    where: Obj = {"related": params["object_id"]} if params.get("object_id") else {}
    return page(tx, "v2.core.event", params, "/v2/core/events", where)


@operation("GET", "/v2/core/events/{id}")
def thin(tx: Tx, call: Call) -> Obj:
    """Return a `/v2` event with its data."""
    event = tx.find(call.id, "v2.core.event")
    if event is None:
        raise missing(call.id)
    return event
