"""What goes over a socket, in both directions: JSON objects with a `type`, and in them what the HTTP API has, too."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import msgspec

from tourpad.web.messages import MessageOut
from tourpad.web.notices import NotificationOut
from tourpad.web.shapes import Input, Output

PROTOCOL: Final = "tourpad.v1"
"""The subprotocol: the version of all of this, and for a browser the promise that a token comes first."""
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]


class Authenticate(Input, tag="authenticate", tag_field="type"):
    """First of all where no header could be sent; later a fresh token, before the old one ends."""

    token: Token


class Resume(Input, tag="resume", tag_field="type"):
    """What was missed since an event."""

    after: Annotated[str, msgspec.Meta(max_length=100)]
    """The id of the last event that was got."""


class Ping(Input, tag="ping", tag_field="type"):
    """Are you there?"""


Said = Authenticate | Resume | Ping
"""What a client may say."""


class LiveReady(Output, tag="ready", tag_field="type"):
    """From here on everything is told."""

    id: str
    at: datetime
    user_id: UUID
    expires_at: datetime
    """When the token ends, and the socket with it unless a fresh one comes."""


class LiveAuthenticated(Output, tag="authenticated", tag_field="type"):
    """The fresh token counts from now on."""

    expires_at: datetime


class LiveMessage(Output, tag="message", tag_field="type"):
    """Somebody wrote, or oneself on another device. At both ends of a conversation."""

    id: str
    at: datetime
    conversation_id: UUID
    message: MessageOut


class LiveReceipt(Output, tag="receipt", tag_field="type"):
    """One side of a conversation has read it. At both ends."""

    id: str
    at: datetime
    conversation_id: UUID
    user_id: UUID
    """Who has read."""
    read_until: datetime
    """When the last message was written that they have read."""


class LiveNotification(Output, tag="notification", tag_field="type"):
    """A new piece of news, and how many are unread with it."""

    id: str
    at: datetime
    notification: NotificationOut
    unread: int


class LiveResumed(Output, tag="resumed", tag_field="type"):
    """That was all that had been missed."""

    count: int


class RefetchReason(StrEnum):
    """Why a client asks the HTTP API anew instead of being told one by one."""

    TOO_LONG_AGO = "too_long_ago"
    TOO_MUCH = "too_much"
    INTERRUPTED = "interrupted"
    """The server heard nothing for a while: `resume`, or ask anew."""


class LiveRefetch(Output, tag="refetch", tag_field="type"):
    """Something may be missing: read conversations and notifications over HTTP."""

    reason: RefetchReason


class LivePong(Output, tag="pong", tag_field="type"):
    """Yes."""

    at: datetime


class LiveError(Output, tag="error", tag_field="type"):
    """What was said is not understood or refused; the socket stays open."""

    code: str
    title: str


Told = (
    LiveReady
    | LiveAuthenticated
    | LiveMessage
    | LiveReceipt
    | LiveNotification
    | LiveResumed
    | LiveRefetch
    | LivePong
    | LiveError
)
"""What a server says."""
EVENTS: Final = (LiveReady, LiveAuthenticated, LiveMessage, LiveReceipt, LiveNotification, LiveResumed, LiveRefetch)


class Close:
    """Codes with which the server closes, beside the protocol's own (1009 too big, 1012 restarting)."""

    SIGNED_OUT: Final = 4401
    """No good token: none came in time, it ended, or its session did. Sign in again."""
    TOO_SLOW: Final = 4408
    """More waited than may wait. Come back and `resume`."""
    TOO_MUCH: Final = 4429
    """Too many sockets of one person, or too many messages from one."""
    TRY_LATER: Final = 1013
    """The server is full, or hears nothing itself."""


def encode(event: Told) -> str:
    """An event as it is sent."""
    return msgspec.json.encode(event).decode()
