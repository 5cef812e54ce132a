"""Oneself through the API, and what admins do with people."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.identity import PASSWORD, bearer, person, signed_in
from tests.web.test_app import assert_problem
from tourpad.core.actors import operator
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

    Client = TestClient[Any]


def test_what_one_says_of_oneself(client: "Client", platform: "Platform") -> None:
    me = bearer(platform, person(platform, "host"))
    changed = client.patch(
        "/api/users/me",
        headers=me,
        json={"name": "Mara L.", "profile": {"bio": "A porch.", "socialLinks": {"web": "https://porch.example"}}},
    ).json()
    assert changed["user"]["name"] == "Mara L."
    assert changed["user"]["profile"]["socialLinks"] == {"web": "https://porch.example"}
    client.patch("/api/users/me", headers=me, json={"profile": {"socialLinks": None, "location": "Troy NY"}})
    profile = client.get("/api/users/me", headers=me).json()["user"]["profile"]
    assert (profile["bio"], profile["socialLinks"], profile["location"]) == ("A porch.", {}, "Troy NY")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "other@shows.test"}, "email"),
        ({"userType": "admin"}, "userType"),
        ({"status": "active"}, "status"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"profile": {"websiteUrl": "ftp://x.example"}}, "profile.websiteUrl"),
        ({"profile": {"socialLinks": {"web": 1}}}, "profile.socialLinks"),
        ({"profile": {"roleDetails": {}}}, "profile.roleDetails"),
    ],
)
def test_what_can_not_be_changed_there_is_named(
    client: "Client", platform: "Platform", change: dict[str, Any], field: str
) -> None:
    user = person(platform, "artist")
    refused = client.patch("/api/users/me", headers=bearer(platform, user), json=change)
    assert [e["field"] for e in assert_problem(refused, 422, "invalid_input")["errors"]] == [field]


def test_erasing_oneself(client: "Client", platform: "Platform") -> None:
    user = person(platform, "fan", email="ada@shows.test")
    me = bearer(platform, user)
    assert client.delete("/api/users/me", headers=me).status_code == 204
    assert client.get("/api/users/me", headers=me).status_code == 401
    admin = bearer(platform, person(platform, "admin"))
    (gone,) = client.get("/api/admin/users?status=erased", headers=admin).json()["users"]
    assert (gone["name"], gone["email"]) == ("Erased person", f"erased:{user.id}")


def test_erasing_oneself_asks_for_a_fresh_proof(client: "Client", platform: "Platform", clock: "VirtualClock") -> None:
    user = person(platform, "fan")
    clock.advance(timedelta(minutes=1))
    begun = client.post("/api/auth/login", json={"email": user.email, "password": PASSWORD}).json()
    clock.advance(timedelta(minutes=11))
    stolen = {"Authorization": f"Bearer {begun['accessToken']}"}

    def erase(**body: str) -> Any:
        return client.request("DELETE", "/api/users/me", headers=stolen, json=body or None)

    assert_problem(erase(), 403, "fresh_proof_needed")
    assert_problem(erase(password="not the one"), 401, "invalid_credentials")
    # A refreshed token is not fresher than the sign-in that it goes back to.
    again = client.post("/api/auth/refresh", json={"refreshToken": begun["refreshToken"]}).json()
    stolen = {"Authorization": f"Bearer {again['accessToken']}"}
    assert_problem(erase(), 403, "fresh_proof_needed")
    assert client.get("/api/users/me", headers=stolen).status_code == 200
    assert erase(password=PASSWORD).status_code == 204
    assert client.get("/api/users/me", headers=stolen).status_code == 401


def test_admins_find_people(client: "Client", platform: "Platform") -> None:
    admin = bearer(platform, person(platform, "admin"))
    person(platform, "artist", email="ada@shows.test")
    person(platform, "artist", state="pending", email="ben@shows.test")
    person(platform, "host", email="mara@shows.test")

    def emails(query: str) -> list[str]:
        found = client.get(f"/api/admin/users?{query}", headers=admin).json()["users"]
        return sorted(user["email"] for user in found if user["userType"] != "admin")

    assert emails("") == ["ada@shows.test", "ben@shows.test", "mara@shows.test"]
    assert emails("userType=artist&status=pending") == ["ben@shows.test"]
    assert emails("search=MARA@") == ["mara@shows.test"]
    page = client.get("/api/admin/users?limit=3&page=2", headers=admin).json()
    assert (len(page["users"]), page["pagination"]) == (1, {"page": 2, "limit": 3, "total": 4, "pages": 2})


def test_admins_suspend_and_reinstate_on_record(client: "Client", platform: "Platform") -> None:
    admin = person(platform, "admin")
    head = bearer(platform, admin)
    user = person(platform, "artist")
    theirs = signed_in(platform, user)
    path = f"/api/admin/users/{user.id}"
    until = "2026-04-01T00:00:00Z"
    closed = client.patch(path, headers=head, json={"action": "suspend", "reason": "Two complaints.", "until": until})
    assert closed.json()["user"]["status"] == "suspended"
    assert closed.json()["user"]["suspension"] == {"reason": "Two complaints.", "until": until}
    token = {"Authorization": f"Bearer {theirs.access_token}"}
    assert client.get("/api/users/me", headers=token).status_code == 401
    opened = client.patch(path, headers=head, json={"action": "reinstate"}).json()["user"]
    assert (opened["status"], opened["suspension"]) == ("active", None)
    log = client.get(f"/api/admin/actions?action=user.&targetId={user.id}", headers=head).json()
    assert [(a["action"], a["actorId"], a["reason"]) for a in log["actions"]] == [
        ("user.reinstate", str(admin.id), None),
        ("user.suspend", str(admin.id), "Two complaints."),
    ]
    assert log["pagination"]["total"] == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"action": "suspend"}, ["reason"]),
        ({"action": "suspend", "reason": "x", "until": "2020-01-01T00:00:00Z"}, ["until"]),
        ({"action": "suspend", "reason": "x", "until": "2027-01-01T00:00:00"}, ["until"]),
        ({"action": "reinstate", "reason": "x"}, ["reason"]),
        ({"action": "promote"}, ["action"]),
        ({}, ["action"]),
    ],
)
def test_what_is_wrong_with_a_suspension_is_named(
    client: "Client", platform: "Platform", body: dict[str, Any], fields: list[str]
) -> None:
    admin = bearer(platform, person(platform, "admin"))
    user = person(platform)
    refused = client.patch(f"/api/admin/users/{user.id}", headers=admin, json=body)
    assert [e["field"] for e in assert_problem(refused, 422, "invalid_input")["errors"]] == fields


def test_admins_do_not_suspend_themselves_or_nobody(client: "Client", platform: "Platform") -> None:
    admin = person(platform, "admin")
    head = bearer(platform, admin)
    body = {"action": "suspend", "reason": "x"}
    assert_problem(client.patch(f"/api/admin/users/{admin.id}", headers=head, json=body), 409, "cannot_suspend")
    assert_problem(client.patch(f"/api/admin/users/{new_id()}", headers=head, json=body), 404, "not_found")


@pytest.mark.parametrize("role", ["artist", "host", "fan"])
def test_what_is_for_admins_is_for_admins(client: "Client", platform: "Platform", role: str) -> None:
    head = bearer(platform, person(platform, role))
    for method, path in (
        ("GET", "/api/admin/users"),
        ("PATCH", f"/api/admin/users/{new_id()}"),
        ("GET", "/api/admin/actions"),
    ):
        assert_problem(client.request(method, path, headers=head, json={}), 403, "forbidden")
        assert client.request(method, path, json={}).status_code == 401


def test_the_log_is_read_by_time(client: "Client", platform: "Platform") -> None:
    head = bearer(platform, person(platform, "admin"))
    client.patch("/api/users/me", headers=head, json={"name": "Ada"})
    assert client.get("/api/admin/actions?until=2026-03-01T12:00:00Z", headers=head).json()["actions"] == []
    naive = client.get("/api/admin/actions?since=2026-03-01T12:00:00", headers=head)
    assert [e["field"] for e in assert_problem(naive, 422, "invalid_input")["errors"]] == ["since"]


def test_one_person_with_notes_and_everything_that_was_done(client: "Client", platform: "Platform") -> None:
    """By them, to them, and to what is theirs; nothing of anybody else's."""
    from tests.factories.bookings import make_pair
    from tests.factories.concerts import make_concert, make_fan, seat
    from tourpad.core.concerts import service as concerts
    from tourpad.core.concerts.queries.seats import rsvp_ids_of

    admin = person(platform, "admin")
    headers = bearer(platform, admin)
    with platform.work(operator("test")) as work:
        pair, strangers = make_pair(work), make_pair(work)
        concert, other = make_concert(work, pair, fee=0, door=0), make_concert(work, strangers, fee=0, door=0)
        fan, stranger = make_fan(work), make_fan(work)
        seat(work, concert, 1, fan=fan)
        seat(work, other, 1, fan=stranger)
        concerts.leave(work, concert_id=concert.id, user_id=fan)
        concerts.leave(work, concert_id=other.id, user_id=stranger)
        work.commit()
    path = f"/api/admin/users/{fan}"
    noted = client.post(f"{path}/notes", json={"note": "Brings her own chair."}, headers=headers)
    assert noted.status_code == 201
    for wrong in ("", "  ", "x" * 4_001):
        assert client.post(f"{path}/notes", json={"note": wrong}, headers=headers).status_code == 422
    client.patch(path, json={"action": "suspend", "reason": "sang along"}, headers=headers)

    shown = client.get(path, headers=headers).json()
    assert shown["user"]["suspension"]["reason"] == "sang along"
    assert shown["permissions"] == []
    (note,) = shown["notes"]
    assert note["note"] == "Brings her own chair."
    assert note["author"].startswith("admin ")
    did = [entry["action"] for entry in shown["timeline"]]
    assert did[:2] == ["user.suspend", "user.note"]
    assert "rsvp.cancel" in did
    about = {entry["targetId"] for entry in shown["timeline"]}
    with platform.work(operator("test")) as work:
        assert not about & {str(i) for i in rsvp_ids_of(work, stranger)}
        assert about & {str(i) for i in rsvp_ids_of(work, fan)}
    page = client.get(f"{path}?limit=1&page=2", headers=headers).json()
    assert [entry["action"] for entry in page["timeline"]] == did[1:2]
    assert client.get(f"/api/admin/users/{concert.id}", headers=headers).status_code == 404
