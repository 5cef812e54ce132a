"""Signing in with another provider, over HTTP to one that runs on this machine: what people do."""

import base64
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlalchemy import text

from tests.factories.identity import PASSWORD, bearer, person
from tests.web.oauth import (
    CHALLENGE,
    FRONT_END,
    VERIFIER,
    Browser,
    browser,
    client,
    clock,
    code_of,
    me,
    opened,
    platform,
    provider,
    running_provider,
    variables,
)
from tourpad.core.actors import operator
from tourpad.core.identity import totp
from tourpad.core.identity.service import users

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

FIXTURES = (browser, client, clock, opened, platform, provider, running_provider, variables)
"""What pytest finds by their names."""


def test_somebody_new_gets_an_account_with_a_proved_address_and_comes_back_to_it(browser: Browser) -> None:
    browser.provider.knows("ada", email="ada@shows.test", email_verified=True, name="Ada Lovelace")
    begun = browser.start(userType="fan")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/api/auth/oauth/club/callback"]
    cookie = begun.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie

    first = browser.back(browser.provider.sign_in(begun.headers["location"], "ada"))
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    there = me(browser.client, first)
    assert (there["user"]["email"], there["user"]["name"]) == ("ada@shows.test", "Ada Lovelace")
    assert (there["user"]["emailVerified"], there["user"]["status"], there["nextStep"]) == (True, "approved", "payment")

    # Another day, without a word about the role, and although the address there has changed.
    browser.provider.knows("ada", email="countess@shows.test", email_verified=True)
    assert browser.sign_in("ada").json()["user"]["id"] == there["user"]["id"]


def test_nobody_is_made_unasked_and_the_ticket_waits_for_a_choice(browser: Browser) -> None:
    browser.provider.knows("bob", email="bob@shows.test", email_verified=True)
    asked = browser.sign_in("bob")
    assert code_of(asked) == (409, "oauth_account_needed")
    ticket = asked.json()["details"]["ticket"]
    made = browser.client.post("/api/auth/oauth/finish", json={"ticket": ticket, "userType": "artist"})
    assert me(browser.client, made)["nextStep"] == "application"
    again = browser.client.post("/api/auth/oauth/finish", json={"ticket": ticket, "userType": "artist"})
    assert code_of(again) == (401, "oauth_sign_in_not_valid")


def test_a_front_end_gets_a_ticket_that_is_worth_nothing_without_its_verifier(
    browser: Browser, clock: "VirtualClock"
) -> None:
    browser.provider.knows("eve", email="eve@shows.test", email_verified=True)
    ticket = browser.ticket("eve", userType="fan")
    finish = "/api/auth/oauth/finish"
    for wrong in (None, "", "somebody else's verifier"):
        stolen = browser.client.post(finish, json={"ticket": ticket, "verifier": wrong})
        assert code_of(stolen) == (401, "oauth_sign_in_not_valid")
    assert browser.client.post(finish, json={"ticket": ticket, "verifier": VERIFIER}).status_code == 200
    late = browser.ticket("eve")
    clock.advance(timedelta(minutes=10))
    assert browser.client.post(finish, json={"ticket": late, "verifier": VERIFIER}).status_code == 401


ELSEWHERE = (
    "https://evil.test/in",
    "https://app.shows.test.evil.test",
    "https://app.shows.test@evil.test",
    "https://app.shows.test:444/in",
    "http://app.shows.test/in",
    "//evil.test",
    "https:evil.test",
    "javascript:alert(1)",
    "https://app.shows.test\\@evil.test",
    "https://app.shows.test/in#ticket=mine",
    "/in",
    "",
)


def test_a_ticket_is_sent_to_our_own_origins_only(browser: Browser) -> None:
    answers = {where: browser.start(returnTo=where, challenge=CHALLENGE) for where in ELSEWHERE}
    assert {w: a.json()["errors"][0]["field"] for w, a in answers.items()} == dict.fromkeys(ELSEWHERE, "returnTo")
    assert not any("set-cookie" in a.headers for a in answers.values())


def test_a_front_end_without_a_challenge_is_told(browser: Browser) -> None:
    for challenge in ({}, {"challenge": "short"}):
        answer = browser.start(returnTo=f"{FRONT_END}/in", **challenge)
        assert [e["field"] for e in answer.json()["errors"]] == ["challenge"]


def test_a_refusal_at_the_provider_comes_back_as_an_error(browser: Browser) -> None:
    url = browser.start().headers["location"]
    assert code_of(browser.back(browser.provider.deny(url))) == (401, "oauth_refused")
    url = browser.start(returnTo=f"{FRONT_END}/in", challenge=CHALLENGE).headers["location"]
    there = browser.back(browser.provider.deny(url)).headers["location"]
    assert there == f"{FRONT_END}/in#error=oauth_refused"


def test_unknown_providers_and_those_that_are_down(browser: Browser) -> None:
    listed = browser.client.get("/api/auth/oauth").json()["providers"]
    assert [p["name"] for p in listed] == ["club", "other"]
    assert code_of(browser.client.get("/api/auth/oauth/nobody/start")) == (404, "oauth_provider_unknown")
    browser.provider.hand.down = True
    assert code_of(browser.start()) == (502, "oauth_provider_unavailable")


# Accounts that are there already.


def test_an_account_with_the_same_proved_address_is_signed_in_to_and_its_owner_told(
    browser: Browser, platform: "Platform"
) -> None:
    user = person(platform, "fan", email="Mia@shows.test")
    browser.provider.knows("mia", email="mia@SHOWS.test", email_verified=True)
    assert browser.sign_in("mia", userType="artist").json()["user"]["id"] == str(user.id)
    with platform.engine.connect() as connection:
        told = connection.execute(text("SELECT subject FROM mails WHERE user_id = :u"), {"u": user.id}).scalars()
        assert list(told) == ["You can sign in with club now"]


