"""Signing in with another provider, over HTTP to one that runs on this machine; and everything that could be forged."""

import base64
import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tests.apps import client_of
from tests.conftest import START as START_TIME
from tests.factories.identity import PASSWORD, bearer, person
from tests.oidc_provider import CLIENT_ID, KID, Claims, OidcProvider, new_key, public_jwk, running
from tourpad.core.actors import operator
from tourpad.core.identity import totp
from tourpad.core.identity.service import users

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

VERIFIER = "what only the front end knows, and shows at the end"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FRONT_END = "https://app.shows.test"
START = "/api/auth/oauth/club/start"


@pytest.fixture(scope="module")
def running_provider() -> Iterator[OidcProvider]:
    from tourpad.core.clock import SystemClock

    with running(SystemClock()) as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OidcProvider, clock: "VirtualClock") -> OidcProvider:
    running_provider.hand.reset(clock)
    return running_provider


@pytest.fixture(scope="module")
def clock() -> "VirtualClock":
    """One for all: each test has people of its own."""
    from tourpad.core.clock import VirtualClock

    return VirtualClock(START_TIME)


@pytest.fixture(scope="module")
def variables(running_provider: OidcProvider, server: "TestServer", tmp_path_factory: Any) -> Iterator[dict[str, str]]:
    database = server.clone()
    yield {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(tmp_path_factory.mktemp("home")),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "TOURPAD_PASSWORD_MEMORY_KIB": "64",
        "DATABASE_URL": database,
        "TOURPAD_OIDC_PROVIDERS": "club,other",
        "TOURPAD_OIDC_CLUB_ISSUER": running_provider.issuer,
        "TOURPAD_OIDC_CLUB_CLIENT_ID": CLIENT_ID,
        "TOURPAD_OIDC_CLUB_CLIENT_SECRET": "a secret: with signs & blanks",
        "TOURPAD_OIDC_OTHER_ISSUER": running_provider.issuer.replace("localhost", "127.0.0.1"),
        "TOURPAD_OIDC_OTHER_CLIENT_ID": CLIENT_ID,
        "TOURPAD_CORS_ORIGINS": FRONT_END,
    }
    server.drop(database)


@pytest.fixture(scope="module")
def opened(variables: dict[str, str], clock: "VirtualClock") -> "Iterator[tuple[Platform, TestClient[Any]]]":
    """The API and its platform, once: no test here needs an empty database."""

    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    platform = Platform.open(load_settings(environ=variables), clock=clock)
    with client_of(platform) as client:
        yield platform, client
    platform.close()


@pytest.fixture
def platform(opened: "tuple[Platform, TestClient[Any]]", provider: OidcProvider) -> "Platform":
    """The shared one, which has learned nothing yet of its providers."""
    opened[0].__dict__.pop("providers", None)
    return opened[0]


@pytest.fixture
def client(opened: "tuple[Platform, TestClient[Any]]", platform: "Platform") -> "TestClient[Any]":
    return opened[1]


class Browser:
    """A browser with its own cookies, and a person in front of it."""

    def __init__(self, client: "TestClient[Any]", provider: OidcProvider) -> None:
        self.client, self.provider = client, provider
        self.client.cookies.clear()

    def start(self, **query: str) -> httpx.Response:
        return self.client.get(f"{START}?{urlencode(query)}", follow_redirects=False)

    def go(self, subject: str, **query: str) -> str:
        """Begin, and sign in there. Answers where that leads."""
        return self.provider.sign_in(self.start(**query).headers["location"], subject)

    def back(self, where: str) -> httpx.Response:
        return self.client.get(where, follow_redirects=False)

    def sign_in(self, subject: str, **query: str) -> httpx.Response:
        return self.back(self.go(subject, **query))

    def ticket(self, subject: str, **query: str) -> str:
        query = {"returnTo": f"{FRONT_END}/in", "challenge": CHALLENGE, **query}
        there = urlsplit(self.sign_in(subject, **query).headers["location"])
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{FRONT_END}/in"
        return parse_qs(there.fragment)["ticket"][0]


@pytest.fixture
def browser(client: "TestClient[Any]", provider: OidcProvider) -> Browser:
    return Browser(client, provider)


def me(client: "TestClient[Any]", answer: httpx.Response) -> dict[str, Any]:
    token = answer.json()["accessToken"]
    return client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"}).json()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# What people do.


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


# What could be forged.


