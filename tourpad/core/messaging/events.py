"""What happens in conversations."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """Somebody wrote. Only ids: what was written is read, and masked, where it is shown."""

    conversation_id: UUID
    message_id: UUID
    sender_id: UUID
    recipient_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRead(Event):
    """Somebody has read up to now."""

    conversation_id: UUID
    user_id: UUID
    other_id: UUID
    """The other side."""
