"""Signing in with another provider: everything that could be forged or mixed up."""

import base64
import functools
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.oidc_provider import CLIENT_ID, KID, Claims, OidcProvider, new_key, public_jwk
from tests.web.oauth import (
    START,
    Browser,
    browser,
    client,
    clock,
    code_of,
    opened,
    platform,
    provider,
    running_provider,
    variables,
)

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock

FIXTURES = (browser, client, clock, opened, platform, provider, running_provider, variables)
"""What pytest finds by their names."""


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