def test_a_sign_in_ends_in_the_browser_that_began_it(browser: Browser) -> None:
    browser.provider.knows("joe", email="joe@shows.test", email_verified=True)
    where = browser.go("joe", userType="fan")
    kept = dict(browser.client.cookies)
    browser.client.cookies.clear()
    assert code_of(browser.back(where)) == (401, "oauth_sign_in_not_valid")  # a victim who follows the link
    browser.start()
    assert code_of(browser.back(where)) == (401, "oauth_sign_in_not_valid")  # who has begun one of their own
    name = next(iter(kept))
    browser.client.cookies.set(name, next(iter(dict(browser.client.cookies).values())))
    assert code_of(browser.back(where)) == (401, "oauth_sign_in_not_valid")  # even under its cookie's name
    browser.client.cookies.clear()
    browser.client.cookies.update(kept)
    assert browser.back(where).status_code == 200


def test_a_code_is_taken_once_and_only_in_time(browser: Browser, clock: "VirtualClock") -> None:
    browser.provider.knows("ann", email="ann@shows.test", email_verified=True)
    where = browser.go("ann", userType="fan")
    kept = dict(browser.client.cookies)
    assert browser.back(where).status_code == 200
    browser.client.cookies.update(kept)
    asked = browser.provider.hand.asked.count("/oauth2/token")
    assert code_of(browser.back(where)) == (401, "oauth_sign_in_not_valid")
    assert browser.provider.hand.asked.count("/oauth2/token") == asked
    # The old code with a state of today: the provider has spent it.
    code = parse_qs(urlsplit(where).query)["code"][0]
    state = parse_qs(urlsplit(browser.start().headers["location"]).query)["state"][0]
    replayed = browser.back(f"/api/auth/oauth/club/callback?{urlencode({'code': code, 'state': state})}")
    assert code_of(replayed) == (401, "oauth_not_proved")

    late = browser.go("ann")
    clock.advance(timedelta(minutes=15))
    assert code_of(browser.back(late)) == (401, "oauth_sign_in_not_valid")
    assert code_of(browser.back("/api/auth/oauth/club/callback?code=x&state=made-up")) == (
        401,
        "oauth_sign_in_not_valid",
    )


def test_one_providers_answer_is_never_taken_to_another(browser: Browser) -> None:
    browser.provider.knows("max", email="max@shows.test", email_verified=True)
    where = browser.go("max", userType="fan")
    mixed = where.replace("/club/", "/other/")
    assert code_of(browser.back(mixed)) == (401, "oauth_sign_in_not_valid")
    asked = browser.provider.hand.asked.count("/oauth2/token")
    spoken = browser.back(f"{where}&iss=https%3A%2F%2Fevil.test")
    assert code_of(spoken) == (401, "oauth_not_proved")
    assert browser.provider.hand.asked.count("/oauth2/token") == asked


def test_a_provider_that_names_itself_always_must(browser: Browser) -> None:
    browser.provider.hand.metadata = {"authorization_response_iss_parameter_supported": True}
    browser.provider.knows("una", email="una@shows.test", email_verified=True)
    assert code_of(browser.sign_in("una", userType="fan")) == (401, "oauth_not_proved")
    where = browser.go("una", userType="fan")
    assert browser.back(f"{where}&{urlencode({'iss': browser.provider.issuer})}").status_code == 200


def test_a_discovery_document_that_is_not_the_issuers_is_not_used(browser: Browser) -> None:
    for metadata in (
        {"issuer": "https://evil.test"},
        {"code_challenge_methods_supported": ["plain"]},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ):
        browser.provider.hand.metadata = metadata
        assert code_of(browser.start()) == (502, "oauth_provider_unavailable")


