"""The application: routes, errors, sign-in and dependencies put together."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from tourpad import __version__
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

    def provide_platform() -> Platform:
        return platform

    def provide_principal(request: Request[Any, Any, Any]) -> Principal:
        return request.scope["user"]

    app = Litestar(
        route_handlers=list(routes),
        guards=[guard],
        middleware=[SignIn(platform)],
        dependencies={
            "platform": Provide(provide_platform, sync_to_thread=False),
            "principal": Provide(provide_principal, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        cors_config=CORSConfig(allow_origins=list(platform.settings.cors_origins)) if platform.settings.cors_origins else None,
        openapi_config=OpenAPIConfig(title="TourPad", version=__version__, path="/docs", use_handler_docstrings=True),
        request_max_body_size=MAX_BODY,
        debug=False,
    )
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                check_declared(route.path, handler)
    return app
