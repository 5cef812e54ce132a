"""What happens in conversations."""

from uuid import UUID

from tourpad.core.events import Event


class MessageSent(Event, kw_only=True):
    """Somebody wrote. Only ids: what was written is read, and masked, where it is shown."""

    conversation_id: UUID
    message_id: UUID
    sender_id: UUID
    recipient_id: UUID


class ConversationRead(Event, kw_only=True):
    """Somebody has read up to now."""

    conversation_id: UUID
    user_id: UUID
    other_id: UUID
    """The other side."""
