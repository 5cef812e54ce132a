import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from tests.apps import client_of
from tests.factories.memberships import ACTOR, FAILING, change_card, make_joiner, make_member
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.service import sessions
from tourpad.core.memberships.service import plans
from tourpad.core.outbox.models import Mail

Api = TestClient[Any]


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    """The API on the sandbox's platform."""
    with client_of(sandbox.platform) as client:
        yield client


def _as(sandbox: Sandbox, user_id: UUID) -> dict[str, str]:
    with sandbox.platform.work(ACTOR) as work:
        token = sessions.begin(work, user=get_user(work, user_id)).access_token
        work.commit()
    return {"Authorization": f"Bearer {token}"}


def test_a_fan_joins_cancels_and_resumes(api: Api, sandbox: Sandbox) -> None:
    me = _as(sandbox, make_joiner(sandbox.platform))
    before = api.get("/api/memberships/me", headers=me).json()
    assert before["membership"] is None
    assert [(p["code"], p["amountCents"], p["interval"]) for p in before["plans"]] == [
        ("fan_yearly", 3000, "year"),
        ("fan_monthly", 300, "month"),
    ]
    opened = api.post("/api/memberships/checkout", headers=me, json={"plan": "monthly"})
    assert opened.status_code == 201
    page = opened.json()
    assert page["url"].startswith(sandbox.running.url)
    assert api.post("/api/memberships/checkout", headers=me, json={"plan": "fan_monthly"}).json() == page
    sandbox.control(f"checkout/{page['sessionId']}/complete", {"payment_method": "pm_card_visa"})
    sandbox.news()

    mine = api.get("/api/users/me", headers=me).json()
    assert mine["user"]["status"] == "active"
    assert "rsvp" in mine["permissions"]
    subscription = mine["subscription"]
    assert (subscription["status"], subscription["hasAccess"], subscription["cancelAtPeriodEnd"]) == (
        "active",
        True,
        False,
    )
    assert subscription["plan"]["code"] == "fan_monthly"
    again = api.post("/api/memberships/checkout", headers=me, json={})
    assert (again.status_code, again.json()["code"]) == (409, "already_member")

    cancelled = api.post("/api/memberships/cancel", headers=me).json()["membership"]
    assert (cancelled["status"], cancelled["cancelAtPeriodEnd"]) == ("cancelling", True)
    assert cancelled["cancelsAt"] == subscription["currentPeriodEnd"]
    twice = api.post("/api/memberships/cancel", headers=me)
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_cancel")
    assert api.post("/api/memberships/resume", headers=me).json()["membership"]["status"] == "active"
    portal = api.post("/api/memberships/portal", headers=me)
    assert (portal.status_code, portal.json()["url"].split("/")[3]) == (201, "portal")


