"""Litestar as this API uses it: what a process may never be asked for is not made at its start (decision 68)."""

from collections.abc import Sequence
from threading import Lock
from typing import Any, Self, cast

from litestar import Litestar, Router
from litestar._kwargs import KwargsModel
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.types import ControllerRouterHandler
from litestar.types.internal_types import RouteHandlerMapItem
from litestar.utils.path import join_paths

from tourpad.web.unknown import READ, declare


class Application(Litestar):
    """Litestar that reads a handler when it is first called, not all three hundred before it answers one.

    To read one is to take its signature apart and to make the model that its arguments are checked by. Litestar does
    so when it registers a handler, and a wrong declaration ends the start; here it ends the suite, which reads all.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        """Without those for shapes of other libraries: they load pydantic where it is found."""
        return [*plugins, MsgspecDIPlugin()]

    def register(self, value: ControllerRouterHandler) -> None:  # type: ignore[override]  # as Litestar's own
        """Register handlers as Litestar does, but those of HTTP unread."""
        for route in Router.register(self, value):
            if isinstance(route, HTTPRoute):
                _keep_unread(self, route)
            else:
                handler = cast("Any", route).route_handler
                handler.on_registration(self)
                if isinstance(route, WebSocketRoute):
                    model = handler.create_kwargs_model(path_parameters=route.path_parameters)
                    route.handler_parameter_model = model
            for plugin in self.plugins.receive_route:
                plugin.receive_route(route)
        self.asgi_router.construct_routing_trie()


def read_all(app: Litestar) -> None:
    """Read what nobody has called yet.

    Raises:
        ImproperlyConfiguredException: a handler is wrongly declared.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in list(route.route_handler_map.values()):
                if isinstance(model, _Unread):
                    model.read()


def _keep_unread(app: Litestar, route: HTTPRoute) -> None:
    for handler in route.route_handlers:
        handler.resolve_opts()  # who may call it, say: asked before it is called
        unread = _Unread(app, route, handler)
        handler.opt[READ] = unread.read
        model = cast("KwargsModel", unread)
        route.route_handler_map.update(dict.fromkeys(handler.http_methods, (handler, model)))


class _Unread:
    """Stands for the model of a handler's arguments until somebody looks at it."""

    def __init__(self, app: Litestar, route: HTTPRoute, handler: HTTPRouteHandler) -> None:
        self._app, self._route, self._handler = app, route, handler
        self._model: KwargsModel | None = None
        self._lock = Lock()  # the loop of the server reads, and the thread that describes the API

    def __getattr__(self, name: str) -> Any:
        return getattr(self.read(), name)

    def read(self) -> KwargsModel:
        """The model itself, which then stands in its own place."""
        with self._lock:
            if self._model is None:
                self._handler.on_registration(self._app)
                model = self._handler.create_kwargs_model(path_parameters=self._route.path_parameters)
                declare(self._handler, (parameter.field_alias for parameter in model.expected_query_params))
                self._route.route_handler_map.update(dict.fromkeys(self._handler.http_methods, (self._handler, model)))
                self._model = model
            return self._model


class Together(Router):
    """All handlers by their paths, so that the application makes one route for each path, with all of its methods.

    One by one, every further method of a path would make its route anew, which puts its handlers into a thread inside
    a thread, and the answer to OPTIONS would name only the first.
    """

    def __init__(self, routes: Sequence[ControllerRouterHandler]) -> None:
        super().__init__("/", route_handlers=[])
        self._handlers: dict[str, RouteHandlerMapItem] = {}
        for route in routes:
            found = self._validate_registration_value(route)  # makes handlers of what is none, and says whose they are
            for path, methods in self.get_route_handler_map(found).items():
                self._handlers.setdefault(join_paths([path]), {}).update(methods)

    @property
    def route_handler_method_map(self) -> dict[str, RouteHandlerMapItem]:
        """What the application makes its routes of."""
        return self._handlers

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        """It is made for one application: Litestar would copy it to the bottom, a third of what registering takes."""
        return self
