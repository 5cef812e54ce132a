"""Accounts that come from another system: they have no password, and what was agreed to there is not agreed to here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from tourpad.core.errors import ConflictError
from tourpad.core.identity import queries
from tourpad.core.identity.errors import NotOpenYet
from tourpad.core.identity.events import AccountBrought
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.identity.service import entry, links, users
from tourpad.core.identity.states import TokenPurpose, UserState, UserType
from tourpad.core.work import Work

INVITE_LIFE: Final = timedelta(days=7)
"""A password that somebody asks for they set within the hour; nobody expects this mail."""


def bring(
    work: Work,
    *,
    email: str,
    name: str,
    user_type: UserType,
    profile: Mapping[str, Any],
    source: str,
    created_at: datetime | None = None,
    email_verified_at: datetime | None = None,
    referral_source: str | None = None,
) -> User:
    """Make an account of one that was elsewhere. It is pending, and nobody is told.

    Whoever it is gets in by a link that was mailed (`invite`, or a password that was forgotten), which proves the
    address where the other system had not.

    Args:
        work: the unit of work.
        email: checked (`addresses.checked_email`).
        name: checked.
        user_type: artist, host or fan.
        profile: the common fields, checked (`profiles.checked_profile`).
        source: what the other system is called.
        created_at: since when they were there.
        email_verified_at: when the address was proved there.
        referral_source: what brought them there.

    Raises:
        ConflictError: the address has an account.
    """
    taken = ConflictError("There is an account with this mail address.", hint="--match-emails takes it for theirs.")
    if queries.find_by_email(work, email) is not None:
        raise taken
    user = users.draft(work, email=email, name=name, user_type=user_type, referral_source=referral_source)
    user.created_at = created_at or work.now
    user.email_verified_at = email_verified_at
    try:
        with work.session.begin_nested():
            work.add(user)
    except IntegrityError as error:
        # Somebody registered the same address in the same instant.
        raise taken from error
    common = {key: value for key, value in profile.items() if value is not None}
    work.add(
        UserProfile(
            user_id=user.id,
            **{"social_links": {}, **common},
            role_details={},
            preferences={},
            created_at=work.now,
            updated_at=work.now,
        )
    )
    work.audit("user.import", target_type="user", target_id=user.id, user_type=user_type.value, source=source)
    return user


def is_let_in(work: Work, *, email: str, user_type: UserType) -> bool:
    """Whether the doors are open to somebody: a link that leads to closed doors is mailed to nobody."""
    try:
        entry.check(work, email=email, user_type=user_type)
    except NotOpenYet:
        return False
    return True


def has_no_way_in(work: Work, user: User) -> bool:
    """Whether somebody has never been in, and has no link at hand that lets them in."""
    if user.state in (UserState.ERASED, UserState.SUSPENDED) or user.last_login_at is not None:
        return False
    if queries.get_credential(work, user.id) is not None:
        return False
    return all(t.expires_at <= work.now for t in queries.open_tokens(work, user.id, TokenPurpose.RESET_PASSWORD))


def invite(work: Work, *, user: User, source: str) -> bool:
    """Mail a link that sets the first password, unless there is no need. Answers whether it was mailed.

    Args:
        work: the unit of work; not a quiet one.
        user: locked.
        source: what the system is called that they come from.
    """
    if not has_no_way_in(work, user) or not is_let_in(work, email=user.email, user_type=user.user_type):
        return False
    token, expires_at = links.make(work, user_id=user.id, purpose=TokenPurpose.RESET_PASSWORD, life=INVITE_LIFE)
    work.audit("user.invite", target_type="user", target_id=user.id)
    work.emit(AccountBrought(user_id=user.id, source=source, token=token, expires_at=expires_at))
    return True