def test_an_account_that_may_be_somebody_elses_is_not_opened(browser: Browser, platform: "Platform") -> None:
    for role, state in (("fan", "pending"), ("admin", "active")):
        person(platform, role, state=state, email=f"{role}@shows.test")
        browser.provider.knows(role, email=f"{role}@shows.test", email_verified=True)
        assert code_of(browser.sign_in(role, userType="fan")) == (409, "oauth_link_needed")


def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(browser: Browser, platform: "Platform") -> None:
    person(platform, "fan", email="kim@shows.test")
    for vouched in (False, None, "no", 1):
        browser.provider.knows("kim", email="kim@shows.test", email_verified=vouched)
        assert code_of(browser.sign_in("kim", userType="fan")) == (409, "oauth_email_not_verified")


def test_linked_while_signed_in_with_the_password_and_taken_off_again(browser: Browser, platform: "Platform") -> None:
    user, other = person(platform, "fan"), person(platform, "fan")
    browser.provider.knows("zoe", email="elsewhere@shows.test")
    links, headers = "/api/auth/oauth/links", bearer(platform, user)
    given = {"ticket": browser.ticket("zoe"), "verifier": VERIFIER}
    assert browser.client.post(links, json={**given, "password": PASSWORD}).status_code == 401
    unproved = browser.client.post(links, json=given, headers=headers)
    assert code_of(unproved) == (401, "invalid_credentials")
    made = browser.client.post(links, json={**given, "password": PASSWORD}, headers=headers)
    assert made.status_code == 201
    assert browser.sign_in("zoe").json()["user"]["id"] == str(user.id)

    theirs = bearer(platform, other)
    taken = {"ticket": browser.ticket("zoe"), "verifier": VERIFIER, "password": PASSWORD}
    assert code_of(browser.client.post(links, json=taken, headers=theirs)) == (409, "oauth_sign_in_taken")
    link_id = made.json()["id"]
    assert browser.client.get(links, headers=theirs).json() == {"links": []}
    assert browser.client.delete(f"{links}/{link_id}", headers=theirs).status_code == 404
    assert browser.client.delete(f"{links}/{link_id}", headers=headers).status_code == 204
    assert browser.client.get(links, headers=headers).json() == {"links": []}
    assert browser.sign_in("zoe").json()["code"] == "oauth_email_not_verified"


def test_the_last_way_in_stays(browser: Browser) -> None:
    browser.provider.knows("lou", email="lou@shows.test", email_verified=True)
    token = browser.sign_in("lou", userType="fan").json()["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    (mine,) = browser.client.get("/api/auth/oauth/links", headers=headers).json()["links"]
    refused = browser.client.delete(f"/api/auth/oauth/links/{mine['id']}", headers=headers)
    assert code_of(refused) == (409, "oauth_last_sign_in")


def test_whoever_has_a_second_factor_is_asked_for_it(
    browser: Browser, platform: "Platform", clock: "VirtualClock"
) -> None:
    admin = person(platform, "admin")
    headers = bearer(platform, admin)
    begun = browser.client.post("/api/auth/totp/enroll", json={"password": PASSWORD}, headers=headers).json()
    secret = base64.b32decode(begun["secret"])
    browser.client.post("/api/auth/totp/confirm", json={"code": totp.code_at(secret, clock.now())}, headers=headers)
    browser.provider.knows("root", email="root@shows.test", email_verified=True)
    given = {"ticket": browser.ticket("root"), "verifier": VERIFIER, "password": PASSWORD}
    links = "/api/auth/oauth/links"
    assert code_of(browser.client.post(links, json=given, headers=headers)) == (401, "totp_required")
    clock.advance(timedelta(seconds=60))
    code = totp.code_at(secret, clock.now())
    assert browser.client.post(links, json={**given, "totp": code}, headers=headers).status_code == 201

    asked = browser.sign_in("root")
    assert code_of(asked) == (401, "totp_required")
    ticket = asked.json()["details"]["ticket"]
    wrong = browser.client.post("/api/auth/oauth/finish", json={"ticket": ticket, "totp": "000000"})
    assert code_of(wrong) == (401, "invalid_totp")
    clock.advance(timedelta(seconds=60))
    code = totp.code_at(secret, clock.now())
    assert browser.client.post("/api/auth/oauth/finish", json={"ticket": ticket, "totp": code}).status_code == 200


def test_guessing_codes_with_a_ticket_is_limited_as_any_sign_in(browser: Browser) -> None:
    browser.provider.knows("guess", email="guess@shows.test", email_verified=True)
    finish = "/api/auth/oauth/finish"
    answers = []
    for _ in range(6):
        ticket = browser.ticket("guess")
        answers += [browser.client.post(finish, json={"ticket": ticket}).status_code for _ in range(2)]
    assert answers == [401] * 10 + [429] * 2


def test_whoever_is_suspended_stays_out(browser: Browser, platform: "Platform") -> None:
    browser.provider.knows("sam", email="sam@shows.test", email_verified=True)
    user_id = UUID(browser.sign_in("sam", userType="fan").json()["user"]["id"])
    with platform.work(operator("test")) as work:
        users.suspend(work, user_id=user_id, reason="spam")
        work.commit()
    assert code_of(browser.sign_in("sam")) == (403, "account_suspended")


def test_an_address_in_userinfo_counts_when_the_token_names_none(browser: Browser) -> None:
    browser.provider.hand.without_email = True
    browser.provider.knows("ivy", email="ivy@shows.test", email_verified=True)
    assert browser.sign_in("ivy", userType="fan").json()["user"]["email"] == "ivy@shows.test"
    assert browser.provider.hand.asked.count("/userinfo") == 1
