"""Which errors a function may raise: read from its source, and from that of everything it calls.

Calls that can be resolved by name are followed: functions of TourPad, wherever they are, and the reactions to
events that are emitted. A call through the gateways stands for that gateway's errors.
"""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, MethodType, ModuleType
from typing import Any

import typer

from tourpad.core.errors import TourPadError
from tourpad.core.events import Event

GATEWAYS = {"stripe": "tourpad.core.gateways.stripe.errors", "mail": "tourpad.core.gateways.mail.errors"}
"""Attributes of the platform behind which an outside service is."""

NOWHERE = object()


@dataclass(slots=True)
class Endings:
    """How a function may end but well."""

    errors: set[type[TourPadError]] = field(default_factory=set[type[TourPadError]])
    exits: set[int] = field(default_factory=set[int])
    """Arguments of `typer.Exit`."""


def endings(function: Callable[..., Any]) -> Endings:
    """All that is raised by a function and by what it calls."""
    found = Endings()
    waiting: list[Any] = [function]
    seen: set[Any] = set()
    while waiting:
        one = _plain(waiting.pop())
        if one is None or one in seen:
            continue
        seen.add(one)
        own, mentioned = _own(one)
        found.errors |= own.errors
        found.exits |= own.exits
        waiting += mentioned
    return found


@cache
def _own(function: FunctionType) -> tuple[Endings, tuple[FunctionType, ...]]:
    """How one function itself may end, and which of ours it mentions: the same whoever calls it, so read once."""
    from tourpad.core.reactions import REACTIONS

    found = Endings()
    mentioned: list[Any] = []
    node = _node(function)
    if node is None:
        return found, ()
    parts = tuple(ast.walk(node))
    for thing, call in _mentioned(parts, _scope(function, parts)):
        if isinstance(thing, type):
            if call is not None and issubclass(thing, TourPadError):
                found.errors.add(thing)
            elif call is not None and issubclass(thing, Event):
                mentioned += REACTIONS.get(thing, ())
            elif thing is typer.Exit and isinstance(call, ast.Call):
                found.exits |= {a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, int)}
        else:
            mentioned.append(thing)
    found.errors |= _outside(parts)
    return found, tuple(one for thing in mentioned if (one := _plain(thing)) is not None)


def _mentioned(parts: Iterable[ast.AST], scope: dict[str, Any]) -> Iterator[tuple[Any, ast.AST | None]]:
    """What names stand for: what is called or raised together with that call, what is only named with nothing."""
    called: dict[ast.AST, ast.AST] = {}
    for part in parts:
        if isinstance(part, ast.Call):
            called[part.func] = part
        elif isinstance(part, ast.Raise) and part.exc is not None and not isinstance(part.exc, ast.Call):
            called[part.exc] = part
    for part in parts:
        if isinstance(part, ast.Name | ast.Attribute):
            thing = _resolve(part, scope)
            if thing is not NOWHERE:
                yield thing, called.get(part)


def _resolve(node: ast.AST, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return scope.get(node.id, NOWHERE)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, scope)
        if isinstance(owner, ModuleType | type):
            return inspect.getattr_static(owner, node.attr, NOWHERE)
    return NOWHERE


def _outside(parts: Iterable[ast.AST]) -> set[type[TourPadError]]:
    """The errors of the gateways that are used here."""
    used = {part.attr for part in parts if isinstance(part, ast.Attribute)} & GATEWAYS.keys()
    return {error for name in used for error in _errors_of(GATEWAYS[name])}


@cache
def _errors_of(module: str) -> frozenset[type[TourPadError]]:
    found: list[Any] = [v for v in vars(importlib.import_module(module)).values() if isinstance(v, type)]
    return frozenset(v for v in found if issubclass(v, TourPadError) and v.__module__ == module)


def _plain(thing: Any) -> FunctionType | None:
    """The function itself, where it is one of ours."""
    if isinstance(thing, classmethod | staticmethod | MethodType):
        thing = thing.__func__
    thing = inspect.unwrap(thing) if callable(thing) else thing
    ours = isinstance(thing, FunctionType) and thing.__module__.startswith("tourpad.")
    return thing if ours else None


def _scope(function: FunctionType, parts: Iterable[ast.AST]) -> dict[str, Any]:
    """What names mean inside: the module's, and what the function imports for itself."""
    scope = dict(function.__globals__)
    for part in parts:
        if isinstance(part, ast.ImportFrom) and part.module and part.module.startswith("tourpad"):
            source = importlib.import_module(part.module)
            for alias in part.names:
                value = getattr(source, alias.name, NOWHERE)
                if value is NOWHERE:
                    value = importlib.import_module(f"{part.module}.{alias.name}")
                scope[alias.asname or alias.name] = value
    return scope


def _node(function: FunctionType) -> ast.AST | None:
    return _functions(function.__module__).get((function.__qualname__, function.__code__.co_firstlineno))


@cache
def _functions(module: str) -> dict[tuple[str, int], ast.AST]:
    """Every function of a module by its qualified name and first line (that of its first decorator)."""
    found: dict[tuple[str, int], ast.AST] = {}

    def look(body: list[ast.stmt], prefix: str) -> None:
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                line = min([statement.lineno, *(d.lineno for d in statement.decorator_list)])
                found[prefix + statement.name, line] = statement
                look(statement.body, f"{prefix}{statement.name}.<locals>.")
            elif isinstance(statement, ast.ClassDef):
                look(statement.body, f"{prefix}{statement.name}.")

    look(ast.parse(inspect.getsource(importlib.import_module(module))).body, "")
    return found
