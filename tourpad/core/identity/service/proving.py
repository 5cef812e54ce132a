"""A fresh proof of who asks, before what can't be taken back: an access token alone may be somebody else's."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from tourpad.core.identity import queries
from tourpad.core.identity.errors import FreshProofNeeded
from tourpad.core.identity.service import second_factor
from tourpad.core.work import Work

FRESH: Final = timedelta(minutes=10)
"""So long a sign-in, by password and second factor or by a provider, is a proof by itself. A refresh is none."""


def check(work: Work, *, user_id: UUID, session_id: UUID, password: str | None = None, code: str | None = None) -> None:
    """Ask for a proof that is fresh: a sign-in of the last minutes, or else the password.

    Args:
        work: the unit of work.
        user_id: who asks.
        session_id: their session; its beginning is their sign-in.
        password: of the account, where the sign-in is older.
        code: from the authenticator app, or a recovery code; asked for beside the password where the account has one.

    Raises:
        FreshProofNeeded: neither.
        InvalidCredentials: the password is wrong.
        SecondFactorRequired, InvalidCode: the account has a second factor, and its code is missing or wrong.
    """
    if password is not None:
        user = second_factor.proved(work, user_id, password)
        second_factor.check(work, user=user, code=code)
        return
    session = queries.get_session_for_update(work, session_id)
    if session is None or work.now - session.created_at > FRESH:
        raise FreshProofNeeded(FRESH)
