"""From stored objects to answers: hidden fields off, `expand` followed, lists paged."""

from collections.abc import Callable
from typing import Any, cast

from tourpad.sandbox import money
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.events import visible
from tourpad.sandbox.store import FILTERS, Tx

Include = Callable[[Tx, Obj], Any]
# fields that only appear when they are expanded
INCLUDABLE: dict[tuple[str, str], Include] = {}
DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 100
DEEPEST = 4


def includable(kind: str, field: str) -> Callable[[Include], Include]:
    """Register how an includable field is read."""

    def register(read: Include) -> Include:
        INCLUDABLE[kind, field] = read
        return read

    return register


def show(tx: Tx, obj: Obj) -> Obj:
    """Return an object as an answer carries it."""
    if obj.get("object") == "balance_transaction":
        money.settled_status(obj, tx.now)
    elif obj.get("object") == "event":
        row = tx.db.execute(
            "SELECT count(*) FROM deliveries WHERE event = ? AND state = 'pending'", (obj["id"],)
        ).fetchone()
        obj["pending_webhooks"] = row[0]
    return visible(obj) if "_" in obj else obj


def expand(tx: Tx, obj: Obj, paths: list[str]) -> None:
    """Replace ids by the objects they name, in place; raises StripeError for what can't be expanded."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST + (parts[0] == "data"):
            message = f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            raise StripeError(message)
        _expand(tx, obj, parts, path)


def _expand(tx: Tx, obj: Obj, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if name not in obj:
        read = INCLUDABLE.get((obj.get("object", ""), name))
        if read is None:
            message = f"This property cannot be expanded ({path})."
            raise StripeError(message)
        obj[name] = read(tx, obj)
    value: Any = obj[name]
    if isinstance(value, str):
        found = tx.find(value)
        if found is None:
            message = f"This property cannot be expanded ({path})."
            raise StripeError(message)
        value = obj[name] = show(tx, found)
    elif isinstance(value, list):
        obj[name] = value = [_resolved(tx, item) for item in cast("list[Any]", value)]
    if rest:
        children: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, dict):
                _expand(tx, cast("Obj", child), rest, path)


def _resolved(tx: Tx, item: Any) -> Any:
    found = tx.find(item) if isinstance(item, str) else None
    return show(tx, found) if found else item


def listing(data: list[Obj], url: str, *, more: bool = False) -> Obj:
    """Return a list object."""
    return {"object": "list", "data": data, "has_more": more, "url": url}


def page(tx: Tx, kind: str, params: Obj, url: str, where: Obj | None = None) -> Obj:
    """Answer a list operation: newest first, filtered, with Stripe's cursors."""
    limit = params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= MAXIMUM_LIMIT:
        low = limit < 1
        message = (
            f"This value must be {'greater' if low else 'less'} than or equal to "
            f"{1 if low else MAXIMUM_LIMIT} (it currently is '{limit}')."
        )
        raise StripeError(message, param="limit", code="parameter_invalid_integer", stored=False)
    filters = dict(where or {})
    filters.update({name: params[name] for name in FILTERS.get(kind, ()) if name in params and name not in filters})
    created = params.get("created")
    if isinstance(created, int):
        created = {"gte": created, "lte": created}
    after, newest = None, True
    if "starting_after" in params:
        after = tx.cursor(params["starting_after"], kind, "starting_after")
    elif "ending_before" in params:
        after, newest = tx.cursor(params["ending_before"], kind, "ending_before"), False
    rows = tx.page(kind, filters, limit=limit + 1, after=after, descending=newest, created=created)
    more = len(rows) > limit
    rows = rows[:limit]
    if not newest:
        rows.reverse()
    return listing([show(tx, row) for row in rows], url, more=more)


def metadata(current: Obj, given: Any) -> Obj:
    """Merge metadata as Stripe does: an empty value removes its key, an empty string removes all."""
    if given in ("", None):
        return {}
    merged = {**current, **given}
    return {key: value for key, value in merged.items() if value not in ("", None)}


def cleared(value: Any) -> Any:
    """Read the empty string, which unsets a field, as None."""
    return None if value == "" else value
