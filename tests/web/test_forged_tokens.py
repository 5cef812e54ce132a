"""Every token that is not a good access token is 401 at the API, at the very next request; and secrets that rotate."""

import base64
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt

from tests.factories.identity import PASSWORD, bearer, person, signed_in
from tests.web.api import opened
from tourpad.core.actors import NOBODY, operator
from tourpad.core.identity import queries, tokens, totp
from tourpad.core.identity.events import PasswordResetRequested
from tourpad.core.identity.service import links, second_factor, sessions, signin, users
from tourpad.core.identity.states import TokenPurpose
from tourpad.core.platform import Platform
from tourpad.core.settings import load_settings

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.web.api import Api
    from tourpad.core.clock import VirtualClock
    from tourpad.core.identity.models import User

NEW = "the newest secret that is long enough to sign with"
ELSEWHERE = "a secret that nobody here has ever heard of before"
ME = "/api/users/me"


@dataclass
class Forger:
    """A person with a good token, and a hand to change it."""

    platform: Platform
    user: "User"
    session: sessions.SignedIn

    @property
    def secret(self) -> str:
        return self.platform.settings.secret[0]

    def claims(self) -> dict[str, Any]:
        return jwt.decode(self.session.access_token, options={"verify_signature": False})

    def sign(self, *, key: Any = None, alg: str = "HS256", header: dict[str, Any] | None = None, **change: Any) -> str:
        """The same token but for what is given; a claim or header that is None is left out."""
        claims = {k: v for k, v in {**self.claims(), **change}.items() if v is not None}
        head = {**jwt.get_unverified_header(self.session.access_token), **(header or {})}
        head = {k: v for k, v in head.items() if v is not None and k != "alg"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
            return jwt.encode(claims, key or tokens._key(self.secret, "access token"), algorithm=alg, headers=head)

    def unsigned(self, alg: str) -> str:
        head = {**jwt.get_unverified_header(self.session.access_token), "alg": alg}
        parts = (base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (head, self.claims()))
        return ".".join((*parts, ""))

    def mailed(self, purpose: TokenPurpose) -> str:
        with self.platform.work(operator("test")) as work:
            token, _ = links.make(work, user_id=self.user.id, purpose=purpose, life=timedelta(hours=1))
            work.commit()
        return token

    def rsa(self) -> str:
        """Signed by a key pair, as if the verifier were to look at the algorithm that the token names."""
        from tests.oidc_provider import new_key

        return self.sign(key=new_key(), alg="RS256")


FORGED: dict[str, Callable[[Forger], str]] = {
    "none at all": lambda _: "",
    "no JWT": lambda _: "nonsense",
    "three dots": lambda _: "...",
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg HS256 without a signature": lambda f: f.unsigned("HS256"),
    "another HMAC": lambda f: f.sign(alg="HS512"),
    "RS256": lambda f: f.rsa(),
    "the raw secret as the key": lambda f: f.sign(key=f.secret.encode()),
    "the key of refresh tokens": lambda f: f.sign(key=tokens._key(f.secret, "refresh token")),
    "another secret": lambda f: f.sign(key=tokens._key(ELSEWHERE, "access token")),
    "another secret under its own name": lambda f: f.sign(
        key=tokens._key(ELSEWHERE, "access token"), header={"kid": tokens._kid(ELSEWHERE)}
    ),
    "unknown kid": lambda f: f.sign(header={"kid": "000000000000"}),
    "kid with a path": lambda f: f.sign(header={"kid": "../../dev/null"}),
    "no kid": lambda f: f.sign(header={"kid": None}),
    "wrong typ": lambda f: f.sign(header={"typ": "JWT"}),
    "no typ": lambda f: f.sign(header={"typ": ""}),
    "wrong audience": lambda f: f.sign(aud="tourpad:refresh"),
    "several audiences": lambda f: f.sign(aud=["tourpad:access", "x"]),
    "no audience": lambda f: f.sign(aud=None),
    "wrong issuer": lambda f: f.sign(iss="https://evil.test"),
    "no issuer": lambda f: f.sign(iss=None),
    "expired": lambda f: f.sign(exp=f.platform.clock.now().timestamp()),
    "no expiry": lambda f: f.sign(exp=None),
    "an expiry in words": lambda f: f.sign(exp="never"),
    "an expiry beyond all time": lambda f: f.sign(exp=1e308),
    "not yet": lambda f: f.sign(nbf=(f.platform.clock.now() + timedelta(minutes=6)).timestamp()),
    "no time of issue": lambda f: f.sign(iat=None),
    "issued in a time to come": lambda f: f.sign(iat=(f.platform.clock.now() + timedelta(hours=1)).timestamp()),
    "nobody": lambda f: f.sign(sub=None),
    "somebody else": lambda f: f.sign(sub=str(person(f.platform).id)),
    "no session": lambda f: f.sign(sid=None),
    "a session that never was": lambda f: f.sign(sid=str(f.user.id)),
    "cut off": lambda f: f.session.access_token[:-2],
    "one bit of the signature": lambda f: f.session.access_token[:-5] + "AAAAA",
    "payload of another": lambda f: ".".join(
        p
        for p in (
            *f.session.access_token.split(".")[:1],
            f.sign(sub=str(f.user.id), x=1).split(".")[1],
            f.session.access_token.split(".")[2],
        )
    ),
    "the refresh token": lambda f: f.session.refresh_token,
    "a link that verifies": lambda f: f.mailed(TokenPurpose.VERIFY_EMAIL),
    "a link for a password": lambda f: f.mailed(TokenPurpose.RESET_PASSWORD),
    "a link for an address": lambda f: f.mailed(TokenPurpose.CHANGE_EMAIL),
}


def status(client: "TestClient[Any]", token: str) -> int:
    return client.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code


def test_only_a_good_access_token_is_one(api: "Api", platform: Platform) -> None:
    user = person(platform)
    forger = Forger(platform, user, signed_in(platform, user))
    assert status(api.client, forger.sign()) == 200  # so that each change below is what is refused
    answers = {name: status(api.client, forge(forger)) for name, forge in FORGED.items()}
    assert answers == dict.fromkeys(FORGED, 401)
    for scheme in ("Basic", "Token", ""):
        headers = {"Authorization": f"{scheme} {forger.session.access_token}".strip()}
        assert api.client.get(ME, headers=headers).status_code == 401
    assert api.client.get(f"{ME}?access_token={forger.session.access_token}").status_code == 401


def test_only_a_good_refresh_token_is_one(api: "Api", platform: Platform) -> None:
    user = person(platform)
    forger = Forger(platform, user, signed_in(platform, user))
    good = forger.session.refresh_token
    wrong = {
        "an access token": forger.session.access_token,
        "a mailed link": forger.mailed(TokenPurpose.RESET_PASSWORD),
        "cut off": good[:-4],
        "another secret's": tokens.mint_refresh((ELSEWHERE,), session_id=forger.session.session_id, generation=0),
        "without its prefix": good.removeprefix("tpr_"),
    }
    answers = {n: api.client.post("/api/auth/refresh", json={"refreshToken": t}).status_code for n, t in wrong.items()}
    assert answers == dict.fromkeys(wrong, 401)
    for path in ("/api/auth/verify-email", "/api/auth/password/reset"):
        for token in (good, forger.session.access_token[:320]):
            body = {"token": token} | ({"password": PASSWORD} if "reset" in path else {})
            assert api.client.post(path, json=body).status_code == 409
    # None of that has ended anything.
    assert api.client.post("/api/auth/refresh", json={"refreshToken": good}).status_code == 200


ENDINGS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "this session revoked": lambda work, user, session: sessions.end(
        work, user_id=user.id, session_id=session.session_id
    ),
    "logged out everywhere": lambda work, user, _: sessions.end_everywhere(work, user_id=user.id),
    "suspended": lambda work, user, _: users.suspend(work, user_id=user.id, reason="spam"),
    "password reset": lambda work, user, _: _reset(work, user),
    "second factor reset": lambda work, user, _: _factor(work, user),
    "refresh token reused": lambda work, _, session: [
        sessions.refresh(work, token=session.refresh_token) for _ in range(2)
    ],
    "erased": lambda work, user, _: _erase(work, user),
}


