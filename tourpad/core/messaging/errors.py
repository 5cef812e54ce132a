"""Why something can't be written."""

from tourpad.core.errors import RefusedError


class ConversationClosed(RefusedError):
    """The booking came to nothing: what was said stays, nothing is added."""

    code = "conversation_closed"
