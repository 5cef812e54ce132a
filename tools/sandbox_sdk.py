"""Read the typed parameters of the installed Stripe SDK into what the sandbox checks requests with.

usage: python -m tools.sandbox_sdk

Writes `tourpad/sandbox/data/sdk.json.gz`: for each operation that the sandbox answers, the tree of parameters that the
SDK's TypedDicts allow, in the form of `tools/sandbox_schema.py`. The sandbox holds every request against it that names
the SDK's API version, as all of TourPad's own do. Run it again when the SDK is upgraded; a test says so.
"""

import ast
import gzip
import importlib
import json
import re
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any

import stripe

from tourpad.sandbox.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tourpad/sandbox/data/sdk.json.gz"
SDK = Path(stripe.__file__).parent

Node = dict[str, Any]

ANY_LENGTH = 1_000_000
"""Types know no lengths; the document does."""
SCALARS: dict[Any, Node] = {
    str: {"k": "string", "max": ANY_LENGTH},
    int: {"k": "integer"},
    float: {"k": "number"},
    bool: {"k": "boolean"},
    Any: {"k": "string", "max": ANY_LENGTH},  # a file, which the sandbox knows by its name
}


def read() -> Node:
    """The API version that the SDK speaks, and the parameters of each operation that the sandbox answers."""
    calls = _calls()
    operations: Node = {}
    for method, path in ROUTES:
        params = calls[method, _shape(path)]
        tree: Node = _typed_dict(params) if params else {"k": "object", "props": {}, "req": []}
        if path.startswith("/v2/") and "limit" in tree["props"]:
            tree["props"]["page"] = {"k": "string"}  # the SDK follows `next_page_url`, which carries it
        operations[f"{method} {path}"] = tree
    return {"version": stripe.api_version, "operations": operations}


def _shape(path: str) -> str:
    """A path without the names of its ids: the SDK and the document name them differently."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def _calls() -> dict[tuple[str, str], type | None]:
    """Every call that the SDK's services make, and the TypedDict of its parameters."""
    found: dict[tuple[str, str], type | None] = {}
    for file in sorted(SDK.rglob("_*_service.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules = {
            name.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe.params")
            for name in node.names
        }
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            call = _request_of(function)
            if call is not None:
                name = _params_of(function)
                module = modules.get(name or "")
                found[call] = getattr(importlib.import_module(module), name) if name and module else None
    return found


def _request_of(function: ast.FunctionDef) -> tuple[str, str] | None:
    """`self._request("get", "/v1/…".format(…))` within a function: its method and path."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request"):
            continue
        method, path = node.args[:2]
        if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
            path = path.func.value
        if isinstance(method, ast.Constant) and isinstance(path, ast.Constant):
            return str(method.value).upper(), _shape(str(path.value))
    return None


def _params_of(function: ast.FunctionDef) -> str | None:
    """The name in `params: Optional["DisputeCloseParams"]`."""
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            named = re.search(r"\w+Params", ast.unparse(argument.annotation))
            return named[0] if named else None
    return None


@cache
def _options() -> frozenset[str]:
    """What the SDK's older parameter types carry beside parameters: the key, the account, and so on."""
    from stripe._request_options import RequestOptions

    return frozenset(RequestOptions.__annotations__)


def _typed_dict(params: Any) -> Node:
    own = {name: hint for name, hint in params.__annotations__.items() if name not in _options()}
    known = vars(importlib.import_module(params.__module__))
    given = typing.get_type_hints(type("Own", (), {"__annotations__": own}), known, include_extras=True)
    return {
        "k": "object",
        "props": {name: _node(hint) for name, hint in sorted(given.items())},
        "req": sorted(name for name in params.__required_keys__ if name in given),
    }


def _node(hint: Any) -> Node:
    if hint in SCALARS:
        return dict(SCALARS[hint])
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.NotRequired, typing.Required):
        return _node(members[0])
    if origin is typing.Literal:
        return {"k": "string", "enum": list(members)}
    if origin in (list, tuple):
        return {"k": "array", "items": _node(members[0])}
    if origin is dict:
        return {"k": "object", "props": {}, "req": [], "extra": _node(members[1])}
    if origin in (typing.Union, types.UnionType):
        return _union(members)
    if typing.is_typeddict(hint) or hasattr(hint, "__required_keys__"):
        return _typed_dict(hint)
    if getattr(hint, "__name__", "") == "Decimal":
        return {"k": "number"}
    msg = f"the SDK has a type of parameters that is new: {hint!r}"
    raise TypeError(msg)


def _union(members: tuple[Any, ...]) -> Node:
    """One of several. An open enumeration (`Literal[…] | str`) is text, and an answer sent back is its dictionary."""
    kept = [member for member in members if "UntypedStripeObject" not in repr(member) and member is not type(None)]
    if str in kept:
        kept = [member for member in kept if typing.get_origin(member) is not typing.Literal or "" in _words(member)]
    nodes = [_node(member) for member in kept]
    return nodes[0] if len(nodes) == 1 else {"k": "any", "of": nodes}


def _words(literal: Any) -> tuple[Any, ...]:
    return typing.get_args(literal)


def main() -> None:
    """Write what the installed SDK says."""
    data = json.dumps(read(), sort_keys=True, separators=(",", ":")).encode()
    TARGET.write_bytes(gzip.compress(data, mtime=0))
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
