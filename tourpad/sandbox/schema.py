"""Parameters of a request: read from a form or JSON, held against Stripe's document, given their types."""

import gzip
import json
import re
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl

from tourpad.sandbox.errors import Obj, StripeError

INTEGER = re.compile(r"-?\d{1,18}\Z")
DECIMAL = re.compile(r"-?\d+(\.\d+)?\Z")


class Document(NamedTuple):
    """The shipped extract: the API version, the parameter tree of each operation, the expandable fields of objects."""

    version: str
    operations: dict[str, Obj]
    expandable: dict[str, list[str]]


@cache
def document() -> Document:
    """Load the extract that `tools/sandbox_schema.py` wrote."""
    return _load("operations.json.gz")


@cache
def sdk() -> Document:
    """Load what `tools/sandbox_sdk.py` read from the SDK's typed parameters."""
    return _load("sdk.json.gz")


def _load(name: str) -> Document:
    raw = resources.files("tourpad.sandbox").joinpath("data", name).read_bytes()
    data = json.loads(gzip.decompress(raw))
    return Document(data["version"], data["operations"], data.get("expandable", {}))


def unflatten(text: str) -> Obj:
    """Read `a[b][0]=1` as {"a": {"b": ["1"]}}."""
    root: Obj = {}
    nested = False
    for key, value in parse_qsl(text, keep_blank_values=True):
        if "[" not in key:
            root[key] = value
            continue
        nested = True
        head, _, rest = key.partition("[")
        parts = [head, *rest.removesuffix("]").split("][")]
        at: Obj = root
        for part in parts[:-1]:
            found: Any = at.setdefault(part, {})
            if not isinstance(found, dict):
                raise _invalid(f"Invalid {head}", head)
            at = cast("Obj", found)
        last = parts[-1]
        if last == "":
            last = str(len(at))
        at[last] = value
    return _lists(root, top=True) if nested else root


def _lists(node: Any, *, top: bool = False) -> Any:
    if not isinstance(node, dict):
        return node
    members = cast("Obj", node)
    if members and not top and all(key.isdigit() for key in members):
        return [_lists(members[key]) for key in sorted(members, key=int)]
    return {key: _lists(value) for key, value in members.items()}


def _invalid(message: str, param: str, code: str | None = None) -> StripeError:
    return StripeError(message, code=code, param=param, stored=False)


def check(operation: str, values: Obj, *, version: str | None = None) -> Obj:
    """Return the values with the types the document gives them.

    A request that names the SDK's `version` of the API must fit the SDK's typed parameters, too.

    Raises StripeError (400) for unknown, missing and malformed ones.
    """
    if version != sdk().version:
        return _object(values, document().operations[operation], "")
    _object(values, sdk().operations[operation], "")
    return _object(values, _for_sdk(operation), "")


@cache
def _for_sdk(operation: str) -> Obj:
    """The document's tree of an operation for the SDK's newer version: what that no longer knows is not required."""
    return _relaxed(document().operations[operation], sdk().operations[operation])


def _relaxed(node: Obj, newer: Obj) -> Obj:
    if node["k"] != "object" or newer["k"] != "object":
        return node
    members: dict[str, Obj] = node["props"]
    known: dict[str, Obj] = newer["props"]
    props = {name: _relaxed(member, known.get(name, member)) for name, member in members.items()}
    return {**node, "props": props, "req": [name for name in node["req"] if name in known]}


def _object(values: Obj, node: Obj, path: str) -> Obj:
    members: dict[str, Obj] = node["props"]
    extra: Obj | None = node.get("extra")
    out: Obj = {}
    for name, value in values.items():
        where = f"{path}[{name}]" if path else name
        member = members.get(name)
        if member is not None:
            out[name] = _value(value, member, where)
        elif extra is not None:
            out[name] = value if value in ("", None) else _value(value, extra, where)
        else:
            raise _invalid(f"Received unknown parameter: {where}", where, "parameter_unknown")
    for name in node["req"]:
        if name not in values:
            where = f"{path}[{name}]" if path else name
            raise _invalid(f"Missing required param: {where}.", where, "parameter_missing")
    return out


def _value(value: Any, node: Obj, path: str) -> Any:
    kind = node["k"]
    if kind == "any":
        return _any(value, node, path)
    if kind == "object":
        if not isinstance(value, dict):
            raise _invalid(f"Invalid object for {path}", path, "parameter_invalid_empty" if value == "" else None)
        return _object(cast("Obj", value), node, path)
    if kind == "array":
        if not isinstance(value, list):
            raise _invalid(f"Invalid array for {path}", path)
        return [_value(item, node["items"], f"{path}[{n}]") for n, item in enumerate(cast("list[Any]", value))]
    return _scalar(value, node, path)


def _scalar(value: Any, node: Obj, path: str) -> Any:
    kind = node["k"]
    if isinstance(value, dict | list):
        raise _invalid(f"Invalid {kind} for {path}", path)
    if kind == "integer":
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and INTEGER.match(value):
            return int(value)
        raise _invalid(f"Invalid integer: {value}", path, "parameter_invalid_integer")
    if kind == "number":
        if isinstance(value, int | float) or (isinstance(value, str) and DECIMAL.match(value)):
            return float(value)
        raise _invalid(f"Invalid decimal: {value}", path)
    if kind == "boolean":
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
        raise _invalid(f"Invalid boolean: {value}", path)
    return _text(value, node, path)


def _text(value: Any, node: Obj, path: str) -> str:
    if not isinstance(value, str):
        raise _invalid(f"Invalid string: {value}", path)
    choices: list[str] | None = node.get("enum")
    if choices is not None:
        if value not in choices:
            raise _invalid(f"Invalid {path}: must be one of {', '.join(choices)}", path)
        return value
    if value == "":
        raise _invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset "
            "a parameter; "
            f"however '{path}' cannot be unset. You should remove '{path}' from your request or "
            "supply a non-empty value.",
            path,
            "parameter_invalid_empty",
        )
    longest: int = node.get("max", 5000)
    if len(value) > longest:
        raise _invalid(f"Invalid string: must be at most {longest} characters", path, "parameter_invalid_string_length")
    return value


def _any(value: Any, node: Obj, path: str) -> Any:
    """Take the first option that fits; when none does, tell about the one that has the value's shape."""
    told: StripeError | None = None
    for option in node["of"]:
        try:
            return _value(value, option, path)
        except StripeError as error:
            same = (option["k"] == "object") == isinstance(value, dict) and (option["k"] == "array") == isinstance(
                value, list
            )
            if told is None or (same and "enum" not in option):
                told = error
    if told is None:
        raise _invalid(f"Invalid {path}", path)
    raise told


def query_or_form(text: str) -> Obj:
    """Read a query string or a form body."""
    return unflatten(text) if text else {}


def json_body(raw: bytes) -> Obj:
    """Read a `/v2` body; raises StripeError for what is no JSON object."""
    if not raw:
        return {}
    try:
        data = json.loads(raw)
    except ValueError as error:
        message = "The request body could not be parsed as JSON."
        raise StripeError(message, code="invalid_json", stored=False) from error
    if not isinstance(data, dict):
        message = "The request body must be a JSON object."
        raise StripeError(message, code="invalid_json", stored=False)
    return cast("Obj", data)