def _b64(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@functools.cache
def stranger() -> Any:
    """Somebody else's key."""
    return new_key()


def _none(provider: OidcProvider, claims: Claims) -> str:
    return f"{_b64({'alg': 'none', 'kid': KID})}.{_b64(claims)}."


def _hs256(provider: OidcProvider, claims: Claims) -> str:
    """Signed with the public key's bytes, which everybody has."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = provider.hand.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_b64({'alg': 'HS256', 'kid': KID})}.{_b64(claims)}"
    mac = hmac.digest(pem, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _with_header_key(provider: OidcProvider, claims: Claims) -> str:
    return provider.hand.sign(claims, key=stranger(), jwk=public_jwk(stranger()))


def _cut(provider: OidcProvider, claims: Claims) -> str:
    return provider.hand.sign(claims)[:-20]


def _changed(provider: OidcProvider, claims: Claims) -> str:
    head, _, sig = provider.hand.sign(claims).split(".")
    return f"{head}.{_b64({**claims, 'sub': 'somebody else'})}.{sig}"


FORGED: dict[str, Callable[[OidcProvider, Claims], Claims | str]] = {
    "another issuer": lambda _, c: {**c, "iss": "https://evil.test"},
    "an issuer with a slash": lambda _, c: {**c, "iss": c["iss"] + "/"},
    "another audience": lambda _, c: {**c, "aud": "somebody-else"},
    "several audiences, given to another": lambda _, c: {**c, "aud": [CLIENT_ID, "x"], "azp": "x"},
    "several audiences, given to nobody": lambda _, c: {**c, "aud": [CLIENT_ID, "x"]},
    "given to another": lambda _, c: {**c, "azp": "somebody-else"},
    "another nonce": lambda _, c: {**c, "nonce": "of another sign-in"},
    "no nonce": lambda _, c: {k: v for k, v in c.items() if k != "nonce"},
    "expired": lambda _, c: {**c, "iat": c["iat"] - 400, "exp": c["iat"] - 61},
    "made long ago": lambda _, c: {**c, "iat": c["iat"] - 3600},
    "of a time to come": lambda _, c: {**c, "iat": c["iat"] + 120, "exp": c["exp"] + 120},
    "not yet": lambda _, c: {**c, "nbf": c["iat"] + 120},
    "no expiry": lambda _, c: {k: v for k, v in c.items() if k != "exp"},
    "an expiry in words": lambda _, c: {**c, "exp": "never"},
    "nobody": lambda _, c: {**c, "sub": ""},
    "no subject": lambda _, c: {k: v for k, v in c.items() if k != "sub"},
    "another access token": lambda _, c: {**c, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "alg none": _none,
    "HS256 with the public key": _hs256,
    "signed by somebody else": lambda p, c: p.hand.sign(c, key=stranger()),
    "unknown key": lambda p, c: p.hand.sign(c, kid="nobody's"),
    "with a key of its own": _with_header_key,
    "another algorithm than listed": lambda p, c: p.hand.sign(c, algorithm="RS512"),
    "cut off": _cut,
    "changed": _changed,
    "no token": lambda _, __: "",
    "no JWT": lambda _, __: "a.b.c",
}


def test_a_forged_token_opens_nothing(browser: Browser) -> None:
    browser.provider.knows("gil", email="gil@shows.test", email_verified=True)
    answers: dict[str, tuple[int, str]] = {}
    for name, forged in FORGED.items():
        browser.provider.hand.forge = functools.partial(forged, browser.provider)
        answers[name] = code_of(browser.sign_in("gil", userType="fan"))
    assert answers == dict.fromkeys(FORGED, (401, "oauth_not_proved"))
    browser.provider.hand.forge = None
    assert browser.sign_in("gil", userType="fan").status_code == 200


def test_the_provider_may_change_its_keys(browser: Browser, clock: "VirtualClock") -> None:
    hand = browser.provider.hand
    browser.provider.knows("ken", email="ken@shows.test", email_verified=True)
    assert browser.sign_in("ken", userType="fan").status_code == 200
    fresh = stranger()
    hand.keys = [public_jwk(hand.key), public_jwk(fresh, "two")]
    hand.forge = lambda claims: hand.sign(claims, key=fresh, kid="two")
    assert browser.sign_in("ken").status_code == 200
    # Made-up names make us ask for keys at most once a minute.
    before = hand.asked.count("/jwks")
    hand.forge = lambda claims: hand.sign(claims, kid="nobody's")
    for _ in range(3):
        assert browser.sign_in("ken").status_code == 401
    assert hand.asked.count("/jwks") == before


def test_an_answer_about_somebody_else_does_not_count(browser: Browser) -> None:
    browser.provider.hand.without_email = True
    browser.provider.knows("tom", email="tom@shows.test", email_verified=True)
    browser.provider.hand.forge = lambda claims: {**claims, "sub": "the queen"}
    assert code_of(browser.sign_in("tom", userType="fan")) == (401, "oauth_not_proved")


def test_over_tls_the_cookie_can_be_planted_by_no_other_host(
    variables: dict[str, str], provider: OidcProvider, clock: "VirtualClock"
) -> None:
    from litestar.testing import TestClient

    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings
    from tourpad.web.app import create_app
    from tourpad.web.routes import oauth

    settings = load_settings(environ={**variables, "TOURPAD_BASE_URL": "https://tourpad.test"})
    platform = Platform.open(settings, clock=clock)
    with TestClient(create_app(platform, routes=oauth.ROUTES)) as client:
        cookie = client.get(START, follow_redirects=False).headers["set-cookie"]
    platform.close()
    assert cookie.startswith("__Host-tourpad-oauth-")
    assert "secure" in cookie.lower()
    assert "path=/" in cookie.lower()
