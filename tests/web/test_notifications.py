from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.apps import client_of
from tests.factories.notifications import ANSWERED, person
from tourpad.core.actors import operator
from tourpad.core.identity.service import sessions
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.outbox.service import listed
from tourpad.core.platform import Platform

Api = TestClient[Any]


@pytest.fixture
def api(platform: Platform) -> Iterator[Api]:
    """The API, with Ada (two pieces of news) and Ben (one) in it."""
    with platform.work(operator("test")) as work:
        for name, count in (("Ada", 2), ("Ben", 1)):
            somebody = person(work, name)
            for _ in range(count):
                tell(work, user_id=somebody.id, category=Category.CONCERT, **ANSWERED)
        work.commit()
    with client_of(platform) as client:
        yield client


def _as(platform: Platform, email: str) -> dict[str, str]:
    from tourpad.core.identity.queries import get_by_email

    with platform.work(operator("test")) as work:
        token = sessions.begin(work, user=get_by_email(work, email)).access_token
        work.commit()
    return {"Authorization": f"Bearer {token}"}


def test_news_is_listed_read_one_by_one_and_at_once(api: Api, platform: Platform) -> None:
    ada, ben = _as(platform, "ada@example.org"), _as(platform, "ben@example.org")
    listed = api.get("/api/notifications", headers=ada, params={"limit": 1}).json()
    assert (listed["unread"], listed["pagination"]) == (2, {"page": 1, "limit": 1, "total": 2, "pages": 2})
    (news,) = listed["notifications"]
    assert (news["title"], news["category"], news["isRead"], news["actionUrl"]) == (
        "Is this your mail address?",
        "concert",
        False,
        "/verify-email?token=t0ken",
    )
    path = f"/api/notifications/{news['id']}/read"
    assert api.post(path, headers=ben).status_code == 404
    read = api.post(path, headers=ada)
    assert (read.status_code, read.json()["isRead"]) == (200, True)
    assert api.get("/api/notifications?unread=true", headers=ada).json()["pagination"]["total"] == 1
    assert api.post("/api/notifications/read-all", headers=ada).json() == {"read": 1}
    assert api.get("/api/notifications", headers=ada).json()["unread"] == 0
    assert api.get("/api/notifications", headers=ben).json()["unread"] == 1
    assert api.get("/api/notifications").status_code == 401


def test_preferences_round_trip_and_essential_ones_are_refused_by_name(api: Api, platform: Platform) -> None:
    ada = _as(platform, "ada@example.org")
    path = "/api/users/me/notification-preferences"
    before = api.get(path, headers=ada).json()
    assert before["preferences"]["concert"] == {"app": True, "email": True}
    assert api.patch(path, headers=ada, json=before).json() == before
    changed = api.patch(path, headers=ada, json={"preferences": {"concert": {"email": False}}}).json()
    assert changed["preferences"]["concert"] == {"app": True, "email": False}
    assert api.get(path, headers=ada).json() == changed
    refused = api.patch(
        path, headers=ada, json={"preferences": {"review": {"app": False}, "payment": {"email": False}}}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert [e["field"] for e in refused.json()["errors"]] == ["preferences.payment.email"]
    assert api.get(path, headers=ada).json() == changed
    for wrong in ({"preferences": {"weather": {"email": False}}}, {"other": 1}, {"preferences": {"concert": 1}}):
        assert api.patch(path, headers=ada, json=wrong).status_code == 422


def _link(platform: Platform) -> str:
    with platform.work(operator("test")) as work:
        mail = listed(work, limit=1, to="ada")[0][0]
    return mail.headers["List-Unsubscribe"].strip("<>").removeprefix(platform.settings.base_url)


def test_looking_at_the_link_changes_nothing_and_one_click_does(api: Api, platform: Platform) -> None:
    link = _link(platform)
    state = {"category": "concert", "about": "concerts", "subscribed": True}
    assert api.get(link).json() == api.get(link).json() == state
    clicked = api.post(link, data={"List-Unsubscribe": "One-Click"})
    assert (clicked.status_code, clicked.json()) == (200, {**state, "subscribed": False})
    assert api.post(link).json() == api.get(link).json() == {**state, "subscribed": False}
    ada = _as(platform, "ada@example.org")
    table = api.get("/api/users/me/notification-preferences", headers=ada).json()["preferences"]
    assert table["concert"] == {"app": True, "email": False}


def test_a_browser_sees_a_button_and_then_that_it_is_done(api: Api, platform: Platform) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml"}
    page = api.get(_link(platform), headers=browser)
    assert page.headers["content-type"].startswith("text/html")
    assert "No more mails about concerts</button>" in page.text
    done = api.post(_link(platform), headers=browser)
    assert "You get no more mails about concerts." in done.text
    assert "<form" not in done.text


def test_a_link_that_was_cut_is_not_found(api: Api, platform: Platform) -> None:
    cut = _link(platform)[:-4]
    for answer in (api.get(cut), api.post(cut)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
