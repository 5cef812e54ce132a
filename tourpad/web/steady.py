"""Answers that come no sooner than a floor, so that their time does not tell what was done.

For routes that do something for a known mail address and nothing for an unknown one. The wait holds no thread and no
connection. Where both can do the same work instead, they do (`identity/service/registration.py`).
"""

import asyncio
from enum import StrEnum
from typing import Final

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from tourpad.core.clock import stopwatch
from tourpad.core.settings import Settings
from tourpad.web.layer import Layer

STEADY: Final = "steady"
"""Key in a handler's `opt`: its answers wait, by `Waits`."""
FLOOR: Final = 0.15
"""Seconds: many times what a mail as a row takes."""
PASSWORD_FLOOR: Final = 0.6
"""Seconds: more than a password takes by Argon2id as it is made here (0.05 of a core), and by the old bcrypt (0.36)."""
_USUAL_COST: Final = 19_456
"""KiB of Argon2id for which the latter is meant. Tests take a fraction, and wait for a fraction."""
_REFUSED: Final = 400


class Waits(StrEnum):
    """Which answers wait for which floor."""

    MAIL = "mail"
    """All, as long as a mail takes."""
    PASSWORD = "password"  # noqa: S105 - what is waited for
    """All, as long as a password takes."""
    REFUSAL = "refusal"
    """Refusals alone, likewise: whoever gets in does not wait."""


class Steady(Layer):
    """Holds an answer back until the floor."""

    def __init__(self, settings: Settings) -> None:
        self._password_floor = PASSWORD_FLOOR * min(1.0, settings.password_memory_kib / _USUAL_COST)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through, and its answer when it is time."""
        waits: Waits | None = scope["route_handler"].opt.get(STEADY)
        if waits is None:
            await next_app(scope, receive, send)
            return
        floor = FLOOR if waits is Waits.MAIL else self._password_floor
        least = _REFUSED if waits is Waits.REFUSAL else 0
        began = stopwatch()

        async def later(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= least:
                await asyncio.sleep(max(0.0, floor - (stopwatch() - began)))
            await send(message)

        await next_app(scope, receive, later)
