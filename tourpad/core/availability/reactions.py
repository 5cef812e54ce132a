"""What calendars do when something happens to people."""

from tourpad.core.availability import service
from tourpad.core.identity.events import UserErased
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so are their days, calendars and trips."""
    service.forget(work, user_id=event.user_id)