def _reset(work: Any, user: "User") -> None:
    signin.forgot_password(work, email=user.email)
    asked = next(e for e in work.events if isinstance(e, PasswordResetRequested))
    signin.reset_password(work, token=asked.token, password="another long phrase 7")


def _factor(work: Any, user: "User") -> None:
    second_factor.enroll(work, user_id=user.id, password=PASSWORD)
    second_factor.reset(work, user_id=user.id, reason="lost the phone")


def _erase(work: Any, user: "User") -> None:
    from tourpad.core.identity.service import account

    account.erase(work, user_id=user.id)


def test_whatever_ends_a_session_counts_at_the_very_next_request(api: "Api", platform: Platform) -> None:
    answers: dict[str, tuple[int, int]] = {}
    for name, ending in ENDINGS.items():
        user = person(platform)
        session = signed_in(platform, user)
        assert status(api.client, session.access_token) == 200
        with platform.work(operator("test")) as work:
            ending(work, user, session)
            work.commit()
        refreshed = api.client.post("/api/auth/refresh", json={"refreshToken": session.refresh_token}).status_code
        answers[name] = status(api.client, session.access_token), refreshed
    assert answers == dict.fromkeys(ENDINGS, (401, 401))


def test_a_secret_rotates_and_nobody_notices(platform: Platform, clock: "VirtualClock") -> None:
    """Tokens, refresh tokens, sealed secrets and links in mails of the old secret are good under the new one."""
    user = person(platform)
    before = signed_in(platform, user)
    with platform.work(NOBODY) as work:
        enrolled = second_factor.enroll(work, user_id=user.id, password=PASSWORD)
        secret = base64.b32decode(enrolled.secret)
        second_factor.confirm(work, user_id=user.id, code=totp.code_at(secret, clock.now()))
        signin.forgot_password(work, email=user.email)
        mailed = next(e.token for e in work.events if isinstance(e, PasswordResetRequested))
        work.commit()
    old = platform.settings.secret
    rotated = _with_secrets(platform, (NEW, *old))
    clock.advance(timedelta(minutes=1))
    with opened(rotated) as api:
        assert status(api.client, before.access_token) == 200
        fresh = api.client.post("/api/auth/refresh", json={"refreshToken": before.refresh_token}).json()
        header = jwt.get_unverified_header(fresh["accessToken"])
        assert header["kid"] == tokens._kid(NEW)
        assert header["kid"] != jwt.get_unverified_header(before.access_token)["kid"]
        login = {"email": user.email, "password": PASSWORD, "totp": totp.code_at(secret, clock.now())}
        assert api.client.post("/api/auth/login", json=login).status_code == 200
    # The code was sealed anew by it, so the old secret may go; what only the old one signed goes with it.
    only_new = _with_secrets(platform, (NEW,))
    clock.advance(timedelta(minutes=1))
    with opened(only_new) as api:
        assert status(api.client, before.access_token) == 401
        assert status(api.client, fresh["accessToken"]) == 200
        login["totp"] = totp.code_at(secret, clock.now())
        assert api.client.post("/api/auth/login", json=login).status_code == 200
        reset = {"token": mailed, "password": "another long phrase 7"}
        assert api.client.post("/api/auth/password/reset", json=reset).status_code == 204
    for opened_here in (rotated, only_new):
        opened_here.close()


def test_sessions_are_ended_by_somebody_else_only_where_they_are_theirs(api: "Api", platform: Platform) -> None:
    user, other = person(platform), person(platform)
    session = signed_in(platform, user)
    path = f"/api/auth/sessions/{session.session_id}"
    assert api.client.delete(path, headers=bearer(platform, other)).status_code == 404
    assert status(api.client, session.access_token) == 200
    assert api.client.delete(path, headers=bearer(platform, user)).status_code == 204
    assert status(api.client, session.access_token) == 401
    with platform.work(NOBODY) as work:
        assert [s.id for s in queries.live_sessions(work, user.id)] != []


def _with_secrets(platform: Platform, secrets: tuple[str, ...]) -> Platform:
    settings = load_settings(
        environ={
            "TOURPAD_ENV": "test",
            "TOURPAD_HOME": str(platform.settings.home),
            "TOURPAD_SECRET": ",".join(secrets),
            "TOURPAD_PASSWORD_MEMORY_KIB": "64",
            "DATABASE_URL": platform.database_url,
        }
    )
    return Platform.open(settings, clock=platform.clock)
