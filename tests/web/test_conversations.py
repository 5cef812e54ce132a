from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar.testing import TestClient

from tests.apps import client_of
from tests.factories.bookings import make_booking, make_pair
from tourpad.core.actors import operator
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.service import sessions
from tourpad.core.masking import HIDDEN
from tourpad.core.platform import Platform

Api = TestClient[Any]
ACTOR = operator("test")


@pytest.fixture
def api(platform: Platform) -> Iterator[Api]:
    """The API."""
    with client_of(platform) as client:
        yield client


def _as(platform: Platform, user_id: UUID) -> dict[str, str]:
    with platform.work(ACTOR) as work:
        token = sessions.begin(work, user=get_user(work, user_id)).access_token
        work.commit()
    return {"Authorization": f"Bearer {token}"}


def test_the_sides_of_a_booking_talk(api: Api, platform: Platform) -> None:
    with platform.work(ACTOR) as work:
        pair, other = make_pair(work), make_pair(work)
        booking = make_booking(work, pair, state="pending")
        work.commit()
    artist, host, stranger = (_as(platform, user) for user in (pair.artist_user, pair.host_user, other.host_user))
    begin = {"bookingId": str(booking.id)}
    began = api.post("/api/conversations", headers=artist, json={**begin, "message": "Mail me: ada@example.org"})
    assert began.status_code == 201
    thread = began.json()
    assert thread["bookingStatus"] == "pending"
    assert [(p["role"], p["name"]) for p in thread["participants"]] == [
        ("artist", "Juniper Vale"),
        ("host", "Mill Lane House"),
    ]
    assert (thread["unread"], thread["lastMessage"]["content"]) == (0, f"Mail me: {HIDDEN}")
    assert api.post("/api/conversations", headers=host, json=begin).json()["id"] == thread["id"]

    mine = api.get("/api/conversations", headers=host).json()
    assert (mine["pagination"]["total"], mine["conversations"][0]["unread"]) == (1, 1)
    path = f"/api/conversations/{thread['id']}"
    for n in range(3):
        sent = api.post(f"{path}/messages", headers=host, json={"content": f"answer {n}"})
        assert (sent.status_code, sent.json()["isOwn"], sent.json()["senderName"]) == (201, True, "Mill Lane House")
    assert api.post(f"{path}/read", headers=host).json()["unread"] == 0

    first = api.get(f"{path}/messages", headers=artist, params={"limit": 3}).json()
    assert [m["content"] for m in first["messages"]] == ["answer 2", "answer 1", "answer 0"]
    rest = api.get(f"{path}/messages", headers=artist, params={"before": first["nextCursor"]}).json()
    assert [(m["content"], m["isMasked"]) for m in rest["messages"]] == [(f"Mail me: {HIDDEN}", True)]
    assert rest["nextCursor"] is None
    wrong = api.get(f"{path}/messages?before=nonsense", headers=artist)
    assert (wrong.status_code, [e["field"] for e in wrong.json()["errors"]]) == (422, ["before"])

    for method, url, body in (
        ("GET", f"{path}/messages", None),
        ("POST", f"{path}/messages", {"content": "let me in"}),
        ("POST", f"{path}/read", None),
        ("POST", "/api/conversations", begin),
        ("GET", f"/api/conversations/{uuid4()}/messages", None),
    ):
        assert api.request(method, url, headers=stranger, json=body).status_code == 404
    assert api.get("/api/conversations").status_code == 401
    assert api.post(f"{path}/messages", headers=artist, json={"content": ""}).status_code == 422


def test_a_list_takes_the_same_few_queries_however_long(api: Api, platform: Platform) -> None:
    from sqlalchemy import event

    with platform.work(ACTOR) as work:
        pair = make_pair(work)
        work.commit()
    host = _as(platform, pair.host_user)
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    event.listen(platform.engine, "before_cursor_execute", note)
    counts: list[int] = []
    for days in range(1, 4):
        with platform.work(ACTOR) as work:
            booking = make_booking(work, pair, state="pending", day=work.now.date().replace(month=5, day=days))
            work.commit()
        api.post("/api/conversations", headers=host, json={"bookingId": str(booking.id), "message": "hello"})
        seen.clear()
        assert len(api.get("/api/conversations", headers=host).json()["conversations"]) == days
        counts.append(len(seen))
    event.remove(platform.engine, "before_cursor_execute", note)
    assert len(set(counts)) == 1
