"""The second factor: an authenticator app beside the password, with recovery codes for whoever loses it."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete

from tourpad.core.identity import passwords, queries, totp
from tourpad.core.identity.errors import InvalidCode, InvalidCredentials, SecondFactorRequired, SecondFactorState
from tourpad.core.identity.events import RecoveryCodeUsed, SecondFactorChanged
from tourpad.core.identity.models import RecoveryCode, SecondFactor, User
from tourpad.core.identity.service import sessions
from tourpad.core.identity.states import UserType
from tourpad.core.settings import Env
from tourpad.core.work import Work


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What goes into the app, shown once."""

    secret: str = field(repr=False)
    """Base 32, to be typed."""
    link: str = field(repr=False)
    """`otpauth://…`, to be drawn as a QR code."""


def enroll(work: Work, *, user_id: UUID, password: str) -> Enrollment:
    """Begin to add an app. It is asked for only after its first code has come (`confirm`).

    Raises:
        InvalidCredentials: the password is wrong.
        SecondFactorState: there is one already.
    """
    user = proved(work, user_id, password)
    factor = queries.get_second_factor_for_update(work, user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise SecondFactorState("This account has a second factor.", hint="POST /api/auth/totp/disable takes it off.")
    secret = totp.new_secret()
    sealed = totp.seal(work.settings.secret, secret)
    if factor is None:
        work.add(SecondFactor(user_id=user_id, sealed_secret=sealed, last_step=0, created_at=work.now))
    else:
        factor.sealed_secret, factor.created_at = sealed, work.now
        work.session.flush()
    return Enrollment(secret=totp.shown(secret), link=totp.link(secret, account=user.email))


def confirm(work: Work, *, user_id: UUID, code: str) -> list[str]:
    """Finish adding an app with its first code. Answers ten recovery codes, which are shown this once.

    Raises:
        InvalidCode: it is not the app's code.
        SecondFactorState: none was begun, or it is confirmed already.
    """
    queries.get_for_update(work, user_id)
    factor = queries.get_second_factor_for_update(work, user_id)
    if factor is None:
        raise SecondFactorState("No second factor was begun.", hint="POST /api/auth/totp/enroll comes first.")
    if factor.confirmed_at is not None:
        raise SecondFactorState("The second factor is confirmed already.")
    _take(work, factor, code)
    factor.confirmed_at = work.now
    codes = totp.new_recovery_codes()
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    work.add(*(RecoveryCode(user_id=user_id, code_hash=totp.recovery_digest(c)) for c in codes))
    work.audit("user.add_second_factor", target_type="user", target_id=user_id)
    work.emit(SecondFactorChanged(user_id=user_id, added=True))
    return codes


def disable(work: Work, *, user_id: UUID, password: str, code: str) -> None:
    """Take the app off, with the password and a code (or a recovery code).

    Raises:
        InvalidCredentials, InvalidCode: either is wrong.
        SecondFactorState: there is none, or an admin in production would be without.
    """
    user = proved(work, user_id, password)
    factor = queries.get_second_factor_for_update(work, user_id)
    if factor is None or factor.confirmed_at is None:
        raise SecondFactorState("This account has no second factor.")
    if user.user_type is UserType.ADMIN and work.settings.env is Env.PRODUCTION:
        raise SecondFactorState(
            "An admin needs a second factor.", hint="Another operator can reset it: tourpad users reset-totp."
        )
    check(work, user=user, code=code)
    _remove(work, user, reason=None)


def reset(work: Work, *, user_id: UUID, reason: str) -> None:
    """Take somebody's app off for them, who has lost phone and recovery codes; every session of theirs ends.

    Raises:
        SecondFactorState: there is none.
    """
    user = queries.get_for_update(work, user_id)
    if queries.get_second_factor_for_update(work, user_id) is None:
        raise SecondFactorState(f"{user.email} has no second factor.")
    sessions.end_all(work, user=user, reason="second factor reset")
    _remove(work, user, reason=reason)


def check(work: Work, *, user: User, code: str | None) -> None:
    """Ask for the second factor where the account has one. The user's row is locked, so a code works once.

    Raises:
        SecondFactorRequired: none was sent.
        InvalidCode: it is wrong, too old, or was used.
    """
    factor = queries.get_second_factor_for_update(work, user.id)
    if factor is None or factor.confirmed_at is None:
        return
    if not code or not code.strip():
        raise SecondFactorRequired
    hashed = totp.recovery_digest(code)
    if hashed is None:
        _take(work, factor, code)
        return
    found = queries.get_recovery_code_for_update(work, user.id, hashed)
    if found is None or found.used_at is not None:
        raise InvalidCode
    found.used_at = work.now
    work.session.flush()
    left = queries.count_recovery_codes(work, user.id)
    work.audit("user.use_recovery_code", target_type="user", target_id=user.id, left=left)
    work.emit(RecoveryCodeUsed(user_id=user.id, left=left))


def proved(work: Work, user_id: UUID, password: str) -> User:
    """The person, locked, if the password is theirs.

    Raises:
        InvalidCredentials: it is not, or they have none.
    """
    user = queries.get_for_update(work, user_id)
    credential = queries.get_credential(work, user_id)
    stored = credential.password_hash if credential else None
    if not passwords.verify_password(password, stored, memory_kib=work.settings.password_memory_kib)[0]:
        raise InvalidCredentials
    return user


def _take(work: Work, factor: SecondFactor, code: str) -> None:
    secret = totp.unseal(work.settings.secret, factor.sealed_secret)
    step = totp.matching_step(secret, code, now=work.now, after=factor.last_step)
    if step is None:
        raise InvalidCode
    factor.last_step = step
    # Sealed anew by the newest of our secrets, so that an old one can be dropped some day.
    factor.sealed_secret = totp.seal(work.settings.secret, secret)
    work.session.flush()


def _remove(work: Work, user: User, *, reason: str | None) -> None:
    for model in (SecondFactor, RecoveryCode):
        work.session.execute(delete(model).where(model.user_id == user.id))
    work.audit("user.remove_second_factor", target_type="user", target_id=user.id, reason=reason)
    work.emit(SecondFactorChanged(user_id=user.id, added=False))
