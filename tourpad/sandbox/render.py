"""From stored objects to answers: hidden fields off, `expand` followed, lists paged."""

from collections.abc import Callable
from typing import Any, cast

from tourpad.sandbox import money, schema
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.events import visible
from tourpad.sandbox.store import FILTERS, Tx

Include = Callable[[Tx, Obj], Any]
# fields that only appear when they are expanded
INCLUDABLE: dict[tuple[str, str], Include] = {}
DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 100
DEEPEST = 4
MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


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
    kind = obj.get("object", "")
    if name not in obj:
        read = INCLUDABLE.get((kind, name))
        if read is None and name in schema.document().expandable.get(kind, ()):
            return  # Stripe leaves out what an object does not have
        if read is None:
            raise _not_expandable(path)
        obj[name] = read(tx, obj)
    value: Any = obj[name]
    if isinstance(value, str):
        found = tx.find(value)
        if found is None:
            raise _not_expandable(path)
        value = obj[name] = show(tx, found)
    elif value is not None and not isinstance(value, dict | list):
        raise _not_expandable(path)
    elif isinstance(value, list):
        obj[name] = value = [_resolved(tx, item) for item in cast("list[Any]", value)]
    if rest:
        children: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, dict):
                _expand(tx, cast("Obj", child), rest, path)


def _not_expandable(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", param="expand")


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
    """Merge metadata as Stripe does: an empty value removes its key, an empty string removes all.

    Raises StripeError beyond 50 keys, 40 characters of a key, 500 of a value (https://docs.stripe.com/api/metadata).
    """
    if given in ("", None):
        return {}
    for key, value in given.items():
        if len(key) > LONGEST_KEY:
            message = (
                f"Metadata keys can have up to {LONGEST_KEY} characters, but you passed in a key that is {len(key)}"
                f" characters. Invalid key: {key}"
            )
            raise StripeError(message, param="metadata")
        if value and len(value) > LONGEST_VALUE:
            message = (
                f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in a value that is"
                f" {len(value)} characters. Invalid value: {value}"
            )
            raise StripeError(message, param=f"metadata[{key}]")
    merged = {key: value for key, value in {**current, **given}.items() if value not in ("", None)}
    if len(merged) > MOST_KEYS:
        message = (
            f"Metadata can have up to {MOST_KEYS} keys, but you've set {len(merged)}."
            " Email us at support+metadata@stripe.com for more information."
        )
        raise StripeError(message, param="metadata")
    return merged


def cleared(value: Any) -> Any:
    """Read the empty string, which unsets a field, as None."""
    return None if value == "" else value
