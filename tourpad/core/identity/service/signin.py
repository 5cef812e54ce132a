"""Signing in with a password, and getting a new one."""

from datetime import datetime, timedelta
from typing import Final

from tourpad.core.errors import InvalidInputError
from tourpad.core.identity import passwords, queries
from tourpad.core.identity.devices import device_of, network_of
from tourpad.core.identity.errors import AccountSuspended, InvalidCredentials, NotOpenYet
from tourpad.core.identity.events import CameTooEarly, NewDevice, PasswordChanged, PasswordResetRequested
from tourpad.core.identity.models import Credential, User
from tourpad.core.identity.service import entry, links, registration, second_factor, sessions, users
from tourpad.core.identity.states import TokenPurpose, UserState
from tourpad.core.ids import new_id
from tourpad.core.work import Work

RESET_LIFE: Final = timedelta(hours=1)
_RETRY_HINT: Final = "POST /api/auth/password/forgot mails a new one."


def login(
    work: Work,
    *,
    email: str,
    password: str,
    totp: str | None = None,
    address: str | None = None,
    user_agent: str | None = None,
) -> sessions.SignedIn:
    """Begin a session for whoever knows the password, and has the second factor where the account asks for one.

    An unknown address costs the same time as a known one and gets the same answer.

    Raises:
        InvalidCredentials: the address or the password is wrong.
        AccountSuspended: the password is right, but the account is closed.
        SecondFactorRequired, InvalidCode: the password is right, but `totp` is missing or wrong.
        NotOpenYet: all of it is right, but they are not let in yet.
    """
    user = prove(work, email=email, password=password, totp=totp)
    return enter(work, user=user, address=address, user_agent=user_agent)


def enter(work: Work, *, user: User, address: str | None, user_agent: str | None) -> sessions.SignedIn:
    """Begin the session of somebody who was let in. They are told by mail if the device is new.

    New is what none of their sessions of the last 30 days came from, by browser and system. The very first sign-in is
    no news. Another network alone is not either: telephones change theirs all day.
    """
    device = device_of(user_agent)
    if user.last_login_at is not None and device not in map(device_of, queries.agents_of(work, user.id)):
        work.emit(NewDevice(user_id=user.id, device=device, network=network_of(address), at=work.now))
    user.last_login_at = work.now
    return sessions.begin(work, user=user, address=address, user_agent=user_agent)


def prove(work: Work, *, email: str, password: str, totp: str | None = None) -> User:
    """Whoever knows the password, and has the second factor: to sign in, or to show at a terminal who one is.

    An unknown address costs the same time as a known one and gets the same answer.

    Raises:
        InvalidCredentials: the address or the password is wrong.
        AccountSuspended: the password is right, but the account is closed.
        SecondFactorRequired, InvalidCode: the password is right, but `totp` is missing or wrong.
    """
    memory = work.settings.password_memory_kib
    user = queries.find_by_email(work, email.strip())
    # Asked for nobody's as well: an unknown address costs the same queries.
    credential = queries.get_credential(work, user.id if user else new_id())
    seen = credential.password_hash if credential else None
    right, better = passwords.verify_password(password, seen, memory_kib=memory)
    if not right or user is None:
        raise InvalidCredentials
    # Locked and read again: a reset or a suspension that ran meanwhile has ended all sessions and gets no new one.
    user = queries.get_for_update(work, user.id)
    credential = queries.get_credential(work, user.id)
    if credential is None or credential.password_hash != seen or user.state is UserState.ERASED:
        raise InvalidCredentials
    admit(work, user=user, totp=totp)
    if better is not None:
        credential.password_hash = better
    return user


def admit(work: Work, *, user: User, totp: str | None) -> None:
    """Let in somebody who has shown who they are, unless the account is closed or asks for more. `user` is locked.

    Raises:
        AccountSuspended: the account is closed.
        SecondFactorRequired, InvalidCode: the account has a second factor, and `totp` is missing or wrong.
    """
    if user.state is UserState.SUSPENDED and user.suspended_until and user.suspended_until <= work.now:
        users.reinstate(work, user_id=user.id)
    if user.state is UserState.SUSPENDED:
        raise AccountSuspended(user.suspension_reason, user.suspended_until)
    second_factor.check(work, user=user, code=totp)


def forgot_password(work: Work, *, email: str) -> None:
    """Mail a link that sets a new password; for an unknown or closed account nothing happens.

    Whoever is not let in yet hears that instead, by mail: the answer here is the same for everybody.
    """
    user = queries.find_by_email(work, email.strip())
    if user is not None and user.state not in (UserState.ERASED, UserState.SUSPENDED):
        try:
            entry.check(work, email=user.email, user_type=user.user_type)
        except NotOpenYet:
            work.emit(CameTooEarly(user_id=user.id))
            return
        token, expires_at = reset_link(work, user=user)
        work.emit(PasswordResetRequested(user_id=user.id, token=token, expires_at=expires_at))


def reset_link(work: Work, *, user: User) -> tuple[str, datetime]:
    """The token of a link that sets a new password, and when it ends."""
    return links.make(work, user_id=user.id, purpose=TokenPurpose.RESET_PASSWORD, life=RESET_LIFE)


def reset_password(work: Work, *, token: str, password: str) -> User:
    """Set a new password with a mailed token. Every session ends, on every device.

    The link came by mail, so it proves the address too, and a reset never asks for what it has just shown.

    Raises:
        LinkNotValid: it was used, is older than an hour, or is none of ours.
        NotOpenYet: they are not let in any more; the link is not spent.
        InvalidInputError: the new password can't be taken; the link is not spent.
    """
    link = links.use(work, token, TokenPurpose.RESET_PASSWORD, hint=_RETRY_HINT)
    user = queries.get_for_update(work, link.user_id)
    entry.check(work, email=user.email, user_type=user.user_type)
    fault = passwords.password_fault(password, email=user.email, name=user.name)
    if fault:
        raise InvalidInputError(fault)
    set_password(work, user=user, password=password)
    sessions.end_all(work, user=user, reason="password reset")
    if user.email_verified_at is None:
        registration.mark_verified(work, user)
    work.audit("user.reset_password", target_type="user", target_id=user.id)
    work.emit(PasswordChanged(user_id=user.id))
    return user


def set_password(work: Work, *, user: User, password: str) -> None:
    """Store the hash of a checked password."""
    stored = passwords.hash_password(password, memory_kib=work.settings.password_memory_kib)
    credential = queries.get_credential(work, user.id)
    if credential is None:
        work.add(Credential(user_id=user.id, password_hash=stored, changed_at=work.now))
    else:
        credential.password_hash = stored
        credential.changed_at = work.now
        work.session.flush()
