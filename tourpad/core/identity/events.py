"""What happens to people. Who reacts is listed in `core/reactions.py`.

Events that carry a token exist only in memory: the mail that is rendered from them is the token's one copy.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.identity.states import UserType


class _WithToken(Event, kw_only=True):
    """It holds a token that opens something, so nothing of it is ever shown."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class EntryRequested(Event, kw_only=True):
    """Before an account is made or a session begins: whoever holds a reason against it raises a refusal."""

    email: str
    user_type: UserType | None
    """None where it is not known yet which role they will have."""


class CameTooEarly(Event, kw_only=True):
    """Somebody who is not let in yet asked for a link that sets a new password."""

    user_id: UUID


class UserRegistered(Event, kw_only=True):
    """An account was made. Its mail address is not proved yet."""

    user_id: UUID
    user_type: UserType


class VerificationRequested(_WithToken, kw_only=True):
    """A link that proves the mail address is wanted."""

    user_id: UUID
    token: str
    expires_at: datetime


class AddressAlreadyRegistered(Event, kw_only=True):
    """Somebody tried to register an address that has an account: only its owner is told, by mail."""

    user_id: UUID


class EmailVerified(Event, kw_only=True):
    """The mail address is proved."""

    user_id: UUID
    user_type: UserType


class PasswordResetRequested(_WithToken, kw_only=True):
    """A link that sets a new password is wanted."""

    user_id: UUID
    token: str
    expires_at: datetime


class AccountBrought(_WithToken, kw_only=True):
    """Somebody who was brought from another system is invited to set a password here."""

    user_id: UUID
    source: str
    """What that system is called."""
    token: str
    expires_at: datetime


class PasswordChanged(Event, kw_only=True):
    """The password is a new one, and every session has ended."""

    user_id: UUID


class SecondFactorChanged(Event, kw_only=True):
    """An authenticator app was added to the account, or taken off it."""

    user_id: UUID
    added: bool


class RecoveryCodeUsed(Event, kw_only=True):
    """Somebody signed in with a recovery code."""

    user_id: UUID
    left: int


class NewDevice(Event, kw_only=True):
    """Somebody signed in with a device that this account has not been signed in with lately."""

    user_id: UUID
    device: str
    network: str | None
    at: datetime


class ProviderLinked(Event, kw_only=True):
    """Signing in with another provider now opens the account."""

    user_id: UUID
    provider: str


class AddressChangeRequested(_WithToken, kw_only=True):
    """The account is to have another mail address: each of both is asked."""

    user_id: UUID
    new_email: str
    old_token: str
    new_token: str | None
    """None where the new address belongs to another account: no mail goes there."""
    expires_at: datetime


class AddressChanged(Event, kw_only=True):
    """The account has another mail address now."""

    user_id: UUID
    old_email: str
    new_email: str


class SessionsEnded(Event, kw_only=True):
    """One or all of a person's sessions are over: tokens of them are worth nothing."""

    user_id: UUID


class UserSuspended(Event, kw_only=True):
    """The account is closed for a while; every session has ended."""

    user_id: UUID
    reason: str
    until: datetime | None


class UserReinstated(Event, kw_only=True):
    """The suspension is over."""

    user_id: UUID


class ErasureRequested(Event, kw_only=True):
    """Before anything is erased: whoever holds a reason against it raises a refusal in its reaction."""

    user_id: UUID


class UserErased(Event, kw_only=True):
    """The person is gone from the tables of identity; others blank what they hold in their reactions."""

    user_id: UUID
    names: tuple[str, ...] = ()
    """What they were called and where mail reached them, to be taken out of what others were told."""
