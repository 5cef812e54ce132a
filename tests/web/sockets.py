"""A client of sockets that remembers what it was told."""

import json
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

PATIENCE = 30.0
PROTOCOL = "tourpad.v1"


def token_of(platform: "Platform", user_id: UUID) -> str:
    """An access token of a new session."""
    from tourpad.core.identity import queries
    from tourpad.core.identity.service import sessions

    with platform.work(operator("test")) as work:
        token = sessions.begin(work, user=queries.get_user(work, user_id)).access_token
        work.commit()
    return token


def dial(address: str, token: str | None = None, **more: Any) -> AbstractContextManager[ClientConnection]:
    """Ask for a socket."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return connect(
        f"ws{address.removeprefix('http')}/api/ws",
        additional_headers=headers | more.pop("headers", {}),
        open_timeout=PATIENCE,
        close_timeout=1,
        proxy=None,
        **more,
    )


class Listener:
    """Somebody with a socket. Where no token is given by header, the first message brings it."""

    def __init__(self, address: str, token: str, *, by_message: bool = False, **more: Any) -> None:
        self._dialled = ExitStack()
        if by_message:
            self.socket = self._dialled.enter_context(dial(address, subprotocols=[PROTOCOL], **more))
            self.say("authenticate", token=token)
        else:
            self.socket = self._dialled.enter_context(dial(address, token, **more))
        self.ready = self.next()
        assert self.ready["type"] == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go."""
        with suppress(Exception):
            self._dialled.close()

    def next(self, *kinds: str) -> dict[str, Any]:
        """The next event, or the next of these kinds."""
        while True:
            event: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
            if not kinds or event["type"] in kinds:
                return event

    def say(self, kind: str, **what: Any) -> None:
        """Send something."""
        self.socket.send(json.dumps({"type": kind, **what}))

    def resume(self, after: str) -> list[dict[str, Any]]:
        """What was missed since an event."""
        self.say("resume", after=after)
        told: list[dict[str, Any]] = []
        while (event := self.next())["type"] != "resumed":
            told.append(event)
        assert event["count"] <= len(told)  # something new may have come in between
        return told

    def everything(self) -> list[dict[str, Any]]:
        """What came up to now: whatever is answered to a ping comes behind it."""
        self.say("ping")
        found: list[dict[str, Any]] = []
        while (event := self.next())["type"] != "pong":
            found.append(event)
        return found

    def closed(self, within: float = PATIENCE) -> tuple[int, str]:
        """With which code and words the server closes."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=within)
        return self.socket.close_code or 0, self.socket.close_reason or ""
