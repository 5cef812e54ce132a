"""The application: routes, errors, sign-in, limits and dependencies put together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from litestar import Request
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from tourpad import __version__
from tourpad.core.identity.permissions import Principal
from tourpad.core.platform import Platform
from tourpad.web.application import Application, Together
from tourpad.web.auth import SignIn
from tourpad.web.bodies import ApiRequest
from tourpad.web.errors import HANDLERS
from tourpad.web.floor import Floor
from tourpad.web.hot import HotStatements
from tourpad.web.idempotency import Idempotency
from tourpad.web.json_answer import JsonAnswer
from tourpad.web.live.entering import Entrance
from tourpad.web.live.hub import Hub
from tourpad.web.live.refusing import note_refusal
from tourpad.web.metrics import Metrics
from tourpad.web.needs import check_declared
from tourpad.web.routes import ROUTES
from tourpad.web.routes.docs import Docs
from tourpad.web.steady import Steady
from tourpad.web.unknown import QueryNames

MAX_BODY = 1_000_000
"""Bytes of one request body."""
_EXPOSED = ["X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed"]


def create_app(platform: Platform, *, routes: Sequence[ControllerRouterHandler] = ROUTES) -> Application:
    """The API on one platform. The caller opens the platform and closes it."""
    metrics, sign_in = Metrics(), SignIn(platform)
    app = _assemble(platform, metrics, sign_in, routes)
    app.on_startup.append(partial(_open_hot_statements, app, platform, sign_in))
    app.on_shutdown.append(partial(_close_hot_statements, app))
    app.on_startup.append(partial(_open_sockets, app, platform, sign_in, metrics))
    app.on_shutdown.append(partial(_close_sockets, app))
    app.on_startup.append(_size_threads(platform.settings.database_pool * 2))
    app.asgi_handler = Floor(app.asgi_handler, platform.settings, metrics)
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            check_declared(route.path, handler)
    return app


def _assemble(
    platform: Platform, metrics: Metrics, sign_in: SignIn, routes: Sequence[ControllerRouterHandler]
) -> Application:
    def provide_platform() -> Platform:
        return platform

    # Asks for the platform so that Litestar makes one after the other: what it may make at once, it makes in tasks of
    # their own, which costs more than all of it.
    def provide_principal(request: Request[Any, Any, Any], platform: Platform) -> Principal:  # noqa: ARG001 - above
        return request.scope["user"]

    return Application(
        route_handlers=[Together(routes)],
        request_class=ApiRequest,
        response_class=JsonAnswer,
        middleware=[sign_in, QueryNames(), Steady(platform.settings), Idempotency(platform)],
        dependencies={
            "platform": Provide(provide_platform, sync_to_thread=False),
            "principal": Provide(provide_principal, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        after_exception=[note_refusal],
        cors_config=_cors(platform.settings.cors_origins),
        openapi_config=OpenAPIConfig(
            title="TourPad",
            version=__version__,
            use_handler_docstrings=True,
            openapi_controller=Docs,  # type: ignore[arg-type]  # any controller will do
        ),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        state=State({"metrics": metrics}),
        debug=False,
    )


async def _open_hot_statements(app: Application, platform: Platform, sign_in: SignIn) -> None:
    app.state.hot_statements = HotStatements(platform, sign_in)


async def _close_hot_statements(app: Application) -> None:
    await app.state.hot_statements.close()


async def _open_sockets(app: Application, platform: Platform, sign_in: SignIn, metrics: Metrics) -> None:
    app.state.live = Hub(platform, metrics)
    app.state.live_entrance = Entrance(platform, sign_in)


async def _close_sockets(app: Application) -> None:
    await app.state.live.close()


def _size_threads(count: int) -> Callable[[], Awaitable[None]]:
    """As many handlers at once as there are connections: the rest wait for a thread, not for the pool's time-out."""

    async def size() -> None:
        threads = ThreadPoolExecutor(count, thread_name_prefix="api")
        asyncio.get_running_loop().set_default_executor(threads)

    return size


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    """Browsers of these origins may call; tokens travel in a header, so no cookie is ever allowed along."""
    if not origins:
        return None
    return CORSConfig(allow_origins=list(origins), allow_credentials=False, expose_headers=_EXPOSED, max_age=600)
