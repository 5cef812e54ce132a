"""Every SELECT of identity."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from tourpad.core.errors import NotFoundError
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
from tourpad.core.identity.states import TokenPurpose, UserState, UserType
from tourpad.core.values import Value
from tourpad.core.work import Work

_STANDING: Final = """u.user_type, u.state, u.name,
        u.user_type = 'admin' AND NOT EXISTS (
            SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL
        ),
        u.adult_confirmed_at IS NOT NULL, u.terms_version, u.privacy_version"""
SIGN_IN: Final = f"""
    SELECT {_STANDING}
    FROM auth_sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = %s AND s.user_id = %s AND s.ended_at IS NULL AND s.expires_at > %s
      AND u.sign_ins_valid_from <= %s AND u.state NOT IN ('suspended', 'erased')
"""  # noqa: S608 - put together from what is written here
"""Who an access token stands for right now: session, person, now, issued at. One row by key, or none. The columns
after the name say whether it is an admin without a second factor, and what the person has agreed to."""
SIGN_INS: Final = f"""
    SELECT asked.place, {_STANDING}
    FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[])
        WITH ORDINALITY AS asked(session_id, user_id, issued_at, place)
    JOIN auth_sessions s ON s.id = asked.session_id AND s.user_id = asked.user_id
    JOIN users u ON u.id = s.user_id
    WHERE s.ended_at IS NULL AND s.expires_at > %s
      AND u.sign_ins_valid_from <= asked.issued_at AND u.state NOT IN ('suspended', 'erased')
"""  # noqa: S608 - as above
"""The same of many tokens at once: sessions, persons, issued at, now. A row for each that is good, with its place in
the list, from 1 on, before the columns of `SIGN_IN`."""
SIGN_IN_COLUMNS: Final = 7
"""How many columns that row has; statements that hold it read on behind them (`concerts/queries/hot.py`)."""


class UserFilter(Value):
    """What a list of people is narrowed to."""

    user_type: UserType | None = None
    state: UserState | None = None
    search: str | None = None
    """Part of the name or the mail address."""


def get_user(work: Work, user_id: UUID) -> User:
    """One person.

    Raises:
        NotFoundError: nobody has that id.
    """
    user = work.session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no person with this id.")
    return user


def sign_ins(work: Work, asked: Sequence[tuple[UUID, UUID, datetime]]) -> dict[int, Sequence[Any]]:
    """Which of many access tokens are good now.

    Args:
        work: the unit of work.
        asked: session, person and instant of issue of each.

    Returns:
        What `SIGN_IN` answers, by place in the list; nothing for those whose session has ended.
    """
    sessions, people, issued = ([one[n] for one in asked] for n in range(3))
    rows = work.session.connection().exec_driver_sql(SIGN_INS, (sessions, people, issued, work.now))
    return {row[0] - 1: row[1:] for row in rows}


def get_for_update(work: Work, user_id: UUID) -> User:
    """One person, locked: two changes of state (a suspension and a payment, say) come one after the other.

    Raises:
        NotFoundError: nobody has that id.
    """
    user = work.session.scalar(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFoundError("There is no person with this id.")
    return user


def find_by_email(work: Work, email: str) -> User | None:
    """The person with this mail address, in whatever case it is written."""
    return work.session.scalar(select(User).where(func.lower(User.email) == func.lower(email)))


def get_by_email(work: Work, email: str) -> User:
    """The person with this mail address.

    Raises:
        NotFoundError: nobody has it.
    """
    user = find_by_email(work, email)
    if user is None:
        raise NotFoundError(f"Nobody has the mail address {email}.", hint="tourpad users list shows everybody.")
    return user


def get_profile(work: Work, user_id: UUID) -> UserProfile | None:
    """What a person says of themselves."""
    return work.session.scalar(select(UserProfile).where(UserProfile.user_id == user_id))


def get_credential(work: Work, user_id: UUID) -> Credential | None:
    """A person's password hash as it is now, past whatever this unit of work has seen before."""
    return work.session.scalar(
        select(Credential).where(Credential.user_id == user_id).execution_options(populate_existing=True)
    )


def get_token_for_update(work: Work, token_hash: str, purpose: TokenPurpose) -> EmailToken | None:
    """A mailed token, locked: of two clicks at once only one uses it."""
    return work.session.scalar(
        select(EmailToken).where(EmailToken.token_hash == token_hash, EmailToken.purpose == purpose).with_for_update()
    )


def owner_of_token(work: Work, token_hash: str, purpose: TokenPurpose) -> UUID | None:
    """Whose a mailed token is, for whoever locks the person before it."""
    return work.session.scalar(
        select(EmailToken.user_id).where(EmailToken.token_hash == token_hash, EmailToken.purpose == purpose)
    )


def get_session_for_update(work: Work, session_id: UUID) -> AuthSession | None:
    """A session, locked: of two refreshes with one token only the first finds it fresh."""
    return work.session.scalar(select(AuthSession).where(AuthSession.id == session_id).with_for_update())


def owner_of_session(work: Work, session_id: UUID) -> User | None:
    """Whose a session is, ended or not, for whoever asks about the person before it is locked."""
    return work.session.scalar(
        select(User).join(AuthSession, AuthSession.user_id == User.id).where(AuthSession.id == session_id)
    )


