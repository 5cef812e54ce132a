"""Tokens: access tokens are JWTs that name a session, everything else is random and known only by its hash.

The signing key of each purpose is derived from `TOURPAD_SECRET`, so one secret never serves two purposes. The first
secret of the list signs; all of them verify, so that a rotation logs nobody out.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from tourpad.core.errors import ConfigurationError
from tourpad.core.identity import jws
from tourpad.core.identity.errors import InvalidToken
from tourpad.core.values import Value

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

ISSUER: Final = "tourpad"
AUDIENCE: Final = "tourpad:access"
TYPE: Final = "at+jwt"
"""The header's `typ` (RFC 9068): nothing else that we ever sign passes for an access token."""
LEEWAY: Final = timedelta(minutes=5)
"""How far the clocks of two of our processes may be apart."""

_REFRESH_PREFIX: Final = "tpr_"
_MAC: Final = 16
_REFRESH_BYTES: Final = 16 + 4 + 24


class AccessClaims(Value):
    """What a good access token says."""

    user_id: UUID
    session_id: UUID
    issued_at: datetime
    expires_at: datetime


class _Said(msgspec.Struct):
    """The claims of an access token; all that have no default must be there."""

    iss: str
    aud: str
    sub: str
    sid: str
    iat: float
    exp: float
    nbf: float = 0.0


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"tourpad {purpose}".encode(), "sha256")


@lru_cache(maxsize=64)
def _kid(secret: str) -> str:
    """Names a secret without telling anything of it."""
    return _key(secret, "key id").hex()[:12]


def _first(signing: Sequence[str]) -> str:
    if not signing:
        raise ConfigurationError("TOURPAD_SECRET is not set, so no token can be signed.")
    return signing[0]


def mint_access(signing: Sequence[str], *, user_id: UUID, session_id: UUID, now: datetime, life: timedelta) -> str:
    """An access token for one session.

    Args:
        signing: `Settings.secret`, newest first.
        user_id: the person.
        session_id: the session; the token is worth nothing once it has ended.
        now: the instant of issue.
        life: how long it is good.
    """
    secret = _first(signing)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": now.timestamp(),
        "exp": (now + life).timestamp(),
    }
    return jws.sign(claims, key=_key(secret, "access token"), key_id=_kid(secret), kind=TYPE)


def read_access(signing: Sequence[str], token: str, *, now: datetime) -> AccessClaims:
    """Check an access token completely but for its session.

    Expiry is held against `now`, the platform's clock, and not against the machine's.

    Raises:
        InvalidToken: whatever is wrong with it.
    """
    claims, begins_at = _verified(tuple(signing), token)
    if claims.expires_at <= now:
        raise InvalidToken("The access token has expired.")
    if begins_at > now + LEEWAY:
        raise InvalidToken("The access token is of a time to come.")
    return claims


@lru_cache(maxsize=4_096)
def _verified(signing: tuple[str, ...], token: str) -> tuple[AccessClaims, datetime]:
    """What a token of ours says, and from when on. What was verified once is remembered."""

    def key_of(kid: str) -> bytes | None:
        return next((_key(secret, "access token") for secret in signing if _kid(secret) == kid), None)

    try:
        said = msgspec.convert(jws.read(token, key_of=key_of, kind=TYPE), _Said)
        if said.iss != ISSUER or said.aud != AUDIENCE:
            raise InvalidToken
        claims = AccessClaims(
            user_id=UUID(said.sub),
            session_id=UUID(said.sid),
            issued_at=datetime.fromtimestamp(said.iat, UTC),
            expires_at=datetime.fromtimestamp(said.exp, UTC),
        )
        return claims, datetime.fromtimestamp(max(said.iat, said.nbf), UTC)
    except (jws.NoToken, msgspec.ValidationError, ValueError, OverflowError, OSError):
        raise InvalidToken from None


def cipher(signing: Sequence[str], purpose: str) -> "MultiFernet":
    """What encrypts small secrets for the database. The newest secret encrypts, all of them decrypt."""
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - as above

    _first(signing)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(secret, purpose))) for secret in signing])


def new_secret() -> str:
    """A random token for a link or a one-time use: 256 bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a random token. It has 256 bits of its own, so a plain hash hides it."""
    return hashlib.sha256(token.encode()).hexdigest()


def mint_refresh(signing: Sequence[str], *, session_id: UUID, generation: int) -> str:
    """A refresh token: random, but it names its session and carries a proof that we made it.

    With that proof an old token that comes back is known as a reused one, while anything made up is merely wrong.
    """
    raw = session_id.bytes + generation.to_bytes(4, "big") + secrets.token_bytes(24)
    mac = hmac.digest(_key(_first(signing), "refresh token"), raw, "sha256")[:_MAC]
    return _REFRESH_PREFIX + base64.urlsafe_b64encode(raw + mac).decode()


def read_refresh(signing: Sequence[str], token: str) -> UUID:
    """The session that a refresh token of ours belongs to, good or reused.

    Raises:
        InvalidToken: it is none of ours.
    """
    try:
        data = base64.b64decode(token.removeprefix(_REFRESH_PREFIX).encode("ascii"), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken from None
    raw, mac = data[:_REFRESH_BYTES], data[_REFRESH_BYTES:]
    if not token.startswith(_REFRESH_PREFIX) or len(data) != _REFRESH_BYTES + _MAC:
        raise InvalidToken
    for secret in signing:
        if hmac.compare_digest(mac, hmac.digest(_key(secret, "refresh token"), raw, "sha256")[:_MAC]):
            return UUID(bytes=raw[:16])
    raise InvalidToken
