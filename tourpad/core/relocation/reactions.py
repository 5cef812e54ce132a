"""What relocation does when something happens to people."""

from tourpad.core.identity.events import UserErased
from tourpad.core.relocation.service import forgetting
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: their ids elsewhere go, and they are not brought again."""
    forgetting.forget(work, user_id=event.user_id)
