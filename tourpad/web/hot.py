"""Hot reads: routes that sign in and read by one statement, without a thread, outside of any transaction.

A route says `**hot(Permission…)`; its handler is `async`, asks `HotReads` and gets the person and the rows together,
or the refusal that any other route would have given. The session is read anew by every statement, so that the next
request after a suspension, a logout or a reset is nobody's here, too (decisions 13 and 39).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from litestar import Request
from litestar.datastructures import State

from tourpad.core.concerts.queries.hot import Statement
from tourpad.core.identity.errors import InvalidToken
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.auth import SignIn, principal_of, session_of
from tourpad.web.needs import HOT, check

PATIENCE: Final = 10.0
"""Seconds to wait for a connection before the answer is that the database is too busy."""
_OPTIONS: Final = "-c timezone=UTC -c statement_timeout=30000"
Rows = list[tuple[Any, ...]]


def hot(*permissions: Permission) -> dict[str, Any]:
    """Options for the decorator of an async handler that asks `HotReads`."""
    return {"opt": {"needs": permissions, HOT: True}}


class HotReads:
    """A few connections of the event loop's own, each committing by itself, with the statements prepared on it."""

    def __init__(self, platform: Platform, sign_in: SignIn) -> None:
        self._platform = platform
        self._sign_in = sign_in
        self._free: list[psycopg.AsyncConnection[tuple[Any, ...]]] = []
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
        claims = request.scope["tourpad_claims"]  # type: ignore[typeddict-item]  # ours, put there by SignIn
        handler = request.route_handler
        if claims is None:
            check(None, handler)
            raise InvalidToken
        self._sign_in.limit.refuse_spent(request.scope, claims.user_id)
        if callable(statement):
            statement = statement(claims.user_id)
        session = session_of(claims, self._platform.clock.now())
        async with self._connection() as connection:
            cursor = await connection.execute(statement.text, (*session, *statement.parameters), prepare=True)
            rows = await cursor.fetchall()
        if not rows:
            raise InvalidToken("The session has ended.")
        principal = principal_of(claims, rows[0], self._platform.settings)
        request.scope["user"] = principal
        if not self._sign_in.limit.admits(request.scope, principal):
            await asyncio.get_running_loop().run_in_executor(None, self._sign_in.limit.ask, request.scope, principal)
        check(principal, handler)
        return principal, rows

    async def close(self) -> None:
        """Close what is open."""
        while self._free:
            await self._free.pop().close()

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[psycopg.AsyncConnection[tuple[Any, ...]]]:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            raise psycopg.OperationalError("Every connection is taken.") from None
        connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        try:
            connection = self._free.pop() if self._free else await self._open()
            yield connection
        except BaseException:
            # Broken, or cut off in the middle of something: not to be used again.
            if connection is not None:
                await connection.close()
            raise
        else:
            self._free.append(connection)
        finally:
            self._places.release()

    async def _open(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        return await psycopg.AsyncConnection.connect(
            self._platform.database_url,
            autocommit=True,
            application_name="tourpad",
            connect_timeout=5,
            options=_OPTIONS,
        )


def hot_reads(state: State) -> HotReads:
    """Those of this application."""
    reads: HotReads = state.hot_reads
    return reads
