"""Registering, signing in and out through the API."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.factories.identity import PASSWORD, bearer, person, signed_in
from tourpad.core.actors import operator
from tourpad.core.identity.service import users

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.conftest import Platform
    from tourpad.core.clock import VirtualClock

    Client = TestClient[Any]

ADA = {"email": "ada@shows.test", "password": PASSWORD, "name": "Ada Lovelock", "userType": "artist"}


def mailed_token(platform: "Platform", template: str, to: str = "ada@shows.test") -> str:
    """The token in the newest mail of a template."""
    with platform.autocommit.connect() as connection:
        text: str = connection.exec_driver_sql(
            "SELECT text_body FROM mails WHERE template = %s AND to_address LIKE %s ORDER BY id DESC LIMIT 1",
            (template, f"%{to}%"),
        ).scalar_one()
    return text.split("?token=")[1].split(maxsplit=1)[0].rstrip(".")


def mails(platform: "Platform") -> list[str]:
    with platform.autocommit.connect() as connection:
        return list(connection.exec_driver_sql("SELECT template FROM mails ORDER BY id").scalars())


def login(client: "Client", email: str = "ada@shows.test", password: str = PASSWORD) -> Any:
    return client.post("/api/auth/login", json={"email": email, "password": password})


def me(client: "Client", token: str) -> Any:
    return client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})


def test_from_registering_to_oneself(client: "Client", platform: "Platform") -> None:
    made = client.post("/api/auth/register", json={**ADA, "profile": {"bio": "Songs.", "stageName": "Ada"}})
    assert made.status_code == 201
    body = made.json()
    assert (body["requiresApproval"], body["nextStep"]) == (True, "email_verification")
    user = body["user"]
    assert (user["email"], user["userType"], user["status"], user["emailVerified"]) == (
        "ada@shows.test",
        "artist",
        "pending",
        False,
    )
    assert (user["profile"]["bio"], user["profile"]["details"]) == ("Songs.", {"stageName": "Ada"})
    assert PASSWORD not in made.text

    token = mailed_token(platform, "verify_email")
    proved = client.post("/api/auth/verify-email", json={"token": token})
    assert (proved.status_code, proved.json()["nextStep"], proved.json()["user"]["emailVerified"]) == (
        200,
        "application",
        True,
    )
    again = client.post("/api/auth/verify-email", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (409, "link_not_valid")

    tokens = login(client).json()
    assert tokens["expiresIn"] == 900
    seen = me(client, tokens["accessToken"]).json()
    assert seen["user"]["id"] == user["id"] == tokens["user"]["id"]
    assert seen["permissions"] == ["account", "apply", "availability", "profile"]
    assert (seen["nextStep"], seen["subscription"]) == ("application", None)


def test_a_known_address_answers_like_a_new_one(client: "Client", platform: "Platform") -> None:
    person(platform, "artist", email="ada@shows.test")
    known = client.post("/api/auth/register", json=ADA)
    fresh = client.post("/api/auth/register", json={**ADA, "email": "new@shows.test"})
    assert known.status_code == fresh.status_code == 201
    first, second = known.json(), fresh.json()
    assert first["user"].pop("id") != second["user"].pop("id")
    assert second["user"].pop("email") == "new@shows.test"
    assert first["user"].pop("email") == "ada@shows.test"
    assert first == second
    assert known.headers.keys() == fresh.headers.keys()
    assert mails(platform) == ["already_registered", "verify_email"]


@pytest.mark.parametrize("role", ["admin", "singer", "", None, 1])
def test_nobody_registers_as_an_admin(client: "Client", role: Any) -> None:
    refused = client.post("/api/auth/register", json={**ADA, "userType": role})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "userType")


def test_asking_again_always_answers_202(client: "Client", platform: "Platform") -> None:
    client.post("/api/auth/register", json=ADA)
    answers = [
        client.post(path, json={"email": email})
        for path in ("/api/auth/verify-email/resend", "/api/auth/password/forgot")
        for email in ("ada@shows.test", "nobody@shows.test")
    ]
    assert [a.status_code for a in answers] == [202] * 4
    assert answers[0].json() == answers[1].json()
    assert answers[2].json() == answers[3].json()
    assert mails(platform) == ["verify_email", "verify_email", "reset_password"]


def test_wrong_passwords_and_unknown_addresses_answer_alike(client: "Client", platform: "Platform") -> None:
    person(platform, email="ada@shows.test")
    client.headers["X-Request-Id"] = "both-have-this-one"
    wrong, unknown = login(client, password="wrong password"), login(client, email="nobody@shows.test")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    assert wrong.json() == unknown.json()


def test_a_bad_token_is_401_but_does_not_stand_in_the_way_of_signing_in(client: "Client", platform: "Platform") -> None:
    person(platform, email="ada@shows.test")
    assert me(client, "nonsense").json()["code"] == "invalid_token"
    assert client.get("/api/users/me").json()["code"] == "unauthenticated"
    assert client.get("/api/users/me", headers={"Authorization": "Basic YTpi"}).status_code == 401
    client.headers["Authorization"] = "Bearer nonsense"
    assert login(client).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_an_access_token_ends_after_a_quarter_of_an_hour(
    client: "Client", platform: "Platform", clock: "VirtualClock"
) -> None:
    token = signed_in(platform, person(platform)).access_token
    clock.advance(timedelta(minutes=14, seconds=59))
    assert me(client, token).status_code == 200
    clock.advance(timedelta(seconds=1))
    expired = me(client, token)
    assert (expired.status_code, expired.json()["title"]) == (401, "The access token has expired.")


def test_neither_token_passes_for_the_other(client: "Client", platform: "Platform") -> None:
    made = signed_in(platform, person(platform))
    assert me(client, made.refresh_token).status_code == 401
    assert client.post("/api/auth/refresh", json={"refreshToken": made.access_token}).status_code == 401


def test_a_reused_refresh_token_signs_everybody_out(client: "Client", platform: "Platform") -> None:
    made = signed_in(platform, person(platform))
    fresh = client.post("/api/auth/refresh", json={"refreshToken": made.refresh_token})
    assert fresh.status_code == 200
    assert me(client, fresh.json()["accessToken"]).status_code == 200
    reused = client.post("/api/auth/refresh", json={"refreshToken": made.refresh_token})
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_reused")
    assert me(client, fresh.json()["accessToken"]).status_code == 401
    last = client.post("/api/auth/refresh", json={"refreshToken": fresh.json()["refreshToken"]})
    assert (last.status_code, last.json()["code"]) == (401, "invalid_token")


def test_two_refreshes_at_once_are_a_reuse(client: "Client", platform: "Platform") -> None:
    from concurrent.futures import ThreadPoolExecutor

    made = signed_in(platform, person(platform))
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: client.post("/api/auth/refresh", json={"refreshToken": made.refresh_token}), range(2))
        )
    assert sorted(a.status_code for a in answers) == [200, 401]
    assert me(client, made.access_token).status_code == 401


@pytest.mark.parametrize("everywhere", [False, True])
def test_signing_out(client: "Client", platform: "Platform", everywhere: bool) -> None:
    user = person(platform)
    here, there = signed_in(platform, user).access_token, signed_in(platform, user).access_token
    path = "/api/auth/logout" + ("?everywhere=true" if everywhere else "")
    out = client.post(path, headers={"Authorization": f"Bearer {here}"})
    assert (out.status_code, out.content) == (204, b"")
    assert me(client, here).status_code == 401
    assert me(client, there).status_code == (401 if everywhere else 200)


def test_sessions_are_listed_and_ended_one_by_one(client: "Client", platform: "Platform") -> None:
    person(platform, email="ada@shows.test")
    client.headers["User-Agent"] = "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"
    first = login(client).json()["accessToken"]
    second = login(client).json()["accessToken"]
    mine = {"Authorization": f"Bearer {second}"}
    listed = client.get("/api/auth/sessions", headers=mine).json()["sessions"]
    assert [(s["device"], s["userAgent"] == client.headers["User-Agent"]) for s in listed] == [
        ("Firefox on Android", True)
    ] * 2
    assert all(s["address"] and "network" in s for s in listed)
    assert [s["lastUsedAt"] for s in listed] == ["2026-03-01T12:00:00Z"] * 2
    (other,) = [s["id"] for s in listed if not s["current"]]
    assert client.delete(f"/api/auth/sessions/{other}", headers=mine).status_code == 204
    assert me(client, first).status_code == 401
    assert len(client.get("/api/auth/sessions", headers=mine).json()["sessions"]) == 1


def test_sessions_of_others_are_not_there(client: "Client", platform: "Platform") -> None:
    theirs = signed_in(platform, person(platform))
    mine = bearer(platform, person(platform))
    for session in (theirs.session_id, uuid4()):
        assert client.delete(f"/api/auth/sessions/{session}", headers=mine).status_code == 404
    assert me(client, theirs.access_token).status_code == 200


def test_a_new_password_by_mail_ends_every_session(client: "Client", platform: "Platform") -> None:
    user = person(platform, email="ada@shows.test")
    before = signed_in(platform, user)
    client.post("/api/auth/password/forgot", json={"email": "Ada@Shows.test"})
    token = mailed_token(platform, "reset_password")
    weak = client.post("/api/auth/password/reset", json={"token": token, "password": "password123"})
    assert (weak.status_code, weak.json()["errors"][0]["field"]) == (422, "password")
    done = client.post("/api/auth/password/reset", json={"token": token, "password": "nine purple umbrellas"})
    assert done.status_code == 204
    assert me(client, before.access_token).status_code == 401
    assert client.post("/api/auth/refresh", json={"refreshToken": before.refresh_token}).status_code == 401
    assert login(client).status_code == 401
    assert login(client, password="nine purple umbrellas").status_code == 200
    again = client.post("/api/auth/password/reset", json={"token": token, "password": "nine purple umbrellas"})
    assert again.json()["code"] == "link_not_valid"


def test_the_next_request_after_a_suspension_is_nobodys(
    client: "Client", platform: "Platform", clock: "VirtualClock"
) -> None:
    user = person(platform, email="ada@shows.test")
    made = signed_in(platform, user)
    assert me(client, made.access_token).status_code == 200
    with platform.work(operator("test")) as work:
        users.suspend(work, user_id=user.id, reason="two complaints", until=clock.now() + timedelta(days=1))
        work.commit()
    assert me(client, made.access_token).status_code == 401
    assert client.post("/api/auth/refresh", json={"refreshToken": made.refresh_token}).status_code == 401
    closed = login(client)
    assert (closed.status_code, closed.json()["code"]) == (403, "account_suspended")
    assert closed.json()["details"]["reason"] == "two complaints"
    clock.advance(timedelta(days=1))
    assert login(client).status_code == 200


def test_sign_in_is_limited_by_account_and_address(
    client: "Client", platform: "Platform", clock: "VirtualClock"
) -> None:
    person(platform, email="ada@shows.test")
    answers = [login(client, email=email, password="wrong password") for email in ("ada@shows.test", "ADA@shows.test")]
    assert answers[0].headers["ratelimit-policy"] == '"login";q=10;w=300'
    assert [a.headers["ratelimit"] for a in answers] == ['"login";r=9;t=300', '"login";r=8;t=300']
    statuses = [login(client, password="wrong password").status_code for _ in range(9)]
    assert statuses == [401] * 8 + [429]
    limited = login(client)
    assert (limited.status_code, limited.json()["code"]) == (429, "rate_limited")
    assert limited.headers["retry-after"] == "300"
    assert login(client, email="mara@shows.test").status_code == 401
    clock.advance(timedelta(minutes=5))
    assert login(client).status_code == 200


@pytest.mark.parametrize(("path", "allowed"), [("/api/auth/password/forgot", 5), ("/api/auth/verify-email/resend", 3)])
def test_mails_are_limited_whether_or_not_the_address_is_known(
    client: "Client", platform: "Platform", path: str, allowed: int
) -> None:
    person(platform, email="ada@shows.test")
    for email in ("ada@shows.test", "nobody@shows.test"):
        statuses = [client.post(path, json={"email": email}).status_code for _ in range(allowed + 1)]
        assert statuses == [202] * allowed + [429]


def test_limits_can_be_switched_off(client: "Client", platform: "Platform") -> None:
    from dataclasses import replace

    platform.settings = replace(platform.settings, rate_limits=False)
    assert {login(client, password="wrong password").status_code for _ in range(15)} == {401}


def test_ten_sign_ins_pass_however_many_try_at_once(client: "Client") -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: login(client).status_code, range(24)))
    assert sorted(statuses) == [401] * 10 + [429] * 14


def test_registrations_are_limited_by_address_where_addresses_say_something(
    client: "Client", platform: "Platform"
) -> None:
    from dataclasses import replace

    from tourpad.core.settings import Env

    def tries(count: int) -> list[int]:
        return [client.post("/api/auth/register", json={**ADA, "password": "x"}).status_code for _ in range(count)]

    assert set(tries(21)) == {422}
    platform.settings = replace(platform.settings, env=Env.STAGING)
    assert set(tries(1)) == {429}


def test_one_address_registered_twice_at_once_is_one_account(client: "Client", platform: "Platform") -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.post("/api/auth/register", json=ADA).status_code, range(4)))
    assert answers == [201] * 4
    with platform.autocommit.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM users").scalar_one() == 1


def _statements(client: "Client", platform: "Platform", path: str, body: dict[str, Any]) -> list[str]:
    """The first words of what one request asks of the database, in order."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        seen.append(f"{words[0]} {next((w for w in words if w.islower() and len(w) > 3), '')}")

    event.listen(platform.engine, "before_cursor_execute", note)
    client.post(path, json=body)
    event.remove(platform.engine, "before_cursor_execute", note)
    return seen


