"""What becomes of an account: let in, turned down, paid up, suspended. Called by other features; all idempotent."""

from datetime import datetime
from typing import Final
from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.identity import queries
from tourpad.core.identity.errors import CannotSuspend
from tourpad.core.identity.events import UserReinstated, UserSuspended
from tourpad.core.identity.models import User
from tourpad.core.identity.service import sessions
from tourpad.core.identity.states import MOVES, UserState, UserType
from tourpad.core.ids import new_id
from tourpad.core.states import check_move
from tourpad.core.work import Work

LONG_AGO: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Before any sign-in: `sign_ins_valid_from` of an account that never had a reason to refuse one."""


def draft(work: Work, *, email: str, name: str, user_type: UserType, referral_source: str | None = None) -> User:
    """A new account, pending, not yet written."""
    return User(
        id=new_id(),
        email=email,
        name=name,
        user_type=user_type,
        state=UserState.PENDING,
        sign_ins_valid_from=LONG_AGO,
        referral_source=referral_source,
        created_at=work.now,
        updated_at=work.now,
    )


def approve(work: Work, *, user_id: UUID) -> User:
    """Let a person in (an application was accepted, a fan's address is proved). Active people stay active."""
    user = queries.get_for_update(work, user_id)
    if user.state in (UserState.APPROVED, UserState.ACTIVE):
        return user
    return _move(work, user, UserState.APPROVED, "user.approve")


def activate(work: Work, *, user_id: UUID) -> User:
    """Everything is open to the person now (membership paid; hosts at once). Active people stay active."""
    return _move(work, queries.get_for_update(work, user_id), UserState.ACTIVE, "user.activate")


def deactivate(work: Work, *, user_id: UUID) -> User:
    """The membership has ended: from active back to approved. Nothing happens to whoever is not active."""
    user = queries.get_for_update(work, user_id)
    if _standing(user) is not UserState.ACTIVE:
        return user
    return _move(work, user, UserState.APPROVED, "user.deactivate")


def reject(work: Work, *, user_id: UUID) -> User:
    """The application was turned down."""
    return _move(work, queries.get_for_update(work, user_id), UserState.REJECTED, "user.reject")


def reopen(work: Work, *, user_id: UUID) -> User:
    """Back to pending: a decision was undone, or a rejected person applies again."""
    return _move(work, queries.get_for_update(work, user_id), UserState.PENDING, "user.reopen")


def suspend(work: Work, *, user_id: UUID, reason: str, until: datetime | None = None) -> User:
    """Close an account, for good or until an instant. Every session ends; the next request is nobody's.

    Raises:
        InvalidInputError: no reason, or an end that has passed.
        CannotSuspend: oneself.
        IllegalMoveError: the account is erased.
    """
    reason = reason.strip()
    if not reason:
        raise invalid("reason", "must not be empty")
    if until is not None and until <= work.now:
        raise invalid("until", "has already passed")
    if user_id == work.actor.user_id:
        raise CannotSuspend("You can't suspend yourself.", hint="Another admin can.")
    user = queries.get_for_update(work, user_id)
    if user.state is not UserState.SUSPENDED:
        check_move(MOVES, entity="user", now=user.state, to=UserState.SUSPENDED)
        user.suspended_from = user.state.value
        user.state = UserState.SUSPENDED
    elif user.suspension_reason == reason and user.suspended_until == until:
        return user
    user.suspension_reason = reason
    user.suspended_until = until
    user.updated_at = work.now
    sessions.end_all(work, user=user, reason="suspended")
    work.audit(
        "user.suspend",
        target_type="user",
        target_id=user.id,
        reason=reason,
        until=until.isoformat() if until else None,
    )
    work.emit(UserSuspended(user_id=user.id, reason=reason, until=until))
    return user


def reinstate(work: Work, *, user_id: UUID) -> User:
    """Open a suspended account again, in the state that it had. Nothing happens to whoever is not suspended."""
    user = queries.get_for_update(work, user_id)
    if user.state is not UserState.SUSPENDED:
        return user
    user.state = _standing(user)
    user.suspended_from = None
    user.suspended_until = None
    user.suspension_reason = None
    user.updated_at = work.now
    work.audit("user.reinstate", target_type="user", target_id=user.id, state=user.state.value)
    work.emit(UserReinstated(user_id=user.id))
    return user


def _standing(user: User) -> UserState:
    """The state that counts underneath a suspension."""
    if user.state is UserState.SUSPENDED:
        return UserState(user.suspended_from or UserState.PENDING.value)
    return user.state


def _move(work: Work, user: User, to: UserState, action: str) -> User:
    """Move, or for a suspended person move what they return to: a suspension is lifted only by `reinstate`."""
    now = _standing(user)
    if now is to:
        return user
    check_move(MOVES, entity="user", now=now, to=to)
    if user.state is UserState.SUSPENDED:
        user.suspended_from = to.value
    else:
        user.state = to
    user.updated_at = work.now
    work.audit(action, target_type="user", target_id=user.id, **{"from": now.value, "to": to.value})
    work.session.flush()
    return user
