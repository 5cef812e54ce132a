"""Who may open a socket: from which pages, with which token."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from litestar import WebSocket
from litestar.types import Scope

from tourpad.core.errors import ForbiddenError, UnauthenticatedError
from tourpad.core.identity.tokens import AccessClaims
from tourpad.core.platform import Platform
from tourpad.web.auth import SignIn, bearer
from tourpad.web.live.shapes import PROTOCOL
from tourpad.web.needs import check

Socket = WebSocket[Any, Any, Any]


class OriginRefused(ForbiddenError):
    """The page that asks is none of those that may."""

    code = "origin_refused"


class Entrance:
    """Looks at whoever comes."""

    def __init__(self, platform: Platform, sign_in: SignIn) -> None:
        self._origins = frozenset(platform.settings.page_origins)
        self._sign_in = sign_in

    async def admit(self, socket: Socket) -> AccessClaims | None:
        """Whom the header signs in; nobody yet where a token is to come as the first message.

        Raises:
            OriginRefused: a browser's page of another site asks.
            UnauthenticatedError: no good token, and none promised.
            ForbiddenError: signed in, but not entitled.
            LimitedError: too many requests.
        """
        origin = socket.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise OriginRefused("Pages of this origin may not open sockets.", hint="TOURPAD_CORS_ORIGINS lists those.")
        token = bearer(socket.scope)
        if token is not None:
            return await self.sign_in(socket, token)
        if PROTOCOL not in asked_protocols(socket.scope):
            raise UnauthenticatedError(
                "Sign in first.",
                hint=f"Send the access token as a Bearer token; from a browser ask for the protocol {PROTOCOL} and send"
                ' {"type": "authenticate", "token": "…"} first.',
            )
        await self._count(socket.scope, None)
        return None

    async def sign_in(self, socket: Socket, token: str) -> AccessClaims:
        """Whom a token signs in.

        Raises:
            UnauthenticatedError: nobody.
            ForbiddenError: signed in, but not entitled.
            LimitedError: too many requests.
        """
        claims = self._sign_in.claims(token)
        principal = await asyncio.get_running_loop().run_in_executor(None, self._sign_in.principal, token)
        check(principal, socket.route_handler)
        await self._count(socket.scope, principal)
        return claims

    async def principal(self, claims: AccessClaims) -> Any:
        """Who that is right now.

        Raises:
            UnauthenticatedError: the session has ended.
        """
        return await asyncio.get_running_loop().run_in_executor(None, self._sign_in.standing, claims)

    async def _count(self, scope: Scope, principal: Any) -> None:
        if not self._sign_in.limit.admits(scope, principal):
            await asyncio.get_running_loop().run_in_executor(None, self._sign_in.limit.ask, scope, principal)


def asked_protocols(scope: Scope) -> Sequence[str]:
    """What the client can speak."""
    asked: Sequence[str] = scope.get("subprotocols", ())
    return asked


FIRST_MESSAGE: Final = 5.0
"""Seconds in which the token comes that was promised."""
