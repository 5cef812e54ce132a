"""JWTs of one kind: signed with HS256 by us, read by us.

PyJWT would do, and loads the whole of cryptography for the kinds that are never used here: nine megabytes in each
process of the API, and a fifth of a second in each command that signs. It stays where tokens of others are read
(`gateways/oidc`). What is read here is narrower than what the standard allows: three members in the header, no more.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

ALGORITHM: Final = "HS256"
_LONGEST: Final = 4_096
_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})", re.ASCII)


class NoToken(Exception):
    """It is none of ours."""


def sign(claims: Mapping[str, Any], *, key: bytes, key_id: str, kind: str) -> str:
    """A token.

    Args:
        claims: what it says.
        key: what signs it.
        key_id: the key's name, for whoever reads it.
        kind: the header's `typ`.
    """
    said = f"{_written({'alg': ALGORITHM, 'kid': key_id, 'typ': kind})}.{_written(claims)}"
    return f"{said}.{_encoded(_signature(said, key))}"


def read(token: str, *, key_of: Callable[[str], bytes | None], kind: str) -> dict[str, Any]:
    """What a token says, once its signature is known to be good.

    Args:
        token: as it came.
        key_of: finds a key by its name; nothing where there is none.
        kind: the only `typ` that passes.

    Raises:
        NoToken: whatever is wrong with it.
    """
    parts = _FORM.fullmatch(token) if len(token) <= _LONGEST else None
    if parts is None:
        raise NoToken
    header = _object(parts[1])
    name = header.get("kid")
    if header != {"alg": ALGORITHM, "kid": name, "typ": kind} or not isinstance(name, str):
        raise NoToken
    key = key_of(name)
    if key is None or not hmac.compare_digest(_encoded(_signature(f"{parts[1]}.{parts[2]}", key)), parts[3]):
        raise NoToken
    return _object(parts[2])


def _signature(said: str, key: bytes) -> bytes:
    return hmac.digest(key, said.encode("ascii"), "sha256")


def _written(value: Mapping[str, Any]) -> str:
    return _encoded(msgspec.json.encode(value))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _object(part: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NoToken from None
    if not isinstance(found, dict):
        raise NoToken
    return cast("dict[str, Any]", found)
