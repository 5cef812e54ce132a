"""An ID token, checked word by word (OpenID Connect Core 1.0, 3.1.3.7): signature, issuer, audience, times, nonce."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from tourpad.core.gateways.oidc.documents import Document
from tourpad.core.values import Value

ALGORITHMS: Final = {
    "RS256": "sha256",
    "RS384": "sha384",
    "RS512": "sha512",
    "PS256": "sha256",
    "PS384": "sha384",
    "PS512": "sha512",
    "ES256": "sha256",
    "ES384": "sha384",
    "ES512": "sha512",
    "EdDSA": "sha512",
}
"""All of them with a key pair: `none` proves nothing, and a shared secret (`HS…`) could be the public key's bytes.
With the hash that `at_hash` is made with."""
LEEWAY: Final = timedelta(seconds=60)
"""How far two clocks may be apart."""
OLDEST: Final = timedelta(minutes=10)
"""A token is made when the code is redeemed, so one that was signed long ago is not for this sign-in."""
_LONGEST_SUBJECT: Final = 255


class Unsound(Exception):
    """A token that proves nothing; the words say why, and quote nothing of it."""


class Expected(Value):
    """What a good token says."""

    issuer: str
    client_id: str
    nonce_hash: str
    """SHA-256 in hex."""
    algorithms: frozenset[str]


def verified(
    token: str,
    expected: Expected,
    *,
    key: Callable[[str | None], Document | None],
    access_token: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The claims of a token, all of them checked.

    Args:
        token: as it came.
        expected: what it must say.
        key: the provider's signing key of a name.
        access_token: what came with it, for `at_hash`.
        now: the platform's time.

    Raises:
        Unsound: it proves nothing.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in expected.algorithms or algorithm not in ALGORITHMS:
            raise Unsound("its ID token is signed in a way that is not allowed")
        kid = header.get("kid")
        found = key(kid if isinstance(kid, str) else None)
        if found is None or found.get("alg", algorithm) != algorithm:
            raise Unsound("its ID token is signed with a key that it does not list")
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(found), algorithm),
            algorithms=[algorithm],
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "enforce_minimum_key_length": True,
                # Checked below, exactly and by the platform's clock.
                "verify_iss": False,
                "verify_aud": False,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as error:
        raise Unsound(f"its ID token can't be verified ({type(error).__name__})") from None
    _check_parties(claims, expected)
    _check_times(claims, now)
    _check_bindings(claims, expected, algorithm, access_token)
    return claims


def _check_parties(claims: dict[str, Any], expected: Expected) -> None:
    if claims["iss"] != expected.issuer:
        raise Unsound("its ID token is another issuer's")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if expected.client_id not in audience:
        raise Unsound("its ID token is for somebody else")
    # With several audiences, or where the provider names whom it gave the token to, that must be us.
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise Unsound("its ID token was given to somebody else")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT or "\0" in subject:
        raise Unsound("its ID token names nobody")


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    times = {name: claims.get(name, now.timestamp()) for name in ("exp", "iat", "nbf")}
    if not all(isinstance(t, int | float) and not isinstance(t, bool) for t in times.values()):
        raise Unsound("its ID token has no times")
    present, leeway = now.timestamp(), LEEWAY.total_seconds()
    if times["exp"] + leeway <= present:
        raise Unsound("its ID token has expired")
    if max(times["iat"], times["nbf"]) > present + leeway:
        raise Unsound("its ID token is of a time to come")
    if times["iat"] < present - (OLDEST + LEEWAY).total_seconds():
        raise Unsound("its ID token was made long ago")


def _check_bindings(claims: dict[str, Any], expected: Expected, algorithm: str, access_token: str | None) -> None:
    nonce = claims.get("nonce")
    hashed = hashlib.sha256(nonce.encode("utf-8", "replace")).hexdigest() if isinstance(nonce, str) else ""
    if not hmac.compare_digest(hashed, expected.nonce_hash):
        raise Unsound("its ID token is of another sign-in (the nonce differs)")
    if "at_hash" in claims:
        whole = hashlib.new(ALGORITHMS[algorithm], (access_token or "").encode()).digest()
        half = base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()
        if not hmac.compare_digest(half.encode(), str(claims["at_hash"]).encode("utf-8", "replace")):
            raise Unsound("its ID token does not go with its access token")
