"""From nobody to somebody with a proved mail address."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity import passwords, queries, rules
from tourpad.core.identity.addresses import checked_email, checked_name
from tourpad.core.identity.agreements import age_fault
from tourpad.core.identity.events import (
    AddressAlreadyRegistered,
    EmailVerified,
    UserRegistered,
    VerificationRequested,
)
from tourpad.core.identity.models import Credential, User, UserProfile
from tourpad.core.identity.profiles import checked_profile
from tourpad.core.identity.service import agreeing, entry, links, users
from tourpad.core.identity.states import TokenPurpose, UserState, UserType
from tourpad.core.ids import new_id
from tourpad.core.values import Value
from tourpad.core.work import Work

VERIFY_LIFE: Final = timedelta(hours=24)
_RETRY_HINT: Final = "POST /api/auth/verify-email/resend mails a new one."


class Registered(Value):
    """An account as its maker sees it. For an address that was taken it is drawn up, but not kept."""

    user: User
    profile: UserProfile
    requires_approval: bool
    next_step: str | None


def register(
    work: Work,
    *,
    email: str,
    password: str,
    name: str,
    user_type: UserType,
    profile: Mapping[str, Any] | None = None,
    referral_source: str | None = None,
    birth_date: date | None = None,
    is_adult: bool | None = None,
) -> Registered:
    """Make an account and mail the link that proves its address.

    An address that is taken answers exactly like a new one, and only its owner hears of it, by mail. Registering
    agrees to the terms and the privacy notice of the day; minors are refused, by a date of birth that is not kept or by
    their own word.

    Raises:
        InvalidInputError: naming every field that is wrong.
        NotOpenYet: nobody with this address is let in yet, whether or not it has an account.
    """
    faults: list[FieldError] = []
    if user_type not in rules.REGISTRABLE:
        faults.append(FieldError("user_type", "must be artist, host or fan"))
    email = checked_email(email, faults, local=work.settings.is_local)
    name = checked_name(name, faults)
    weak = passwords.password_fault(password, email=email, name=name)
    faults += [weak] if weak else []
    common, role = checked_profile(user_type, profile or {}, faults)
    young = age_fault(birth_date=birth_date, is_adult=is_adult, today=work.now.date())
    faults += [young] if young else []
    if faults:
        raise InvalidInputError(*faults)
    entry.check(work, email=email, user_type=user_type)

    # Before any lock or lookup, so that a known address takes as long as a new one.
    stored = passwords.hash_password(password, memory_kib=work.settings.password_memory_kib)
    user = users.draft(work, email=email, name=name, user_type=user_type, referral_source=referral_source)
    agreeing.note_registration(work, user, adult=bool(is_adult) or birth_date is not None)
    about = _profile(work, user, common, role)
    answer = Registered(
        user=user,
        profile=about,
        requires_approval=rules.requires_approval(user_type),
        next_step=rules.next_step(user_type, user.state, None),
    )
    known = queries.find_by_email(work, email)
    if known is not None:
        _pretend(work, name=name, user_type=user_type, stored=stored)
    else:
        try:
            with work.session.begin_nested():
                _write(work, user, about, stored)
        except IntegrityError:
            # Somebody registered the same address in the same instant.
            known = queries.find_by_email(work, email)
    if known is not None:
        _tell_owner(work, known)
    else:
        _send_link(work, user)
    return answer


def register_proved(
    work: Work, *, email: str, name: str, user_type: UserType, provider: str, is_adult: bool | None = None
) -> User:
    """Make an account without a password for whoever a provider vouches for, mail address included.

    Raises:
        InvalidInputError: naming every field that is wrong.
        NotOpenYet: nobody with this address is let in yet.
        IntegrityError: somebody has registered the address in the same instant.
    """
    faults: list[FieldError] = []
    if user_type not in rules.REGISTRABLE:
        faults.append(FieldError("user_type", "must be artist, host or fan"))
    email = checked_email(email, faults, local=work.settings.is_local)
    name = checked_name(name, faults)
    young = age_fault(birth_date=None, is_adult=is_adult, today=work.now.date())
    faults += [young] if young else []
    if faults:
        raise InvalidInputError(*faults)
    entry.check(work, email=email, user_type=user_type)
    user = users.draft(work, email=email, name=name, user_type=user_type)
    agreeing.note_registration(work, user, adult=bool(is_adult))
    with work.session.begin_nested():
        work.add(user)
    work.add(_profile(work, user, {}, {}))
    work.audit("user.register", target_type="user", target_id=user.id, user_type=user_type.value, provider=provider)
    work.emit(UserRegistered(user_id=user.id, user_type=user_type))
    mark_verified(work, user)
    return user


def verify_email(work: Work, *, token: str) -> User:
    """Take the mailed token as proof of the address. A fan is let in by it.

    Raises:
        LinkNotValid: it was used, is older than 24 hours, or is none of ours.
    """
    link = links.use(work, token, TokenPurpose.VERIFY_EMAIL, hint=_RETRY_HINT)
    user = queries.get_for_update(work, link.user_id)
    if user.email_verified_at is None:
        mark_verified(work, user)
    return user


def mark_verified(work: Work, user: User) -> None:
    """The address is proved, by a link or by an operator's word. `user` must be locked or new."""
    user.email_verified_at = work.now
    user.updated_at = work.now
    work.audit("user.verify_email", target_type="user", target_id=user.id)
    work.emit(EmailVerified(user_id=user.id, user_type=user.user_type))
    if user.user_type is UserType.FAN and user.state is UserState.PENDING:
        users.approve(work, user_id=user.id)


def resend_verification(work: Work, *, email: str) -> None:
    """Mail a fresh link to an address that still waits for its proof; for any other address nothing happens."""
    user = queries.find_by_email(work, email.strip())
    if user is not None and user.email_verified_at is None and user.state is not UserState.ERASED:
        _send_link(work, user)


def _send_link(work: Work, user: User) -> None:
    token, expires_at = links.make(work, user_id=user.id, purpose=TokenPurpose.VERIFY_EMAIL, life=VERIFY_LIFE)
    work.emit(VerificationRequested(user_id=user.id, token=token, expires_at=expires_at))


def _write(work: Work, user: User, about: UserProfile, stored: str) -> None:
    work.add(user)
    work.add(about, Credential(user_id=user.id, password_hash=stored, changed_at=work.now))
    work.audit("user.register", target_type="user", target_id=user.id, user_type=user.user_type.value)
    work.emit(UserRegistered(user_id=user.id, user_type=user.user_type))


def _pretend(work: Work, *, name: str, user_type: UserType, stored: str) -> None:
    """Do all of it for somebody made up, and take it back: a known address takes as long as a new one."""
    nobody = users.draft(work, email=f"{new_id()}@nobody.invalid", name=name, user_type=user_type)
    before = len(work.events)
    taken_back = work.session.begin_nested()
    _write(work, nobody, _profile(work, nobody, {}, {}), stored)
    taken_back.rollback()
    del work.events[before:]


def _tell_owner(work: Work, known: User) -> None:
    if known.email_verified_at is None:
        _send_link(work, known)
    else:
        work.emit(AddressAlreadyRegistered(user_id=known.id))


def _profile(work: Work, user: User, common: Mapping[str, Any], role: dict[str, Any]) -> UserProfile:
    return UserProfile(
        id=new_id(),
        user_id=user.id,
        bio=common.get("bio"),
        location=common.get("location"),
        phone=common.get("phone"),
        website_url=common.get("website_url"),
        social_links=common.get("social_links") or {},
        role_details=role,
        preferences={},
        created_at=work.now,
        updated_at=work.now,
    )
