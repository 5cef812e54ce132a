"""What becomes of an account."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.identity import PASSWORD, make_user
from tourpad.core.actors import person
from tourpad.core.audit.queries import AuditFilter, list_entries
from tourpad.core.errors import ConflictError, IllegalMoveError, InvalidInputError, NotFoundError, RefusedError
from tourpad.core.identity import queries, rules
from tourpad.core.identity.errors import CannotSuspend
from tourpad.core.identity.events import ErasureRequested, SessionsEnded, UserErased, UserReinstated, UserSuspended
from tourpad.core.identity.service import account, sessions, signin, users
from tourpad.core.identity.states import MOVES, UserState, UserType
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.work import Work

S = UserState


def actions(work: "Work") -> list[str]:
    entries, _ = list_entries(work, AuditFilter(action="user."), offset=0, limit=50)
    return [entry.action for entry in entries]


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("approve", S.PENDING, S.APPROVED),
        ("approve", S.REJECTED, S.APPROVED),
        ("approve", S.APPROVED, S.APPROVED),
        ("approve", S.ACTIVE, S.ACTIVE),
        ("activate", S.PENDING, S.ACTIVE),
        ("activate", S.APPROVED, S.ACTIVE),
        ("activate", S.ACTIVE, S.ACTIVE),
        ("deactivate", S.ACTIVE, S.APPROVED),
        ("deactivate", S.APPROVED, S.APPROVED),
        ("deactivate", S.PENDING, S.PENDING),
        ("reject", S.PENDING, S.REJECTED),
        ("reject", S.REJECTED, S.REJECTED),
        ("reopen", S.APPROVED, S.PENDING),
        ("reopen", S.REJECTED, S.PENDING),
    ],
)
def test_moves(work: "Work", verb: str, before: UserState, after: UserState) -> None:
    user = make_user(work, "artist", state=before.value)
    assert getattr(users, verb)(work, user_id=user.id).state is after
    assert actions(work) == ([f"user.{verb}"] if before is not after else [])


def test_what_the_table_does_not_list_is_refused(work: "Work") -> None:
    user = make_user(work, "artist", state="active")
    with pytest.raises(IllegalMoveError, match="active can't become rejected"):
        users.reject(work, user_id=user.id)


def test_erased_is_an_end() -> None:
    assert MOVES[S.ERASED] == frozenset()
    assert all(S.ERASED in moves for state, moves in MOVES.items() if state is not S.ERASED)


def test_nobody_can_be_moved_who_is_not_there(work: "Work") -> None:
    with pytest.raises(NotFoundError):
        users.approve(work, user_id=new_id())


@pytest.mark.parametrize("state", [S.PENDING, S.APPROVED, S.ACTIVE, S.REJECTED])
def test_a_suspension_ends_sessions_and_returns_to_where_the_person_was(work: "Work", state: UserState) -> None:
    user = make_user(work, "artist", state=state.value)
    sessions.begin(work, user=user)
    users.suspend(work, user_id=user.id, reason=" two complaints ")
    assert (user.state, user.suspension_reason) == (S.SUSPENDED, "two complaints")
    assert queries.live_sessions(work, user.id) == []
    assert work.events[-1] == UserSuspended(user_id=user.id, reason="two complaints", until=None)
    users.reinstate(work, user_id=user.id)
    assert (user.state, user.suspension_reason, user.suspended_from) == (state, None, None)
    assert work.events[-1] == UserReinstated(user_id=user.id)
    assert actions(work) == ["user.reinstate", "user.suspend"]


def test_what_happens_meanwhile_counts_when_the_suspension_ends(work: "Work") -> None:
    user = make_user(work, "fan", state="active")
    users.suspend(work, user_id=user.id, reason="two complaints")
    users.deactivate(work, user_id=user.id)
    assert user.state is S.SUSPENDED
    assert users.reinstate(work, user_id=user.id).state is S.APPROVED


def test_suspending_twice_changes_reason_and_end(work: "Work") -> None:
    user = make_user(work, "fan")
    end = work.now + timedelta(days=1)
    users.suspend(work, user_id=user.id, reason="one complaint")
    users.suspend(work, user_id=user.id, reason="two complaints", until=end)
    users.suspend(work, user_id=user.id, reason="two complaints", until=end)
    assert (user.suspended_from, user.suspension_reason, user.suspended_until) == ("active", "two complaints", end)
    assert actions(work) == ["user.suspend", "user.suspend"]


def test_a_suspension_needs_a_reason_and_a_future(work: "Work") -> None:
    user = make_user(work, "fan")
    for reason, until, field in ((" ", None, "reason"), ("x", work.now, "until")):
        with pytest.raises(InvalidInputError) as caught:
            users.suspend(work, user_id=user.id, reason=reason, until=until)
        assert [e.field for e in caught.value.errors] == [field]
    assert user.state is S.ACTIVE


def test_nobody_suspends_themselves(work: "Work") -> None:
    admin = make_user(work, "admin")
    work.actor = person(admin.id, "admin")
    with pytest.raises(CannotSuspend):
        users.suspend(work, user_id=admin.id, reason="tired")


def test_reinstating_whoever_is_not_suspended_changes_nothing(work: "Work") -> None:
    user = make_user(work, "fan", state="approved")
    assert users.reinstate(work, user_id=user.id).state is S.APPROVED
    assert actions(work) == []


def test_erasure_blanks_the_person_and_frees_the_address(work: "Work") -> None:
    user = make_user(work, "artist", email="ada@shows.test")
    account.update_account(work, user_id=user.id, profile={"phone": "+1 614 555 0100", "bio": "I"})
    sessions.begin(work, user=user, address="192.0.2.7", user_agent="a browser")
    account.erase(work, user_id=user.id)
    assert (user.state, user.name, user.email) == (S.ERASED, "Erased person", f"erased:{user.id}")
    assert queries.get_profile(work, user.id) is None
    assert queries.get_credential(work, user.id) is None
    assert queries.live_sessions(work, user.id) == []
    assert [type(e) for e in work.events[-3:]] == [ErasureRequested, SessionsEnded, UserErased]
    again = make_user(work, "fan", email="ada@shows.test")
    assert queries.get_by_email(work, "ada@shows.test").id == again.id
    assert account.erase(work, user_id=user.id).state is S.ERASED


def test_a_reaction_can_refuse_an_erasure(work: "Work") -> None:
    user = make_user(work, "artist")

    def counting_on_them(_: "Work", event: object) -> None:
        if isinstance(event, ErasureRequested):
            raise RefusedError("There is an open booking.")

    work.react = counting_on_them
    with pytest.raises(RefusedError, match="open booking"):
        account.erase(work, user_id=user.id)
    assert user.state is S.ACTIVE


def test_the_last_admin_stays(work: "Work") -> None:
    admin = make_user(work, "admin")
    with pytest.raises(RefusedError, match="last admin"):
        account.erase(work, user_id=admin.id)
    make_user(work, "admin")
    assert account.erase(work, user_id=admin.id).state is S.ERASED


def test_changing_oneself(work: "Work") -> None:
    user = make_user(work, "host")
    account.update_account(
        work, user_id=user.id, name="  Mara   Lovelock ", profile={"bio": "Porch.", "location": "Troy NY"}
    )
    account.update_account(work, user_id=user.id, profile={"location": None})
    profile = queries.get_profile(work, user.id)
    assert profile is not None
    assert (user.name, profile.bio, profile.location) == ("Mara Lovelock", "Porch.", None)


def test_changing_oneself_names_what_is_wrong(work: "Work") -> None:
    user = make_user(work, "host")
    with pytest.raises(InvalidInputError) as caught:
        account.update_account(work, user_id=user.id, name=" ", profile={"website_url": "x", "city": "Troy"})
    assert sorted(e.field for e in caught.value.errors) == ["name", "profile.city", "profile.website_url"]


def test_admins_are_verified_and_active(work: "Work") -> None:
    admin, link = account.create_admin(work, email="mara@shows.test", name="Mara", password=PASSWORD)
    assert (admin.state, admin.user_type, admin.email_verified_at, link) == (S.ACTIVE, UserType.ADMIN, work.now, None)
    assert signin.login(work, email="mara@shows.test", password=PASSWORD).user.id == admin.id


def test_an_admin_without_a_password_gets_a_link(work: "Work") -> None:
    admin, link = account.create_admin(work, email="mara@shows.test", name="Mara")
    assert link is not None
    signin.reset_password(work, token=link, password=PASSWORD)
    assert signin.login(work, email="mara@shows.test", password=PASSWORD).user.id == admin.id


def test_an_admin_needs_an_address_of_their_own(work: "Work") -> None:
    make_user(work, email="mara@shows.test")
    with pytest.raises(ConflictError):
        account.create_admin(work, email="MARA@shows.test", name="Mara")


def test_issued_tokens_are_on_record_and_only_for_local_work(work: "Work") -> None:
    from dataclasses import replace

    from tourpad.core.settings import Env

    user = make_user(work, "artist", email="ada@shows.test")
    made = account.issue_token(work, email="ada@shows.test")
    assert made.user.id == user.id
    assert actions(work) == ["user.token"]
    for env in (Env.STAGING, Env.PRODUCTION):
        work.settings = replace(work.settings, env=env)
        with pytest.raises(RefusedError, match=env.value):
            account.issue_token(work, email="ada@shows.test")


def test_people_are_found_by_role_state_and_part_of_a_name(work: "Work") -> None:
    ada = make_user(work, "artist", state="pending", email="ada_100%@shows.test")
    make_user(work, "host", state="active", email="adaX100Y@shows.test")
    found, total = queries.list_users(work, queries.UserFilter(search="A_100%"), offset=0, limit=10)
    assert ([u.id for u in found], total) == ([ada.id], 1)
    found, total = queries.list_users(work, queries.UserFilter(user_type=UserType.HOST), offset=0, limit=10)
    assert total == 1
    _, total = queries.list_users(work, queries.UserFilter(state=UserState.REJECTED), offset=0, limit=10)
    assert total == 0


@pytest.mark.parametrize(
    ("role", "state", "verified", "step"),
    [
        ("artist", "pending", False, "email_verification"),
        ("artist", "pending", True, "application"),
        ("artist", "rejected", True, "application"),
        ("artist", "approved", True, "payment"),
        ("artist", "active", True, None),
        ("host", "pending", True, "application"),
        ("host", "active", True, None),
        ("fan", "pending", False, "email_verification"),
        ("fan", "approved", True, "payment"),
        ("fan", "suspended", True, None),
    ],
)
def test_what_comes_next(work: "Work", role: str, state: str, verified: bool, step: str | None) -> None:
    at = work.now if verified else None
    assert rules.next_step(UserType(role), UserState(state), at) == step
