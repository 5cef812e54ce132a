"""Sign-in of requests: a Bearer access token becomes a `Principal`, or the request is nobody's."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from tourpad.core.database.quick import fetch_row
from tourpad.core.errors import UnauthenticatedError
from tourpad.core.identity import queries, tokens
from tourpad.core.identity.agreements import Agreed, outstanding
from tourpad.core.identity.errors import InvalidToken
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.identity.tokens import AccessClaims
from tourpad.core.platform import Platform
from tourpad.core.settings import Env, Settings
from tourpad.web.layer import Layer
from tourpad.web.limits import GeneralLimit
from tourpad.web.needs import CLAIMS, HOT, PUBLIC, check, wanted_by

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
IDEMPOTENCY_KEY: Final = b"idempotency-key"
_SCHEME: Final = b"bearer "


class SignIn(Layer):
    """Puts a `Principal` or `None` into `scope["user"]`, and refuses whoever may not do what the route does.

    The session and the person are read by one small query a request, outside any transaction, so that the next
    request after a suspension, a logout or a reset is nobody's. A token that is not good is 401; on a public route it
    counts for nothing, so that signing in again works with an old token still attached.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.limit = GeneralLimit(platform)
        self.rules = Rules.of(platform.settings)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Sign the request in, then go on."""
        scope["user"] = None
        if scope["type"] == ScopeType.WEBSOCKET:
            # Sockets that are hot sign in by themselves (`web/live/entering.py`); there are no others.
            if not scope["route_handler"].opt.get(HOT):
                check(None, scope["route_handler"])
            await next_app(scope, receive, send)
            return
        token = bearer(scope)
        if scope["route_handler"].opt.get(HOT) and not _has_key(scope):
            claims = None if token is None else self.claims(token)
            if claims is None:
                check(None, scope["route_handler"])
            scope[CLAIMS] = claims  # type: ignore[literal-required]  # ours, read by web/hot.py
            await next_app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        if token is not None:
            try:
                scope["user"] = await loop.run_in_executor(None, self.principal, token)
            except UnauthenticatedError:
                if PUBLIC not in wanted_by(scope["route_handler"]):
                    raise
        if not self.limit.admits(scope, scope["user"]):
            await loop.run_in_executor(None, self.limit.ask, scope, scope["user"])
        check(scope["user"], scope["route_handler"])
        await next_app(scope, receive, send)

    def principal(self, token: str) -> Principal:
        """Whom a token stands for now.

        Raises:
            InvalidToken: nobody.
        """
        return self.standing(self.claims(token))

    def standing(self, claims: AccessClaims) -> Principal:
        """Who that is now, if their session stands.

        Raises:
            InvalidToken: it has ended.
        """
        row = fetch_row(self._platform.engine, queries.SIGN_IN, session_of(claims, self._platform.clock.now()))
        if row is None:
            raise InvalidToken("The session has ended.")
        return principal_of(claims, row, self.rules)

    def claims(self, token: str) -> AccessClaims:
        """What a token says, for as long as it is good.

        Raises:
            InvalidToken: nothing.
        """
        return tokens.read_access(self._platform.settings.secret, token, now=self._platform.clock.now())


def session_of(claims: AccessClaims, now: datetime) -> tuple[UUID, UUID, datetime, datetime]:
    """The parameters of `SIGN_IN`."""
    return claims.session_id, claims.user_id, now, claims.issued_at


class Rules(NamedTuple):
    """What the settings have to say of who may do what."""

    terms: str
    privacy: str
    is_local: bool
    wants_second_factor: bool

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Those of a process."""
        return cls(settings.terms_version, settings.privacy_version, settings.is_local, settings.env is Env.PRODUCTION)


def principal_of(claims: AccessClaims, row: Sequence[Any], rules: Rules) -> Principal:
    """Who it is, from what `SIGN_IN` found: the first columns of the row."""
    return _principal(claims.user_id, claims.session_id, tuple(row[: queries.SIGN_IN_COLUMNS]), rules)


@lru_cache(maxsize=4_096)
def _principal(user_id: UUID, session_id: UUID, row: tuple[Any, ...], rules: Rules) -> Principal:
    """Remembered by all that it is made from, so that somebody of whom nothing has changed is not made anew."""
    user_type = UserType(row[0])
    to_agree = outstanding(
        Agreed(row[4], row[5], row[6]),
        user_type=user_type,
        terms=rules.terms,
        privacy=rules.privacy,
        local=rules.is_local,
    )
    return Principal(
        user_id=user_id,
        session_id=session_id,
        user_type=user_type,
        state=UserState(row[1]),
        name=row[2],
        lacks_second_factor=row[3] and rules.wants_second_factor,
        has_to_agree=tuple(to_agree),
    )


def _has_key(scope: Scope) -> bool:
    """Whether the answer is to be kept (`web/idempotency.py`): that is done for somebody who is signed in."""
    return scope.get("method") in UNSAFE and any(name == IDEMPOTENCY_KEY for name, _ in scope["headers"])


def bearer(scope: Scope) -> str | None:
    """The token in the header, if there is one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[: len(_SCHEME)].lower() == _SCHEME:
                return value[len(_SCHEME) :].strip().decode("latin-1")
            return None
    return None
