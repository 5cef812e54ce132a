"""What secret addresses do when something happens to people."""

from tourpad.core.agenda import service
from tourpad.core.identity.events import UserErased
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: their calendar is read no longer."""
    service.revoke(work, user_id=event.user_id)
