"""What evidence does when something happens elsewhere."""

from tourpad.core.evidence.service import forgetting
from tourpad.core.identity.events import UserErased
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """What a bank was told says who the person was."""
    forgetting.forget(work, user_id=event.user_id)
