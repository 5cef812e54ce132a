"""`states.md`: every table of allowed moves, drawn; and every other enumeration."""

import importlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any

from tools.reference.text import CORE, assigned_docs, attribute_docs, codes, doc, feature_order, page, prose, table

Moves = Mapping[StrEnum, frozenset[StrEnum]]


def render() -> str:
    """The page."""
    intro = (
        "What every entity may become, drawn from the tables in `tourpad/core/*/states.py`. A move that is not listed"
        " is refused under a row lock with the code `illegal_move`; the database holds the values by a CHECK."
    )
    return page("States", intro, *(part for module in state_modules() for part in _module(module)))


def state_modules() -> list[ModuleType]:
    """The `states.py` of every feature, in the order of features."""
    names = [name for name in feature_order() if (CORE / name / "states.py").is_file()]
    return [importlib.import_module(f"tourpad.core.{name}.states") for name in names]


def move_tables(module: ModuleType) -> Iterator[tuple[str, type[StrEnum], Moves]]:
    """Each table of moves of a module: its name, the enumeration, the table."""
    for name, value in vars(module).items():
        if name.endswith("MOVES") and isinstance(value, Mapping):
            moves: Moves = value
            yield name, type(next(iter(moves))), moves


def _module(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__.split('.')[2]}\n\n{prose(doc(module))}"
    machines = {kind: (name, moves) for name, kind, moves in move_tables(module)}
    docs = assigned_docs(module.__name__)
    for kind in _enumerations(module):
        yield f"### {kind.__name__}\n\n{prose(doc(kind))}"
        if kind in machines:
            name, moves = machines[kind]
            yield _diagram(kind, moves)
            yield _table(kind, moves)
            yield docs.get(name, "")
        else:
            said = attribute_docs(kind)
            yield (
                table(("value", "meaning"), ((f"`{m.value}`", said.get(m.name, "")) for m in kind))
                if said
                else (codes(m.value for m in kind))
            )
        yield from _groups(module, kind, docs)


def _enumerations(module: ModuleType) -> list[type[StrEnum]]:
    own: list[Any] = [value for value in vars(module).values() if isinstance(value, type)]
    return [v for v in own if issubclass(v, StrEnum) and v.__module__ == module.__name__]


def _groups(module: ModuleType, kind: type[StrEnum], docs: Mapping[str, str]) -> Iterator[str]:
    """Named sets of states, like those that hold seats."""
    for name, value in vars(module).items():
        if name.isupper() and not name.startswith("_") and isinstance(value, frozenset) and value <= set(kind):
            yield f"`{name}`: {codes(m.value for m in kind if m in value)}. {docs.get(name, '')}".strip()


def _diagram(kind: type[StrEnum], moves: Moves) -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(kind))}"]
    for state in kind:
        onward = moves.get(state, frozenset())
        lines += [f"    {state} --> {to}" for to in kind if to in onward]
        if not onward:
            lines.append(f"    {state} --> [*]")
    return "\n".join([*lines, "```"])


def _table(kind: type[StrEnum], moves: Moves) -> str:
    said = attribute_docs(kind)
    headings = ("state", "may become", "meaning") if said else ("state", "may become")
    rows = [
        (
            f"`{s.value}`",
            codes(t.value for t in kind if t in moves.get(s, frozenset())) or "an end",
            said.get(s.name, ""),
        )
        for s in kind
    ]
    return table(headings, (row[: len(headings)] for row in rows))