def test_whoever_is_late_is_told_what_to_do_and_may_leave_at_once(api: Api, sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    headers = _as(sandbox, user_id)
    assert api.get("/api/users/me", headers=headers).json()["nextStep"] is None
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(timedelta(days=31))
    sandbox.news()
    headers = _as(sandbox, user_id)
    me = api.get("/api/users/me", headers=headers).json()
    assert (me["nextStep"], me["subscription"]["status"]) == ("renewal_payment", "past_due")
    assert api.post("/api/memberships/portal", headers=headers).json()["url"]
    ended = api.post("/api/memberships/cancel", headers=headers).json()["membership"]
    assert (ended["status"], ended["hasAccess"], ended["renewsAt"]) == ("expired", False, None)
    assert api.get("/api/users/me", headers=_as(sandbox, user_id)).json()["nextStep"] == "payment"


def test_who_may_not_join_is_told_why(api: Api, sandbox: Sandbox) -> None:
    fan = _as(sandbox, make_joiner(sandbox.platform))
    host = _as(sandbox, make_joiner(sandbox.platform, "host", state="active"))
    pending = _as(sandbox, make_joiner(sandbox.platform, "artist", state="pending"))
    path = "/api/memberships/checkout"
    assert api.post(path).status_code == 401
    assert api.post(path, headers=host, json={}).status_code == 403
    assert api.post(path, headers=pending, json={}).status_code == 403
    wrong = api.post(path, headers=fan, json={"plan": "artist_yearly"})
    assert (wrong.status_code, [e["field"] for e in wrong.json()["errors"]]) == (422, ["plan"])
    assert api.post(path, headers=fan, json={"amountCents": 1}).status_code == 422
    assert api.post(path, headers=fan).status_code == 201
    for verb in ("cancel", "resume"):
        nothing = api.post(f"/api/memberships/{verb}", headers=fan)
        assert (nothing.status_code, nothing.json()["code"]) == (404, "no_membership")
    assert api.get("/api/memberships/me", headers=host).json() == {"membership": None, "plans": []}


def test_stripe_s_page_leads_back_to_ours(api: Api) -> None:
    assert "Thank you" in api.get("/membership?checkout=cs_test_1").text
    assert "Sign in" in api.get("/membership").text


def test_a_plan_is_changed_by_its_quote(api: Api, sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    me = _as(sandbox, user_id)
    shown = api.get("/api/memberships/me", headers=me).json()["membership"]
    assert (shown["renewsAt"], shown["trialEndsAt"]) == (shown["currentPeriodEnd"], None)
    answer = api.get("/api/memberships/change", headers=me, params={"plan": "yearly"})
    assert answer.status_code == 200, answer.text
    quote = answer.json()
    assert (quote["chargeCents"], quote["creditCents"], quote["renewalCents"]) == (2700, 0, 3000)
    assert [line["amountCents"] for line in quote["lines"]] == [-300, 3000]
    assert api.get("/api/memberships/change", headers=me, params={"plan": "weekly"}).status_code == 422
    assert api.post("/api/memberships/change", headers=me, json={"plan": "yearly", "amountCents": 1}).status_code == 422
    agreed = {"plan": "yearly", "prorationDate": quote["prorationDate"]}
    changed = api.post("/api/memberships/change", headers=me, json=agreed)
    assert (changed.status_code, changed.json()["membership"]["plan"]["code"]) == (200, "fan_yearly")
    again = api.post("/api/memberships/change", headers=me, json=agreed)
    assert (again.status_code, again.json()["code"]) == (409, "same_plan")
    sandbox.news()
    paid = api.get("/api/payments", headers=me).json()["payments"]
    assert sorted(p["amountCents"] for p in paid) == [300, 2700]


def test_a_gift_goes_from_one_to_another(api: Api, sandbox: Sandbox) -> None:
    giver, friend = make_joiner(sandbox.platform, "host", state="active"), make_joiner(sandbox.platform)
    me, them = _as(sandbox, giver), _as(sandbox, friend)
    gift = {"plan": "fan_monthly", "recipientEmail": "ben@friends.test", "message": "Come along!"}
    made = api.post("/api/memberships/gifts", headers=me, json=gift)
    assert made.status_code == 201, made.text
    answer = made.json()
    assert (answer["gift"]["status"], answer["payment"]["amountCents"]) == ("pending", 300)
    again = api.post(f"/api/memberships/gifts/{answer['gift']['id']}/pay", headers=me).json()
    assert again["paymentIntentId"] == answer["payment"]["paymentIntentId"]
    assert api.post(f"/api/memberships/gifts/{answer['gift']['id']}/pay", headers=them).status_code == 404
    intent = answer["payment"]["paymentIntentId"]
    sandbox.stripe.confirm_payment_intent(intent, {"payment_method": "pm_card_visa"}, key="pay")
    sandbox.news()
    listed = api.get("/api/memberships/gifts", headers=me).json()["gifts"]
    assert [g["status"] for g in listed] == ["paid"]
    assert "code" not in listed[0]
    with sandbox.platform.work(ACTOR) as work:
        mail = work.session.scalars(select(Mail).where(Mail.to_address == "ben@friends.test")).one()
    code = re.search(r"gift=(\S+)", mail.text_body)
    assert code
    assert "redeem the code" in api.get(f"/membership?gift={code[1]}").text
    assert api.post("/api/memberships/gifts/redeem", headers=them, json={"code": "nothing"}).status_code == 404
    got = api.post("/api/memberships/gifts/redeem", headers=them, json={"code": code[1]}).json()
    assert (got["membership"]["status"], got["membership"]["renewsAt"], got["isCredit"]) == ("active", None, False)
    assert api.get("/api/memberships/gifts", headers=me).json()["gifts"][0]["status"] == "redeemed"


def test_a_trial_is_offered_once(api: Api, sandbox: Sandbox) -> None:
    with sandbox.platform.work(ACTOR) as work:
        plans.change(work, code="fan_yearly", trial_days=7)
        work.commit()
    user_id = make_joiner(sandbox.platform)
    me = _as(sandbox, user_id)

    def offered() -> list[int]:
        return [plan["trialDays"] for plan in api.get("/api/memberships/me", headers=me).json()["plans"]]

    assert offered() == [7, 0]
    page = api.post("/api/memberships/checkout", headers=me).json()
    sandbox.control(f"checkout/{page['sessionId']}/complete", {"payment_method": "pm_card_visa"})
    sandbox.news()
    assert offered() == [0, 0]
    membership = api.get("/api/memberships/me", headers=me).json()["membership"]
    assert (membership["status"], membership["trialEndsAt"]) == ("active", membership["currentPeriodEnd"])
