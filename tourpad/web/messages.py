"""A message as one of the two sides sees it: in lists, and on sockets."""

from datetime import datetime
from uuid import UUID

from tourpad.core.messaging import rules
from tourpad.core.messaging.models import Message
from tourpad.core.messaging.queries import Thread
from tourpad.core.messaging.states import MessageKind
from tourpad.web.shapes import Output


class MessageOut(Output):
    """One message. `isMasked`: something in it is hidden until the booking is confirmed."""

    id: UUID
    sender_id: UUID | None
    sender_name: str
    kind: MessageKind
    content: str
    is_masked: bool
    is_own: bool
    created_at: datetime


def message_out(thread: Thread, message: Message, user_id: UUID) -> MessageOut:
    """A message as one of the two sides sees it."""
    content, is_masked = rules.shown(message.content, confirmed_at=thread.confirmed_at)
    return MessageOut(
        id=message.id,
        sender_id=message.sender_id,
        sender_name=thread.name_of(message.sender_id) if message.sender_id else "TourPad",
        kind=message.kind,
        content=content,
        is_masked=is_masked,
        is_own=message.sender_id == user_id,
        created_at=message.created_at,
    )