def test_a_known_address_costs_the_same_work_as_a_new_one(client: "Client", platform: "Platform") -> None:
    """What `make bench NAME=timing` measures: each asks the database for as much."""
    person(platform, email="known@shows.test")
    wrong = {"password": "not the password"}
    path = "/api/auth/login"
    known = _statements(client, platform, path, {"email": "known@shows.test", **wrong})
    assert known == _statements(client, platform, path, {"email": "unknown@shows.test", **wrong})

    path = "/api/auth/register"
    body = {"password": "nine purple umbrellas", "name": "Ada", "userType": "artist"}
    known = _statements(client, platform, path, {"email": "known@shows.test", **body})
    new = _statements(client, platform, path, {"email": "new@shows.test", **body})
    # The link of a new one is a row more; looking the owner up again is a query more.
    assert len(known) > 8
    assert abs(len(new) - len(known)) <= 1
    assert sorted(s for s in known if s.startswith("INSERT")) == sorted(
        s for s in new if s.startswith("INSERT") and "email_tokens" not in s
    )


@pytest.mark.parametrize("path", ["/api/auth/password/forgot", "/api/auth/verify-email/resend"])
def test_whether_a_mail_goes_out_is_not_told_by_time(client: "Client", platform: "Platform", path: str) -> None:
    from tourpad.core.clock import stopwatch
    from tourpad.web.steady import FLOOR

    person(platform, email="known@shows.test")
    for email in ("known@shows.test", "unknown@shows.test"):
        began = stopwatch()
        assert client.post(path, json={"email": email}).status_code == 202
        assert stopwatch() - began >= FLOOR


def test_refused_sign_ins_wait_and_so_does_registering(client: "Client", platform: "Platform") -> None:
    """An old hash takes longer, so that all refusals come at one time; the settings here make that a share of it."""
    from dataclasses import replace

    from litestar.testing import TestClient

    from tourpad.core.clock import stopwatch
    from tourpad.web.app import create_app
    from tourpad.web.steady import PASSWORD_FLOOR

    person(platform, email="ada@shows.test")
    platform.settings = replace(platform.settings, password_memory_kib=19_456 // 2)
    with TestClient(create_app(platform)) as slow:
        for email in ("ada@shows.test", "nobody@shows.test"):
            began = stopwatch()
            assert login(slow, email, "eight green lanterns").status_code == 401
            assert stopwatch() - began >= PASSWORD_FLOOR / 2
        assert login(slow).status_code == 200
        began = stopwatch()
        known = {"email": "ada@shows.test", "password": PASSWORD, "name": "Ada", "userType": "fan"}
        assert slow.post("/api/auth/register", json=known).status_code == 201
        assert stopwatch() - began >= PASSWORD_FLOOR / 2
