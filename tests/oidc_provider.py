"""A provider of sign-ins on this machine: `oidc-provider-mock` over HTTP, with a hand in between that can forge.

What the provider would say is signed anew with a key of ours, so that a test may change one word of it. PKCE, which the
mock does not check, is checked here.
"""

import base64
import hashlib
import io
import json
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from tourpad.core.clock import Clock

KID = "one"
CLIENT_ID = "tourpad-tests"
Claims = dict[str, Any]


def new_key() -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(key: "RSAPrivateKey", kid: str = KID) -> dict[str, Any]:
    from jwt.algorithms import RSAAlgorithm

    made: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**made, "kid": kid, "use": "sig", "alg": "RS256"}


@dataclass
class Hand:
    """What lies between: by default it changes nothing that matters."""

    app: Any
    key: "RSAPrivateKey"
    clock: "Clock"
    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    forge: Callable[[Claims], Claims | str] | None = None
    """Changes the claims, or answers a whole token of its own."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[str] = field(default_factory=list[str])
    down: bool = False
    without_email: bool = False
    _challenges: set[str] = field(default_factory=set[str])

    def reset(self, clock: "Clock") -> None:
        self.clock, self.forge, self.metadata, self.down, self.without_email = clock, None, {}, False, False
        self.keys = [public_jwk(self.key)]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
        self.asked.append(path)
        if self.down:
            return self._say(start_response, "503 Service Unavailable", {})
        if path == "/oauth2/authorize":
            self._challenges.update(query.get("code_challenge", []))
        if path == "/jwks":
            return self._say(start_response, "200 OK", {"keys": self.keys})
        if path not in ("/oauth2/token", "/.well-known/openid-configuration"):
            return self.app(environ, start_response)
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if path == "/oauth2/token" and _s256(parse_qs(sent.decode()).get("code_verifier", [""])[0]) not in (
            self._challenges
        ):
            return self._say(start_response, "400 Bad Request", {"error": "invalid_grant"})
        environ["wsgi.input"] = io.BytesIO(sent)
        said: list[str] = []
        body = json.loads(b"".join(self.app(environ, lambda status, *_: said.append(status))))
        if path == "/oauth2/token":
            if "id_token" in body:
                body["id_token"] = self._signed(body["id_token"])
        else:
            body |= self.metadata
        return self._say(start_response, said[-1], body)

    def _signed(self, token: str) -> str:
        import jwt

        now = int(self.clock.now().timestamp())
        claims: Claims = jwt.decode(token, options={"verify_signature": False})
        claims |= {"iat": now, "exp": now + 300}
        if self.without_email:
            claims = {k: v for k, v in claims.items() if not k.startswith("email")}
        forged = self.forge(claims) if self.forge else claims
        return forged if isinstance(forged, str) else self.sign(forged)

    def sign(self, claims: Claims, *, key: Any = None, algorithm: str = "RS256", **header: Any) -> str:
        import jwt

        return jwt.encode(claims, key or self.key, algorithm=algorithm, headers={"kid": KID, **header})

    @staticmethod
    def _say(start_response: Any, status: str, body: Any) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]


@dataclass
class OidcProvider:
    """It runs, and people can sign in at it."""

    issuer: str
    hand: Hand
    http: httpx.Client

    def knows(self, subject: str, **claims: Any) -> None:
        """Somebody has an account there."""
        self.http.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def sign_in(self, url: str, subject: str) -> str:
        """Somebody signs in at the page where our start led. Answers where they are sent: path and query."""
        answer = self.http.post(url, data={"sub": subject})
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def deny(self, url: str) -> str:
        """They change their mind."""
        back = urlsplit(self.http.post(url, data={"action": "deny"}).headers["location"])
        state = parse_qs(urlsplit(url).query)["state"][0]
        return f"/api/auth/oauth/club/callback?{back.query}&state={state}"


@contextmanager
def running(clock: "Clock") -> "Generator[OidcProvider]":
    """A provider on a free port."""
    import oidc_provider_mock
    import werkzeug.serving

    key = new_key()
    hand = Hand(oidc_provider_mock.app(), key, clock)
    hand.reset(clock)
    server = werkzeug.serving.make_server("localhost", 0, hand, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with httpx.Client(verify=False) as http:  # noqa: S501 - no TLS at all; loading certificates takes a while
            yield OidcProvider(f"http://localhost:{server.server_port}", hand, http)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
