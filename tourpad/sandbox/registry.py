"""Which function answers which operation. `routes` imports them all."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tourpad.sandbox.errors import Obj
from tourpad.sandbox.store import Tx


class Call(NamedTuple):
    """One request's parameters, typed and checked; `ids` come from the path."""

    ids: tuple[str, ...]
    params: Obj

    @property
    def id(self) -> str:
        """The first id of the path."""
        return self.ids[0]


Handler = Callable[[Tx, Call], Obj]
Due = Callable[[Tx, str], None]
ROUTES: dict[tuple[str, str], Handler] = {}
DUE: dict[str, Due] = {}


def operation(method: str, path: str) -> Callable[[Handler], Handler]:
    """Register the handler of an operation, named as Stripe's document names it."""

    def register(handler: Handler) -> Handler:
        ROUTES[method, path] = handler
        return handler

    return register


def due(kind: str) -> Callable[[Due], Due]:
    """Register what is done when work of this kind falls due."""

    def register(handler: Due) -> Due:
        DUE[kind] = handler
        return handler

    return register


class Table:
    """Routes compiled for looking up: by exact path first, then by pattern."""

    def __init__(self) -> None:
        """Compile what is registered by now."""
        self.exact: dict[tuple[str, str], tuple[str, Handler]] = {}
        self.patterns: dict[tuple[str, str, int], list[tuple[re.Pattern[str], str, Handler]]] = {}
        for (method, path), handler in sorted(ROUTES.items(), key=lambda item: item[0][1].count("{")):
            name = f"{method} {path}"
            if "{" not in path:
                self.exact[method, path] = (name, handler)
                continue
            pattern = re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", path) + r"\Z")
            self.patterns.setdefault((method, path.split("/")[1], path.count("/")), []).append((pattern, name, handler))

    def find(self, method: str, path: str) -> tuple[str, Handler, tuple[Any, ...]] | None:
        """Return (operation, handler, ids of the path)."""
        exact = self.exact.get((method, path))
        if exact:
            return (*exact, ())
        for pattern, name, handler in self.patterns.get((method, path.split("/", 2)[1], path.count("/")), ()):
            found = pattern.match(path)
            if found:
                return name, handler, found.groups()
        return None
