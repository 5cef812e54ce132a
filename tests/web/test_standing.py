"""What somebody may do is told the same by `GET /users/me`, to admins, and at the terminal."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tests.factories.profiles import make_person
from tests.web.api import opened
from tourpad.core.identity import queries
from tourpad.core.identity.permissions import PERMISSIONS
from tourpad.core.identity.service import standing
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.settings import Env
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tests.command import Command
    from tests.web.api import Api
    from tourpad.core.platform import Platform

UNABLE = (UserState.SUSPENDED, UserState.ERASED)


def everybody(api: "Api", *, terms: str) -> dict[tuple[UserType, UserState], tuple[UUID, dict[str, str]]]:
    """One person of every role in every state with a sign-in of theirs; they agreed to that version of the terms."""
    made: dict[tuple[UserType, UserState], UUID] = {}
    with api.setting() as work:
        for role in UserType:
            for state in UserState:
                user = make_person(work, role.value, state=UserState.ACTIVE.value)
                user.terms_version = terms
                made[role, state] = user.id
    signed_in = {key: (user_id, api.sign_in(user_id)) for key, user_id in made.items()}
    with api.setting() as work:
        for (_, state), user_id in made.items():
            queries.get_user(work, user_id).state = state
    return signed_in


def test_what_one_may_do_is_told_the_same_everywhere(platform: "Platform", cli: "Command") -> None:
    with opened(platform) as api:
        admin = api.person("admin")
        for terms in ("2026-01", "2025-06"):
            for (role, state), (user_id, who) in everybody(api, terms=terms).items():
                mine = api.client.get("/api/users/me", headers=who)
                seen = api.client.get(f"/api/admin/users/{user_id}", headers=admin).json()["permissions"]
                assert cli("users", "show", str(user_id), "--json").json["permissions"] == seen
                whole = sorted(PERMISSIONS.get((role, state), ()))
                if not whole:
                    assert (mine.status_code, seen) == (401 if state in UNABLE else 403, []), (role, state)
                    continue
                assert mine.json()["permissions"] == seen, (role, state)
                agreed = terms == "2026-01" or role is UserType.ADMIN
                assert seen == (whole if agreed else [p for p in whole if p == "account"]), (role, state)


def test_an_admin_without_a_second_factor_is_told_so_everywhere(platform: "Platform") -> None:
    platform.settings = replace(platform.settings, env=Env.PRODUCTION)
    with opened(platform) as api:
        with api.setting() as work:
            user_id = make_person(work, "admin").id
        mine = api.client.get("/api/users/me", headers=api.sign_in(user_id)).json()
        with api.setting() as work:
            assert mine["permissions"] == sorted(standing.permissions(work, queries.get_user(work, user_id)))
        assert mine["permissions"] == ["account"]


def test_a_token_from_before_the_last_end_of_all_sessions_counts_for_nothing(platform: "Platform") -> None:
    """Even where its session was begun at that very moment by another process, and is not marked as ended."""
    with opened(platform) as api:
        with api.setting() as work:
            user_id = make_person(work, "fan").id
        who = api.sign_in(user_id)
        assert api.client.get("/api/users/me", headers=who).status_code == 200
        with api.setting() as work:
            queries.get_user(work, user_id).sign_ins_valid_from = work.now + timedelta(seconds=1)
        assert api.client.get("/api/users/me", headers=who).status_code == 401


def test_a_refusal_says_whether_it_is_never_or_not_yet_and_what_to_do(api: "Api") -> None:
    form = "/api/artists/application"
    told = {
        ("host", "active", "POST /api/memberships/checkout"): (
            "This is for artists and fans, and you are a host.",
            "Hosts need no membership. GET /api/users/me lists what you may do.",
        ),
        ("host", "pending", "POST /api/memberships/checkout"): (
            "This is for artists and fans, and you are a host.",
            "Hosts need no membership. GET /api/users/me lists what you may do.",
        ),
        ("fan", "active", "GET /api/hosts"): (
            "This is for artists and admins, and you are a fan.",
            "GET /api/users/me lists what you may do.",
        ),
        ("artist", "pending", "GET /api/hosts"): (
            "As artist in state pending you may not do this yet (it needs browse_hosts).",
            f"It opens once your application is accepted: POST {form} submits it, GET tells how it stands.",
        ),
        ("host", "rejected", "GET /api/artists"): (
            "As host in state rejected you may not do this yet (it needs browse_artists).",
            "GET /api/hosts/application tells why, and from when you may apply again.",
        ),
        ("fan", "pending", "GET /api/concerts"): (
            "As fan in state pending you may not do this yet (it needs browse_concerts).",
            "Verify your mail address; POST /api/auth/verify-email/resend mails the link again.",
        ),
        ("artist", "approved", "GET /api/hosts"): (
            "As artist in state approved you may not do this yet (it needs browse_hosts).",
            "Take a membership: POST /api/memberships/checkout.",
        ),
    }
    for (role, state, route), said in told.items():
        method, path = route.split()
        refused = api.client.request(method, path, headers=api.person(role, state=state))
        body = refused.json()
        assert (refused.status_code, body["title"], body["hint"]) == (403, *said), (role, state, route)
