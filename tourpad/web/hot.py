"""Hot requests: routes that sign in and do their work by one statement, without a thread, outside of the ordinary pool.

A route says `**hot(Permission…)`; its handler is `async`, asks `hot_statements(request)` and gets the person and the
rows together, or the refusal that any other route would have given. The session is read anew by every statement, so
that the next request after a suspension, a logout or a reset is nobody's here, too (decisions 13 and 39).

The connections are the role `tourpad_hot`'s, which may do what these statements do and reads no address (decision 66).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
from litestar import Request

from tourpad.core.concerts.queries.hot import NOTHING_MORE, Statement
from tourpad.core.database.roles import HOT as ROLE
from tourpad.core.identity.errors import InvalidToken
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.tokens import AccessClaims
from tourpad.core.platform import Platform
from tourpad.web.auth import SignIn, principal_of, session_of
from tourpad.web.needs import CLAIMS, HOT, check

PATIENCE: Final = 10.0
"""Seconds to wait for a connection before the answer is that the database is too busy."""
_OPTIONS: Final = f"-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=200 -c role={ROLE}"
"""The few connections wait for nobody's lock for long: reads need them. After 200 ms the ordinary way waits instead."""
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Rows = list[tuple[Any, ...]]


def hot(*permissions: Permission) -> dict[str, Any]:
    """Options for the decorator of an async handler that asks `hot_statements`."""
    return {"opt": {"needs": permissions, HOT: True}}


class HotStatements:
    """A few connections of the event loop's own, each committing by itself, with the statements prepared on it."""

    def __init__(self, platform: Platform, sign_in: SignIn) -> None:
        self.platform = platform
        self.sign_in = sign_in
        self._free: list[Connection] = []
        self._places = asyncio.Semaphore(platform.settings.database_pool)

    async def read(
        self, request: Request[Any, Any, Any], statement: Statement | Callable[[UUID], Statement]
    ) -> tuple[Principal, Rows]:
        """Sign the request in and run a statement that begins with `SIGN_IN`, both in one.

        Args:
            request: the request.
            statement: what to read; a function of the person's id where it depends on who asks. Its rows begin with
                what `SIGN_IN` answers, and there is none unless the session is good.

        Raises:
            UnauthenticatedError: nobody is signed in, or the session has ended.
            ForbiddenError: signed in, but not entitled.
            LimitedError: the caller sends more than their role may.
        """
        claims = _claims(request)
        limit = self.sign_in.limit
        # Refused or counted before anything is read, by what is known of them here; who is new is asked for below.
        is_counted = limit.admits_person(request.scope, claims.user_id)
        if callable(statement):
            statement = statement(claims.user_id)
        rows = await self._rows(claims, statement)
        principal = self._principal(request, claims, rows)
        if not is_counted:
            await asyncio.get_running_loop().run_in_executor(None, limit.ask, request.scope, principal)
        check(principal, request.route_handler)
        return principal, rows

    async def write(
        self, request: Request[Any, Any, Any], statement: Callable[[UUID], Statement | None]
    ) -> tuple[Principal, Rows | None]:
        """Sign the request in and run a statement that writes, both in one.

        The statement must itself do nothing for whoever may not do this: it has run when they are told so.

        Args:
            request: the request.
            statement: a function of the person's id; it answers nothing where there is nothing to be tried.

        Returns:
            The person, and the rows; none where nothing was tried, or others were in the way.

        Raises:
            UnauthenticatedError: nobody is signed in, or the session has ended.
            ForbiddenError: signed in, but not entitled.
            LimitedError: the caller sends more than their role may.
        """
        claims = _claims(request)
        wanted = statement(claims.user_id)
        # Nothing is written before it is counted: where nothing is known of the caller here, by a statement of its own.
        if wanted is None or not self.sign_in.limit.admits_person(request.scope, claims.user_id):
            principal, _ = await self.read(request, NOTHING_MORE)
            if wanted is None:
                return principal, None
        try:
            rows = await self._rows(claims, wanted)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UniqueViolation):
            return (await self.read(request, NOTHING_MORE))[0], None
        principal = self._principal(request, claims, rows)
        check(principal, request.route_handler)
        return principal, rows

    async def close(self) -> None:
        """Close what is open."""
        while self._free:
            await self._free.pop().close()

    async def execute(self, text: LiteralString, parameters: Sequence[Any] = ()) -> Rows:
        """The rows of a statement, by one of the few connections.

        Raises:
            psycopg.OperationalError: none is free for too long, or none can be had.
        """
        if self._places.locked():
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._places.acquire()
            except TimeoutError:
                raise psycopg.OperationalError("Every connection is taken.") from None
        else:
            await self._places.acquire()  # at once
        connection: Connection | None = None
        try:
            connection = self._free.pop() if self._free else await self._open()
            cursor = await connection.execute(text, parameters, prepare=True)
            rows = await cursor.fetchall()
        except BaseException:
            # Broken, or cut off in the middle of something: not to be used again.
            if connection is not None:
                await connection.close()
            raise
        else:
            self._free.append(connection)
            return rows
        finally:
            self._places.release()

    async def _rows(self, claims: AccessClaims, statement: Statement) -> Rows:
        session = session_of(claims, self.platform.clock.now())
        return await self.execute(statement.text, (*session, *statement.parameters))

    def _principal(
        self, request: Request[Any, Any, Any], claims: AccessClaims, rows: Sequence[tuple[Any, ...]]
    ) -> Principal:
        if not rows:
            raise InvalidToken("The session has ended.")
        principal = request.scope["user"] = principal_of(claims, rows[0], self.sign_in.rules)
        return principal

    async def _open(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self.platform.database_url,
            autocommit=True,
            application_name="tourpad",
            connect_timeout=5,
            options=_OPTIONS,
        )


def hot_statements(request: Request[Any, Any, Any]) -> HotStatements:
    """Those of this application. Asked for by hand: a dependency of the framework costs as much as half the sign-in."""
    statements: HotStatements = request.scope["litestar_app"].state["hot_statements"]
    return statements


def _claims(request: Request[Any, Any, Any]) -> AccessClaims:
    claims: AccessClaims | None = request.scope.get(CLAIMS)  # type: ignore[assignment]  # ours, put there by SignIn
    if claims is None:
        check(None, request.route_handler)
        raise InvalidToken
    return claims