def _live(user_id: UUID, now: datetime) -> Select[AuthSession]:
    return select(AuthSession).where(
        AuthSession.user_id == user_id, AuthSession.ended_at.is_(None), AuthSession.expires_at > now
    )


def live_sessions(work: Work, user_id: UUID) -> list[AuthSession]:
    """Where a person is signed in, the last used first."""
    return list(work.session.scalars(_live(user_id, work.now).order_by(AuthSession.last_used_at.desc())))


def agents_of(work: Work, user_id: UUID) -> list[str | None]:
    """With what a person has been signed in: of every session that is still on record, ended or not."""
    return list(work.session.scalars(select(AuthSession.user_agent).where(AuthSession.user_id == user_id).distinct()))


def open_tokens(work: Work, user_id: UUID, purpose: TokenPurpose) -> list[EmailToken]:
    """Links of one purpose that still work."""
    return list(
        work.session.scalars(
            select(EmailToken).where(
                EmailToken.user_id == user_id, EmailToken.purpose == purpose, EmailToken.used_at.is_(None)
            )
        )
    )


def notes_of(work: Work, user_id: UUID) -> list[UserNote]:
    """What was noted about a person, the latest first."""
    return list(
        work.session.scalars(
            select(UserNote).where(UserNote.user_id == user_id).order_by(UserNote.created_at.desc(), UserNote.id.desc())
        )
    )


def list_users(work: Work, wanted: UserFilter, *, offset: int, limit: int) -> tuple[list[User], int]:
    """People, the newest first, and how many there are in all."""
    conditions: list[Any] = []
    if wanted.user_type:
        conditions.append(User.user_type == wanted.user_type)
    if wanted.state:
        conditions.append(User.state == wanted.state)
    if wanted.search:
        part = "%" + wanted.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(or_(User.name.ilike(part), User.email.ilike(part)))
    total = work.session.scalar(select(func.count()).select_from(User).where(*conditions)) or 0
    rows = work.session.scalars(
        select(User).where(*conditions).order_by(User.created_at.desc(), User.id.desc()).offset(offset).limit(limit)
    )
    return list(rows), total


def count_admins(work: Work) -> int:
    """Admins that can sign in."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(User)
            .where(User.user_type == UserType.ADMIN, User.state == UserState.ACTIVE)
        )
        or 0
    )


def admins(work: Work) -> list[User]:
    """Admins that can sign in, the first made first."""
    return list(
        work.session.scalars(
            select(User)
            .where(User.user_type == UserType.ADMIN, User.state == UserState.ACTIVE)
            .order_by(User.created_at, User.id)
        )
    )


def names_of(work: Work, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people are called now, by id."""
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
    return {row[0]: row[1] for row in rows}


def over_suspensions(work: Work, *, limit: int) -> list[UUID]:
    """People whose suspension has run out."""
    return list(
        work.session.scalars(
            select(User.id)
            .where(User.state == UserState.SUSPENDED, User.suspended_until <= work.now)
            .order_by(User.suspended_until)
            .limit(limit)
        )
    )


def has_second_factor(work: Work, user_id: UUID) -> bool:
    """Whether signing in as this person asks for a code."""
    confirmed = select(SecondFactor.id).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return work.session.scalar(confirmed) is not None


def get_second_factor_for_update(work: Work, user_id: UUID) -> SecondFactor | None:
    """The same, locked: two sign-ins with one code come one after the other, and only the first gets in."""
    return work.session.scalar(
        select(SecondFactor)
        .where(SecondFactor.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def get_recovery_code_for_update(work: Work, user_id: UUID, code_hash: str) -> RecoveryCode | None:
    """One recovery code of a person, locked so that it works once."""
    return work.session.scalar(
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def count_recovery_codes(work: Work, user_id: UUID) -> int:
    """How many recovery codes a person has left."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return work.session.scalar(unused) or 0


def get_sign_in_for_update(work: Work, state_hash: str) -> OAuthSignIn | None:
    """A sign-in with a provider by its state, locked: of two that come back with one code only one redeems it."""
    return work.session.scalar(select(OAuthSignIn).where(OAuthSignIn.state_hash == state_hash).with_for_update())


def get_ticket_for_update(work: Work, ticket_hash: str) -> OAuthSignIn | None:
    """A sign-in that is proved, locked: its ticket works once."""
    return work.session.scalar(select(OAuthSignIn).where(OAuthSignIn.ticket_hash == ticket_hash).with_for_update())


def find_identity(work: Work, *, issuer: str, subject: str) -> OAuthIdentity | None:
    """Whose account a person at a provider opens."""
    return work.session.scalar(
        select(OAuthIdentity).where(OAuthIdentity.issuer == issuer, OAuthIdentity.subject == subject)
    )


def identities(work: Work, user_id: UUID) -> list[OAuthIdentity]:
    """The sign-ins at providers that open a person's account, the first linked first."""
    return list(
        work.session.scalars(
            select(OAuthIdentity)
            .where(OAuthIdentity.user_id == user_id)
            .order_by(OAuthIdentity.created_at, OAuthIdentity.id)
        )
    )
