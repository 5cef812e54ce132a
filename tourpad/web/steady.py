"""Answers that come no sooner than a floor, so that their time does not tell what was done.

For routes that do something for a known mail address and nothing for an unknown one. The wait holds no thread and no
connection. Where both can do the same work instead, they do (`identity/service/registration.py`).
"""

import asyncio
from typing import Final

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tourpad.core.clock import stopwatch

STEADY: Final = "steady"
"""Key in a handler's `opt`: its answers wait for the floor."""
FLOOR: Final = 0.15
"""Seconds: many times what a mail as a row takes."""


class Steady(ASGIMiddleware):
    """Holds an answer back until the floor."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through, and its answer when it is time."""
        if not scope["route_handler"].opt.get(STEADY):
            await next_app(scope, receive, send)
            return
        began = stopwatch()

        async def later(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(max(0.0, FLOOR - (stopwatch() - began)))
            await send(message)

        await next_app(scope, receive, later)
