"""What admins see of people and do to them, and the log of what admins did."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.params import QueryParameter

from tourpad.core.audit.models import AuditEntry
from tourpad.core.audit.queries import AuditFilter, list_entries
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity import queries
from tourpad.core.identity.models import User, UserNote
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.queries import UserFilter
from tourpad.core.identity.service import notes, standing, users
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.platform import Platform
from tourpad.core.takeout.queries import timeline
from tourpad.web.needs import needs
from tourpad.web.people import UserOut, user_out
from tourpad.web.shapes import Input, Instant, LimitParam, Output, PageParam, Pagination, pagination

Search = Annotated[str | None, QueryParameter(name="search", max_length=200, description="Part of name or address.")]


class SuspensionOut(Output):
    """Why, and until when; no end means for good."""

    reason: str | None
    until: datetime | None


class AdminUserOut(UserOut):
    """A person as admins see them."""

    suspension: SuspensionOut | None = None


class UsersOut(Output):
    """One page of people, the newest first."""

    users: list[AdminUserOut]
    pagination: Pagination


class UserChange(Input):
    """`suspend` with a reason and, if it is not for good, `until`; or `reinstate`."""

    action: Literal["suspend", "reinstate"]
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None
    until: Instant | None = None


class ChangedOut(Output):
    """The person as they are now."""

    user: AdminUserOut


class ActionOut(Output):
    """One line of the audit log."""

    id: UUID
    number: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor: str
    action: str
    target_type: str
    target_id: UUID | None
    reason: str | None
    details: dict[str, Any]


class ActionsOut(Output):
    """One page of the audit log, the latest first."""

    actions: list[ActionOut]
    pagination: Pagination


class NoteIn(Input):
    """What is worth knowing about a person. They never see it."""

    note: Annotated[str, msgspec.Meta(max_length=4_000)]


class NoteOut(Output):
    """A note, and whose."""

    id: UUID
    note: str
    author: str
    created_at: datetime


class PersonOut(Output):
    """How a person stands, what they may do, what was noted, and what was done by and to them and theirs."""

    user: AdminUserOut
    permissions: list[str]
    sessions: int
    second_factor: bool
    providers: list[str]
    notes: list[NoteOut]
    timeline: list[ActionOut]
    pagination: Pagination


def _note_out(note: UserNote) -> NoteOut:
    return NoteOut(id=note.id, note=note.note, author=note.author_label, created_at=note.created_at)


def _admin_out(user: User) -> AdminUserOut:
    shown = msgspec.structs.asdict(user_out(user))
    suspended = user.state is UserState.SUSPENDED
    return AdminUserOut(
        **shown,
        suspension=SuspensionOut(reason=user.suspension_reason, until=user.suspended_until) if suspended else None,
    )


def _action_out(entry: AuditEntry) -> ActionOut:
    return ActionOut(
        id=entry.id,
        number=entry.number,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        actor=entry.actor_label,
        action=entry.action,
        target_type=entry.target_type,
        target_id=entry.target_id,
        reason=entry.reason,
        details=entry.details,
    )


@get("/api/admin/users", **needs(Permission.ADMIN_USERS), tags=["admin"])
def list_users(
    platform: Platform,
    principal: Principal,
    *,
    page: PageParam = 1,
    limit: LimitParam = 20,
    search: Search = None,
    user_type: Annotated[UserType | None, QueryParameter(name="userType")] = None,
    status: Annotated[UserState | None, QueryParameter(name="status")] = None,
) -> UsersOut:
    """People, by role, status, and part of name or mail address."""
    wanted = UserFilter(user_type=user_type, state=status, search=search)
    with platform.work(principal.actor) as work:
        rows, total = queries.list_users(work, wanted, offset=(page - 1) * limit, limit=limit)
    return UsersOut(
        users=[_admin_out(user) for user in rows], pagination=pagination(page=page, limit=limit, total=total)
    )


@get("/api/admin/users/{user_id:uuid}", **needs(Permission.ADMIN_USERS), tags=["admin"])
def show_user(
    user_id: UUID, platform: Platform, principal: Principal, *, page: PageParam = 1, limit: LimitParam = 20
) -> PersonOut:
    """One person, and their timeline by pages."""
    with platform.work(principal.actor) as work:
        user = queries.get_user(work, user_id)
        rows, total = timeline(work, user_id, offset=(page - 1) * limit, limit=limit)
        return PersonOut(
            user=_admin_out(user),
            permissions=sorted(standing.permissions(work, user)),
            sessions=len(queries.live_sessions(work, user_id)),
            second_factor=queries.has_second_factor(work, user_id),
            providers=[one.provider for one in queries.identities(work, user_id)],
            notes=[_note_out(note) for note in queries.notes_of(work, user_id)],
            timeline=[_action_out(entry) for entry in rows],
            pagination=pagination(page=page, limit=limit, total=total),
        )


@post("/api/admin/users/{user_id:uuid}/notes", **needs(Permission.ADMIN_USERS), tags=["admin"])
def add_note(user_id: UUID, data: NoteIn, platform: Platform, principal: Principal) -> NoteOut:
    """Note something about a person, for other admins."""
    with platform.work(principal.actor) as work:
        made = notes.add(work, user_id=user_id, note=data.note)
        work.commit()
        return _note_out(made)


@patch("/api/admin/users/{user_id:uuid}", **needs(Permission.ADMIN_USERS), tags=["admin"])
def change_user(user_id: UUID, data: UserChange, platform: Platform, principal: Principal) -> ChangedOut:
    """Suspend a person, who is signed out at once, or reinstate them."""
    if data.action == "reinstate" and (data.reason is not None or data.until is not None):
        raise InvalidInputError(
            *(FieldError(f, "belongs to suspend") for f in ("reason", "until") if getattr(data, f) is not None)
        )
    with platform.work(principal.actor) as work:
        if data.action == "suspend":
            user = users.suspend(work, user_id=user_id, reason=data.reason or "", until=data.until)
        else:
            user = users.reinstate(work, user_id=user_id)
        work.commit()
    return ChangedOut(user=_admin_out(user))


@get("/api/admin/actions", **needs(Permission.ADMIN_AUDIT), tags=["admin"])
def list_actions(
    platform: Platform,
    principal: Principal,
    *,
    page: PageParam = 1,
    limit: LimitParam = 20,
    action: Annotated[str | None, QueryParameter(name="action", max_length=100)] = None,
    actor_id: Annotated[UUID | None, QueryParameter(name="actorId")] = None,
    target_type: Annotated[str | None, QueryParameter(name="targetType", max_length=100)] = None,
    target_id: Annotated[UUID | None, QueryParameter(name="targetId")] = None,
    since: Annotated[datetime | None, QueryParameter(name="since")] = None,
    until: Annotated[datetime | None, QueryParameter(name="until")] = None,
) -> ActionsOut:
    """The audit log: who did what to whom. `action` is one (`user.suspend`) or a noun (`user.`)."""
    naive = [
        FieldError(n, "needs an offset (like Z)") for n, t in (("since", since), ("until", until)) if t and not t.tzinfo
    ]
    if naive:
        raise InvalidInputError(*naive)
    wanted = AuditFilter(
        actor_id=actor_id, action=action, target_type=target_type, target_id=target_id, since=since, until=until
    )
    with platform.work(principal.actor) as work:
        rows, total = list_entries(work, wanted, offset=(page - 1) * limit, limit=limit)
    return ActionsOut(
        actions=[_action_out(entry) for entry in rows], pagination=pagination(page=page, limit=limit, total=total)
    )


ROUTES = (list_users, show_user, change_user, add_note, list_actions)
