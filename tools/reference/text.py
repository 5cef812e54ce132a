"""Markdown, and the words that code says of itself: docstrings of modules, classes, and of what is assigned in them."""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "tourpad" / "core"


def page(title: str, intro: str, *parts: str) -> str:
    """One page of the reference."""
    body = [f"# {title}", f"<!-- Made by `make docs` from the code: change the code, not this page. -->\n\n{intro}"]
    return "\n\n".join([*body, *(part for part in parts if part)]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; nothing where it has no rows."""
    lines = [f"| {' | '.join(cell(c) for c in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}", *lines])


def cell(text: str) -> str:
    """Text as it may stand in a cell: one line, no bar."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def code(text: object) -> str:
    """Something of the machine's."""
    return f"`{text}`"


def codes(items: Iterable[object]) -> str:
    """Several of them."""
    return ", ".join(code(item) for item in items)


def anchor(heading: str) -> str:
    """The fragment under which a heading is found, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def doc(thing: Any) -> str:
    """A whole docstring, or nothing. What a dataclass makes up for itself counts for nothing."""
    said = vars(thing).get("__doc__") if isinstance(thing, type) else getattr(thing, "__doc__", None)
    text = inspect.cleandoc(said or "")
    return "" if text.startswith(f"{getattr(thing, '__name__', '')}(") else text


def first(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def prose(text: str) -> str:
    """A docstring without its sections on parameters and errors: those are for who calls it."""
    return re.split(r"\n\n(?:Args|Raises|Returns):\n", text)[0].strip()


@cache
def assigned_docs(module: str, owner: str | None = None) -> dict[str, str]:
    """What the strings below assignments say, by name: of a module, or of one class in it."""
    found = importlib.import_module(module)
    body: list[ast.stmt] = ast.parse(inspect.getsource(found)).body
    if owner is not None:
        body = next(n.body for n in body if isinstance(n, ast.ClassDef) and n.name == owner)
    docs: dict[str, str] = {}
    for statement, below in pairwise(body):
        if not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(below.value.value, str):
                docs[target.id] = " ".join(inspect.cleandoc(below.value.value).split())
    return docs


def attribute_docs(owner: type) -> dict[str, str]:
    """The same for a class and all it derives from, as far as that is ours."""
    docs: dict[str, str] = {}
    for part in reversed(owner.__mro__):
        if part.__module__.startswith("tourpad."):
            docs |= assigned_docs(part.__module__, part.__name__)
    return docs


@cache
def feature_order() -> tuple[str, ...]:
    """The packages and modules of the core in the order in which they may use each other, lowest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c.get("containers") == ["tourpad.core"])
    return tuple(name for layer in reversed(layers) for name in re.findall(r"\w+", layer))


def in_order(module: str) -> tuple[int, str]:
    """Sorts modules of the core by their feature's place; what is not of the core comes last."""
    parts = module.split(".")
    known = parts[:2] == ["tourpad", "core"] and len(parts) > 2 and parts[2] in feature_order()  # noqa: PLR2004
    return (feature_order().index(parts[2]) if known else len(feature_order()), module)


def modules() -> list[ModuleType]:
    """Every module of TourPad but the demo and the sandbox, imported."""
    import tourpad

    names = [
        info.name
        for info in pkgutil.walk_packages(tourpad.__path__, "tourpad.")
        if not re.match(r"tourpad\.(demo|sandbox|__main__|_migrations)\b", info.name)
    ]
    for name in names:
        importlib.import_module(name)
    return [sys.modules[name] for name in sorted(names, key=in_order)]


def subclasses(root: type) -> Iterator[type]:
    """All classes of TourPad that derive from one, each once, sorted by feature and name."""
    known = {module.__name__ for module in modules()}  # not what somebody else has imported, such as the demo
    seen: set[type] = set()
    waiting = [root]
    while waiting:
        for child in waiting.pop().__subclasses__():
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    # A dataclass with slots leaves the class behind that it was made of: only what its module names counts.
    ours = [c for c in seen if c.__module__ in known and vars(sys.modules[c.__module__]).get(c.__name__) is c]
    return iter(sorted(ours, key=lambda c: (*in_order(c.__module__), c.__name__)))


def feature(module: str) -> str:
    """The feature (or room of the house) that a module belongs to."""
    parts = module.split(".")
    return parts[2] if parts[1] == "core" and len(parts) > 2 else parts[1]  # noqa: PLR2004


def dotted(thing: Any) -> str:
    """Where a function lives, from the core on: `bookings.reactions.on_payment_completed`."""
    return f"{thing.__module__}.{thing.__qualname__}".removeprefix("tourpad.").removeprefix("core.")
