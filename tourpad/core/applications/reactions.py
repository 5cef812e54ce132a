"""What applications do when something happens to people."""

from tourpad.core.applications import service
from tourpad.core.identity.events import UserErased
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is what they applied with."""
    service.forget(work, user_id=event.user_id)
