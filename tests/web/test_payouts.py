"""`/api/connect` and `/api/payouts`: one's own, with lines that add up."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient

from tests.apps import client_of
from tests.factories.payouts import Show, control, fund, make_show, owe
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.identity.service import sessions
from tourpad.core.payouts import procedures, service
from tourpad.core.platform import Platform

Api = TestClient[Any]
ME = operator("test")


@pytest.fixture
def show(platform: Platform) -> Show:
    """A settled show of ten days ago."""
    with platform.work(ME) as work:
        made = make_show(work, door=(1500,) * 10, guarantee=5000, days_ago=10)
        service.settle(work, concert_id=made.concert_id)
        work.commit()
    return made


@pytest.fixture
def api(platform: Platform) -> Iterator[Api]:
    with client_of(platform) as client:
        yield client


def sign_in(platform: Platform, user_id: UUID) -> dict[str, str]:
    from tourpad.core.identity.queries import get_user

    with platform.work(ME) as work:
        token = sessions.begin(work, user=get_user(work, user_id)).access_token
        work.commit()
    return {"Authorization": f"Bearer {token}"}


def test_connecting_an_account(api: Api, platform: Platform, show: Show) -> None:
    artist = sign_in(platform, show.artist_user)
    before = api.get("/api/connect/status", headers=artist).json()
    assert (before["canReceive"], before["accountId"]) == (False, None)

    begun = api.post("/api/connect/onboarding", headers=artist)

    assert begun.status_code == 201
    assert set(begun.json()) == {"url", "expiresAt"}
    asked = api.get("/api/connect/status", headers=artist).json()
    assert (asked["canReceive"], "a bank account" in asked["askedFor"]) == (False, True)
    assert "identity.individual.date_of_birth" in asked["requirements"]
    again = api.post("/api/connect/onboarding", headers=artist).json()
    assert again["url"] != begun.json()["url"]
    assert api.get("/api/connect/status", headers=artist).json()["accountId"] == asked["accountId"]


def test_stripe_away_is_a_502(api: Api, platform: Platform, show: Show) -> None:
    fault = {"operation": "POST /v2/core/accounts", "fault": "status", "status": 500}
    control(platform, "faults", fault)

    answer = api.post("/api/connect/onboarding", headers=sign_in(platform, show.artist_user))

    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")


def test_own_payouts_with_lines_that_add_up(api: Api, platform: Platform, show: Show) -> None:
    from tests.factories.payouts import onboard

    fund(platform, 100_000)
    with platform.work(ME) as work:
        owe(work, show.artist_user, 500)
        work.commit()
    onboard(platform, show.artist_user)
    procedures.run_payouts(platform, ME)

    answer = api.get("/api/payouts", headers=sign_in(platform, show.artist_user)).json()

    assert answer["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1}
    [payout] = answer["payouts"]
    assert (payout["state"], payout["side"], payout["concertId"]) == ("sent", "artist", str(show.concert_id))
    assert sum(line["amountCents"] for line in payout["lines"]) == payout["amountCents"]
    assert payout["amountCents"] == payout["earnedCents"] + payout["carriedCents"]
    assert payout["carriedCents"] == -500
    assert payout["cameIn"][0]["kind"] == "door_share"
    assert payout["cameIn"][0]["description"].endswith("of $15.00")
    host = api.get("/api/payouts", headers=sign_in(platform, show.host_user)).json()
    assert [(p["state"], p["holdReason"]) for p in host["payouts"]] == [("held", "not_receiving")]


def test_an_admins_note_stays_with_admins(api: Api, platform: Platform, show: Show) -> None:
    artist = sign_in(platform, show.artist_user)
    [payout] = api.get("/api/payouts", headers=artist).json()["payouts"]
    with platform.work(ME) as work:
        service.hold(work, payout_id=UUID(payout["id"]), reason="looks like fraud")
        work.commit()

    [payout] = api.get("/api/payouts", headers=artist).json()["payouts"]

    assert (payout["holdReason"], payout["holdNote"]) == (
        "manual",
        "we look into something first; write to us if you wonder what",
    )


def test_fans_and_strangers_have_no_payouts(api: Api, platform: Platform) -> None:
    with platform.work(ME) as work:
        fan = make_person(work, "fan").id
        work.commit()

    for method, path in (
        ("GET", "/api/payouts"),
        ("GET", "/api/connect/status"),
        ("POST", "/api/connect/onboarding"),
    ):
        assert api.request(method, path, headers=sign_in(platform, fan)).status_code == 403
        assert api.request(method, path).status_code == 401
