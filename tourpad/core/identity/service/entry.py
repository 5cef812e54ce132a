"""Whether somebody may come in at all: asked before an account is made, and before a session begins or goes on.

Who is let in is not for identity to say. A reaction to `EntryRequested` refuses whoever is not.
"""

from tourpad.core.identity.events import EntryRequested
from tourpad.core.identity.states import UserType
from tourpad.core.work import Work


def check(work: Work, *, email: str, user_type: UserType | None) -> None:
    """Refuse whoever is not let in.

    It is asked about an address and a role, never about an account, so that the answer can't tell whether there is one.

    Args:
        work: the unit of work.
        email: of the account, or of the one to be made.
        user_type: likewise; None where nobody has said it yet.

    Raises:
        NotOpenYet: they are not.
    """
    work.emit(EntryRequested(email=email, user_type=user_type))
