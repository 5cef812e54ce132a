"""The API for tests.

Parsing its routes takes 0.4 s of work, so a worker does that once, and lends the application to one platform after
another. Nothing is left of the one before: sign-in, limits, idempotency and metrics are made anew each time.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

    from tourpad.core.settings import Settings

OF_ONE_TEST = {"database_url", "home"}
"""Settings that differ from test to test, and that no part of the API keeps for itself."""


class Lent(Platform):
    """Whatever platform an application stands on just now."""

    def __init__(self, platform: Platform) -> None:
        self.move(platform)

    def move(self, platform: Platform) -> None:
        """Stand on another one."""
        object.__setattr__(self, "_on", platform)

    def __getattribute__(self, name: str) -> Any:
        if name == "move":
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "_on"), name)


class Lending:
    """An application and what of it knows its platform."""

    def __init__(self, platform: Platform) -> None:
        from tourpad.web.app import create_app

        self.platform = Lent(platform)
        self.app: Litestar = create_app(self.platform)
        self._inner = vars(self.app.asgi_handler)["_app"]

    def move(self, platform: Platform) -> None:
        """Begin anew on another platform."""
        from tourpad.web.floor import Floor

        self.platform.move(platform)
        for part in _knowing(self.app.middleware):
            vars(part).update(vars(type(part)(self.platform)))
        metrics = self.app.state.metrics
        vars(metrics).update(vars(type(metrics)()))
        self.app.asgi_handler = Floor(self._inner, platform.settings, metrics)


def _knowing(middleware: Iterable[Any]) -> list[Any]:
    return [part for part in middleware if "_platform" in vars(part)]


_IDLE: defaultdict[str, list[Lending]] = defaultdict(list)


@contextmanager
def client_of(platform: Platform, **options: Any) -> "Generator[TestClient[Any]]":
    """A client of the whole application on a platform."""
    from litestar.testing import TestClient

    idle = _IDLE[_alike(platform.settings)]
    if idle:
        lending = idle.pop()
        lending.move(platform)
    else:
        lending = Lending(platform)
    with TestClient(lending.app, **options) as client:
        yield client
    idle.append(lending)


def _alike(settings: "Settings") -> str:
    """The same for settings by which the same application is made."""
    return repr([(f.name, getattr(settings, f.name)) for f in fields(settings) if f.name not in OF_ONE_TEST])
