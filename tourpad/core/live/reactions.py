"""What of all that happens is told to open sockets."""

from tourpad.core.identity.events import SessionsEnded
from tourpad.core.live.sending import note
from tourpad.core.live.signals import Kind, Signal
from tourpad.core.messaging.events import ConversationRead, MessageSent
from tourpad.core.notifications.events import NotificationListed
from tourpad.core.work import Work


def on_message_sent(work: Work, event: MessageSent) -> None:
    """Both sides hear of it: the sender has other devices, too."""
    both = (event.recipient_id, event.sender_id)
    note(work, Signal(Kind.MESSAGE, both, (event.conversation_id, event.message_id)))


def on_conversation_read(work: Work, event: ConversationRead) -> None:
    """Both sides hear how far it was read."""
    both = (event.other_id, event.user_id)
    note(work, Signal(Kind.RECEIPT, both, (event.conversation_id, event.user_id)))


def on_notification_listed(work: Work, event: NotificationListed) -> None:
    """The person hears of their news."""
    note(work, Signal(Kind.NOTIFICATION, (event.user_id,), (event.notification_id,)))


def on_sessions_ended(work: Work, event: SessionsEnded) -> None:
    """Sockets that stand on them are closed."""
    note(work, Signal(Kind.SESSIONS, (event.user_id,)))
