"""What happens to people. Who reacts is listed in `core/reactions.py`.

Events that carry a token exist only in memory: the mail that is rendered from them is the token's one copy.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.identity.states import UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    """An account was made. Its mail address is not proved yet."""

    user_id: UUID
    user_type: UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequested(Event):
    """A link that proves the mail address is wanted."""

    user_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAlreadyRegistered(Event):
    """Somebody tried to register an address that has an account: only its owner is told, by mail."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified(Event):
    """The mail address is proved."""

    user_id: UUID
    user_type: UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """A link that sets a new password is wanted."""

    user_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """The password is a new one, and every session has ended."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorChanged(Event):
    """An authenticator app was added to the account, or taken off it."""

    user_id: UUID
    added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """Somebody signed in with a recovery code."""

    user_id: UUID
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice(Event):
    """Somebody signed in with a device that this account has not been signed in with lately."""

    user_id: UUID
    device: str
    network: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLinked(Event):
    """Signing in with another provider now opens the account."""

    user_id: UUID
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangeRequested(Event):
    """The account is to have another mail address: each of both is asked."""

    user_id: UUID
    new_email: str
    old_token: str = field(repr=False)
    new_token: str | None = field(repr=False)
    """None where the new address belongs to another account: no mail goes there."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(Event):
    """The account has another mail address now."""

    user_id: UUID
    old_email: str
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """One or all of a person's sessions are over: tokens of them are worth nothing."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSuspended(Event):
    """The account is closed for a while; every session has ended."""

    user_id: UUID
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReinstated(Event):
    """The suspension is over."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequested(Event):
    """Before anything is erased: whoever holds a reason against it raises a refusal in its reaction."""

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserErased(Event):
    """The person is gone from the tables of identity; others blank what they hold in their reactions."""

    user_id: UUID
    names: tuple[str, ...] = ()
    """What they were called and where mail reached them, to be taken out of what others were told."""
