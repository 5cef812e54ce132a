"""What messaging makes of events."""

from tourpad.core.identity.events import UserErased
from tourpad.core.messaging.service import forget
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """Blank what the person wrote."""
    forget(work, user_id=event.user_id)
