"""`WS /api/ws`: messages, receipts and news as they happen."""

import asyncio
from collections import deque
from typing import Any, Final

import msgspec
from litestar import WebSocket, websocket
from litestar.datastructures import State

from tourpad.core.clock import stopwatch
from tourpad.core.errors import TourPadError, UnauthenticatedError
from tourpad.core.identity.permissions import Permission
from tourpad.web.live.connection import Connection
from tourpad.web.live.entering import FIRST_MESSAGE, Entrance, asked_protocols
from tourpad.web.live.hub import Hub, TooManySockets
from tourpad.web.live.places import Place, read_place
from tourpad.web.live.shapes import (
    PROTOCOL,
    Authenticate,
    Close,
    LiveAuthenticated,
    LiveError,
    LivePong,
    LiveReady,
    LiveRefetch,
    LiveResumed,
    Ping,
    RefetchReason,
    Resume,
    Said,
)
from tourpad.web.live.telling import missed
from tourpad.web.needs import HOT

Socket = WebSocket[Any, Any, Any]

SAID_A_MINUTE: Final = 60
"""Messages that one client may send in a minute."""


@websocket("/api/ws", opt={"needs": (Permission.ACCOUNT,), HOT: True, "tags": ["live"]})
async def live(socket: Socket, state: State) -> None:
    """Messages, receipts and notifications of the signed-in person, as they happen.

    The access token comes as a Bearer token in the header; a browser, which can't send one, asks for the protocol
    `tourpad.v1` and sends `{"type": "authenticate", "token": "…"}` first. Every event has a `type`, and those that
    tell something an `id`: send `{"type": "resume", "after": id}` after coming back.
    """
    hub: Hub = state.live
    entrance: Entrance = state.live_entrance
    claims = await entrance.admit(socket)
    hub.check_room(claims.user_id if claims else None)
    await hub.hears()
    await socket.accept(subprotocols=PROTOCOL if PROTOCOL in asked_protocols(socket.scope) else None)
    hub.metrics.socket_opened()
    code = Close.SIGNED_OUT
    try:
        if claims is None:
            token = await _first_token(socket)
            claims = await entrance.sign_in(socket, token)
        connection = Connection(claims)
        hub.join(connection)
    except TourPadError as error:
        code = Close.TOO_MUCH if isinstance(error, TooManySockets) else code
        await socket.send({"type": "websocket.close", "code": code, "reason": error.code})
    else:
        try:
            now = hub.platform.clock.now()
            place = Place(now, claims.session_id)
            connection.put(LiveReady(id=str(place), at=now, user_id=claims.user_id, expires_at=claims.expires_at))
            listening = asyncio.create_task(_listen(socket, hub, entrance, connection))
            code = await connection.run(socket.send, listening)
        finally:
            hub.leave(connection)
    finally:
        hub.metrics.socket_closed(code)


async def _first_token(socket: Socket) -> str:
    """The token that was promised.

    Raises:
        UnauthenticatedError: it did not come in time, or something else did.
    """
    try:
        async with asyncio.timeout(FIRST_MESSAGE):
            message: Any = await socket.receive()
        said = msgspec.json.decode(message.get("text") or b"", type=Authenticate)
    except (TimeoutError, msgspec.MsgspecError):
        raise UnauthenticatedError("No token came.") from None
    return said.token


async def _listen(socket: Socket, hub: Hub, entrance: Entrance, connection: Connection) -> None:
    """Answer what the client says until it goes."""
    times: deque[float] = deque(maxlen=SAID_A_MINUTE)
    while True:
        message: Any = await socket.receive()
        if message["type"] != "websocket.receive":
            return
        now = stopwatch()
        if len(times) == SAID_A_MINUTE and now - times[0] < 60.0:  # noqa: PLR2004 - seconds of a minute
            connection.end(Close.TOO_MUCH, "too many messages")
            return
        times.append(now)
        try:
            said = msgspec.json.decode(message.get("text") or b"", type=Said)
            await _answer(socket, said, hub, entrance, connection)
        except msgspec.MsgspecError as error:
            connection.put(LiveError(code="invalid", title=str(error)))
        except TourPadError as error:
            connection.put(LiveError(code=error.code, title=error.message))


async def _answer(socket: Socket, said: Said, hub: Hub, entrance: Entrance, connection: Connection) -> None:
    if isinstance(said, Ping):
        connection.put(LivePong(at=hub.platform.clock.now()))
    elif isinstance(said, Authenticate):
        claims = await entrance.sign_in(socket, said.token)
        if claims.user_id != connection.user_id:
            connection.end(Close.SIGNED_OUT, "the token is somebody else's")
            return
        connection.claims = claims
        connection.put(LiveAuthenticated(expires_at=claims.expires_at))
    else:
        await _resume(said, hub, entrance, connection)


async def _resume(said: Resume, hub: Hub, entrance: Entrance, connection: Connection) -> None:
    after = read_place(said.after)
    try:
        principal = await entrance.principal(connection.claims)
    except UnauthenticatedError:
        connection.end(Close.SIGNED_OUT, "the session has ended")
        return
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, missed, hub.platform, principal, after)
    if isinstance(found, RefetchReason):
        connection.put(LiveRefetch(reason=found))
        return
    for text in found:
        connection.put(text)
    connection.put(LiveResumed(count=len(found)))


ROUTES = (live,)
