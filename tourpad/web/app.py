"""The application: routes, errors, sign-in and dependencies put together."""

import warnings
from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from tourpad.core.identity.permissions import Principal
from tourpad.core.platform import Platform
from tourpad.web.auth import SignIn
from tourpad.web.errors import HANDLERS
from tourpad.web.needs import check_declared, guard
from tourpad.web.routes import ROUTES

MAX_BODY = 1_000_000
"""Bytes of one request body."""


def create_app(platform: Platform, *, routes: Sequence[ControllerRouterHandler] = ROUTES) -> Litestar:
    """The API on one platform. The caller opens the platform and closes it."""
    with warnings.catch_warnings():
        # Litestar 3 will want a marker on every body, dependency and parameter; our pin is 2.25, and bare types read better.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = _assemble(platform, routes)
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            check_declared(route.path, handler)
    return app


def _assemble(platform: Platform, routes: Sequence[ControllerRouterHandler]) -> Litestar:
    def provide_platform() -> Platform:
        return platform

    def provide_principal(request: Request[Any, Any, Any]) -> Principal:
        return request.scope["user"]

    return Litestar(
        route_handlers=list(routes),
        guards=[guard],
        middleware=[SignIn(platform)],
        dependencies={
            "platform": Provide(provide_platform, sync_to_thread=False),
            "principal": Provide(provide_principal, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        cors_config=CORSConfig(allow_origins=list(platform.settings.cors_origins))
        if platform.settings.cors_origins
        else None,
        openapi_config=None,
        request_max_body_size=MAX_BODY,
        debug=False,
    )
