"""What media does when something happens to people."""

from tourpad.core.identity.events import UserErased
from tourpad.core.media import service
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is everything that they uploaded."""
    service.delete_all_of(work, user_id=event.user_id)
