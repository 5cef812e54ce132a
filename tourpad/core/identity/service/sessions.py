"""Sessions: begun, refreshed, ended. Who may begin one is decided by `signin.py`."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, delete, or_, update

from tourpad.core.errors import NotFoundError
from tourpad.core.identity import queries, tokens
from tourpad.core.identity.errors import InvalidToken, NotOpenYet
from tourpad.core.identity.events import SessionsEnded
from tourpad.core.identity.models import AuthSession, User
from tourpad.core.identity.service import entry
from tourpad.core.ids import new_id
from tourpad.core.work import Work

KEPT: Final = timedelta(days=30)
"""How long an ended session stays on record."""
NOT_OPEN_YET: Final = "not open yet"
"""Why a session ended whose owner is not let in any more."""
_MAX_AGENT = 300


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and the tokens for it. The tokens are nowhere else."""

    user: User
    session_id: UUID
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    """Seconds that the access token is good."""


def begin(
    work: Work,
    *,
    user: User,
    address: str | None = None,
    user_agent: str | None = None,
    life: timedelta | None = None,
) -> SignedIn:
    """Open a session without asking for a password (sign-in has been proved otherwise).

    Args:
        work: the unit of work.
        user: who.
        address: from where, for the person's own list.
        user_agent: with what, likewise.
        life: of the session; `TOURPAD_REFRESH_TOKEN_DAYS` unless given.

    Raises:
        NotOpenYet: they are not let in yet.
    """
    entry.check(work, email=user.email, user_type=user.user_type)
    session_id = new_id()
    refresh = tokens.mint_refresh(work.settings.secret, session_id=session_id, generation=0)
    work.add(
        AuthSession(
            id=session_id,
            user_id=user.id,
            refresh_hash=tokens.digest(refresh),
            user_agent=user_agent[:_MAX_AGENT] if user_agent else None,
            address=address,
            created_at=work.now,
            last_used_at=work.now,
            expires_at=work.now + (life or timedelta(days=work.settings.refresh_token_days)),
        )
    )
    return _signed_in(work, user, session_id, refresh)


def refresh(work: Work, *, token: str) -> SignedIn | None:
    """Exchange a refresh token for new tokens; the old one is spent.

    Returns:
        the new tokens, or nothing: the token had been spent before, so somebody else holds it or held it. Its session
        has ended for both. Commit that, then refuse with `TokenReused`.

    Raises:
        NotOpenYet: they are not let in any more.
        InvalidToken: it is none of ours, or its session has ended.
    """
    session_id = tokens.read_refresh(work.settings.secret, token)
    refused = _refusal(work, session_id)
    session = queries.get_session_for_update(work, session_id)
    if session is not None and refused is not None and session.end_reason in (None, NOT_OPEN_YET):
        raise refused
    if session is None or session.ended_at is not None or session.expires_at <= work.now:
        raise InvalidToken("The session has ended.")
    if session.refresh_hash != tokens.digest(token):
        _end(work, session, "refresh token reused")
        work.emit(SessionsEnded(user_id=session.user_id))
        work.audit(
            "session.end",
            target_type="user",
            target_id=session.user_id,
            reason="refresh token reused",
            session=str(session.id),
        )
        return None
    user = queries.get_user(work, session.user_id)
    session.generation += 1
    fresh = tokens.mint_refresh(work.settings.secret, session_id=session.id, generation=session.generation)
    session.refresh_hash = tokens.digest(fresh)
    session.last_used_at = work.now
    session.expires_at = work.now + timedelta(days=work.settings.refresh_token_days)
    work.session.flush()
    return _signed_in(work, user, session.id, fresh)


def end(work: Work, *, user_id: UUID, session_id: UUID, reason: str = "signed out") -> None:
    """End one session of this person.

    Raises:
        NotFoundError: no such session of theirs (those of others answer the same).
    """
    session = queries.get_session_for_update(work, session_id)
    if session is None or session.user_id != user_id or session.ended_at is not None:
        raise NotFoundError("There is no such session.", hint="GET /api/auth/sessions lists yours.")
    _end(work, session, reason)
    work.emit(SessionsEnded(user_id=user_id))


def end_everywhere(work: Work, *, user_id: UUID, reason: str = "signed out everywhere") -> int:
    """End all sessions of a person. Answers how many there were."""
    return end_all(work, user=queries.get_for_update(work, user_id), reason=reason)


def end_all(work: Work, *, user: User, reason: str) -> int:
    """End all sessions of a person whose row is locked: no sign-in can slip in between."""
    live = queries.live_sessions(work, user.id)
    for session in live:
        _end(work, session, reason)
    user.sign_ins_valid_from = work.now
    work.emit(SessionsEnded(user_id=user.id))
    return len(live)


def end_of(work: Work, *, people: Select[UUID], reason: str) -> int:
    """End all sessions of many people, who are chosen by a query, in one statement. Answers how many there were."""
    ended = work.session.scalars(
        update(AuthSession)
        .where(AuthSession.user_id.in_(people), AuthSession.ended_at.is_(None), AuthSession.expires_at > work.now)
        .values(ended_at=work.now, end_reason=reason)
        .returning(AuthSession.user_id),
        execution_options={"synchronize_session": False},  # half of the time: nobody holds these rows here
    ).all()
    for user_id in dict.fromkeys(ended):
        work.emit(SessionsEnded(user_id=user_id))
    return len(ended)


def _refusal(work: Work, session_id: UUID) -> NotOpenYet | None:
    """Why the owner of a session is not let in. Asked before the session is locked: a change of the doors ends it."""
    owner = queries.owner_of_session(work, session_id)
    try:
        if owner is not None:
            entry.check(work, email=owner.email, user_type=owner.user_type)
    except NotOpenYet as refused:
        return refused
    return None


def _end(work: Work, session: AuthSession, reason: str) -> None:
    session.ended_at = work.now
    session.end_reason = reason
    work.session.flush()


def _signed_in(work: Work, user: User, session_id: UUID, refresh_token: str) -> SignedIn:
    life = timedelta(minutes=work.settings.access_token_minutes)
    # Processes that start their clocks at one instant are a little apart; a new sign-in is never older than the bound.
    issued = max(work.now, user.sign_ins_valid_from)
    access = tokens.mint_access(work.settings.secret, user_id=user.id, session_id=session_id, now=issued, life=life)
    return SignedIn(
        user=user,
        session_id=session_id,
        access_token=access,
        refresh_token=refresh_token,
        expires_in=int(life.total_seconds()),
    )


def forget_ended(work: Work) -> int:
    """Delete sessions that ended or ran out more than `KEPT` ago. Answers how many."""
    before = work.now - KEPT
    gone = work.session.execute(
        delete(AuthSession)
        .where(or_(AuthSession.ended_at <= before, AuthSession.expires_at <= before))
        .returning(AuthSession.id)
    )
    return len(gone.all())
