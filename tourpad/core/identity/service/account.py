"""What a person does with their own account, and what an operator makes: changes, erasure, admins."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update

from tourpad.core.database.forgetting import ERASED_NAME
from tourpad.core.errors import ConflictError, FieldError, InvalidInputError, RefusedError
from tourpad.core.identity import passwords, queries, rules
from tourpad.core.identity.addresses import checked_email, checked_name
from tourpad.core.identity.events import ErasureRequested, UserErased
from tourpad.core.identity.models import (
    AuthSession,
    Credential,
    EmailToken,
    OAuthIdentity,
    OAuthSignIn,
    RecoveryCode,
    SecondFactor,
    User,
    UserNote,
    UserProfile,
)
from tourpad.core.identity.profiles import checked_profile
from tourpad.core.identity.service import registration, sessions, signin, users
from tourpad.core.identity.states import MOVES, UserState, UserType
from tourpad.core.states import check_move
from tourpad.core.work import Work

TOKEN_AGENT = "tourpad users token"  # noqa: S105 - what a session says of its origin


def update_account(
    work: Work, *, user_id: UUID, name: str | None = None, profile: Mapping[str, Any] | None = None
) -> User:
    """Change one's name or what one says of oneself. Only what is given changes; `None` inside `profile` blanks.

    Raises:
        InvalidInputError: naming every field that is wrong.
    """
    user = queries.get_for_update(work, user_id)
    faults = [
        FieldError(f"profile.{key}", "is changed in the profile of the role")
        for key in profile or {}
        if key not in rules.COMMON_PROFILE
    ]
    common, _ = checked_profile(user.user_type, profile or {}, faults)
    if name is not None:
        name = checked_name(name, faults)
    if faults:
        raise InvalidInputError(*faults)
    if name is not None:
        user.name = name
    if common:
        about = queries.get_profile(work, user_id) or _empty_profile(work, user)
        for key, value in common.items():
            setattr(about, key, {} if key == "social_links" and value is None else value)
        about.updated_at = work.now
    user.updated_at = work.now
    work.session.flush()
    return user


def erase(work: Work, *, user_id: UUID) -> User:
    """Erase a person: the account is closed for good, and what says who they were is blanked.

    Others refuse it (a reaction to `ErasureRequested` raises: open bookings, money on its way) or blank what they
    hold (`UserErased`). What the law keeps stays without the name. The mail address is free again.

    Raises:
        RefusedError: somebody still counts on this person.
    """
    user = queries.get_for_update(work, user_id)
    if user.state is UserState.ERASED:
        return user
    check_move(MOVES, entity="user", now=user.state, to=UserState.ERASED)
    if user.user_type is UserType.ADMIN and queries.count_admins(work) <= 1:
        raise RefusedError("The last admin can't be erased.", hint="Make another one: tourpad users create-admin.")
    work.emit(ErasureRequested(user_id=user.id))
    sessions.end_all(work, user=user, reason="erased")
    for model in (Credential, EmailToken, OAuthIdentity, RecoveryCode, SecondFactor, UserNote, UserProfile):
        work.session.execute(delete(model).where(model.user_id == user.id))
    work.session.execute(delete(OAuthSignIn).where(func.lower(OAuthSignIn.email) == user.email.lower()))
    work.session.execute(
        update(AuthSession).where(AuthSession.user_id == user.id).values(user_agent=None, address=None)
    )
    names = (user.name, user.email)
    user.state = UserState.ERASED
    user.email = f"erased:{user.id}"
    user.name = ERASED_NAME
    user.email_verified_at = None
    user.referral_source = None
    user.suspended_from = user.suspended_until = user.suspension_reason = None
    user.updated_at = work.now
    work.audit("user.erase", target_type="user", target_id=user.id)
    work.emit(UserErased(user_id=user.id, names=names))
    return user


def create_admin(work: Work, *, email: str, name: str, password: str | None = None) -> tuple[User, str | None]:
    """Make an admin, verified and active.

    Returns:
        the admin, and where no password was given the token of a link that sets one (good for an hour).

    Raises:
        InvalidInputError: the address, the name or the password can't be taken.
        ConflictError: the address has an account.
    """
    faults: list[FieldError] = []
    email = checked_email(email, faults, local=work.settings.is_local)
    name = checked_name(name, faults)
    if password is not None:
        weak = passwords.password_fault(password, email=email, name=name)
        faults += [weak] if weak else []
    if faults:
        raise InvalidInputError(*faults)
    if queries.find_by_email(work, email) is not None:
        raise ConflictError(f"{email} already has an account.", hint=f"tourpad users show {email}")
    user = users.draft(work, email=email, name=name, user_type=UserType.ADMIN)
    user.state = UserState.ACTIVE
    work.add(user)
    _empty_profile(work, user)
    work.audit("user.create_admin", target_type="user", target_id=user.id)
    registration.mark_verified(work, user)
    if password is None:
        return user, signin.reset_link(work, user=user)[0]
    signin.set_password(work, user=user, password=password)
    return user, None


def issue_token(work: Work, *, email: str) -> sessions.SignedIn:
    """An access token for a person without their password, on record. For development and tests only.

    Raises:
        RefusedError: this is neither development nor a test, or the person may not sign in.
        NotFoundError: nobody has this mail address.
    """
    if not work.settings.is_local:
        raise RefusedError(
            f"users token is for development and tests; this is {work.settings.env}.",
            hint="Sign in: POST /api/auth/login.",
        )
    user = queries.get_for_update(work, queries.get_by_email(work, email).id)
    if user.state is UserState.SUSPENDED:
        raise RefusedError(f"{email} is suspended.", hint=f"tourpad users reinstate {email}")
    work.audit("user.token", target_type="user", target_id=user.id)
    life = timedelta(minutes=work.settings.access_token_minutes)
    return sessions.begin(work, user=user, user_agent=TOKEN_AGENT, life=life)


def _empty_profile(work: Work, user: User) -> UserProfile:
    profile = UserProfile(
        user_id=user.id,
        social_links={},
        role_details={},
        preferences={},
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(profile)
    return profile
