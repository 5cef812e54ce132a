"""Tokens: every forgery is refused, a rotation of secrets is noticed by nobody."""

import base64
import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from tourpad.core.errors import ConfigurationError
from tourpad.core.identity import tokens
from tourpad.core.identity.errors import InvalidToken
from tourpad.core.ids import new_id

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SECRET = ("a secret that is long enough to sign with",)
OTHER = ("another secret that is as long as the first",)
LIFE = timedelta(minutes=15)
USER, SESSION = new_id(), new_id()


def good() -> str:
    return tokens.mint_access(SECRET, user_id=USER, session_id=SESSION, now=NOW, life=LIFE)


def forged(*, alg: str = "HS256", key: bytes | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token like ours but for what is given; a claim that is None is left out."""
    said: dict[str, Any] = {
        "iss": "tourpad",
        "aud": "tourpad:access",
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": NOW.timestamp(),
        "exp": (NOW + LIFE).timestamp(),
        **claims,
    }
    said = {k: v for k, v in said.items() if v is not None}
    head = {"kid": tokens._kid(SECRET[0]), "typ": "at+jwt", **(header or {})}
    head = {k: v for k, v in head.items() if v is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)  # 32 bytes are few for SHA-512
        return jwt.encode(said, key or tokens._key(SECRET[0], "access token"), algorithm=alg, headers=head)


def unsigned() -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    payload = json.loads(base64.urlsafe_b64decode(good().split(".")[1] + "=="))
    return f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': tokens._kid(SECRET[0])})}.{part(payload)}."


def test_a_good_token_says_who_where_and_when_exactly() -> None:
    claims = tokens.read_access(SECRET, good(), now=NOW)
    assert claims == tokens.AccessClaims(user_id=USER, session_id=SESSION, issued_at=NOW, expires_at=NOW + LIFE)


def test_the_forgery_without_any_change_is_good_so_that_each_change_below_is_what_is_refused() -> None:
    assert tokens.read_access(SECRET, forged(), now=NOW).user_id == USER


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="no JWT"),
        pytest.param("a.b.c", id="no base64"),
        pytest.param(good()[:-2], id="signature cut off"),
        pytest.param(good() + "AA", id="signature longer"),
        pytest.param(unsigned(), id="algorithm none"),
        pytest.param(unsigned() + good().split(".")[2], id="algorithm none with a signature"),
        pytest.param(forged(alg="HS512"), id="another HMAC"),
        pytest.param(forged(key=SECRET[0].encode()), id="the secret itself as the key"),
        pytest.param(forged(key=tokens._key(SECRET[0], "refresh token")), id="a key of another purpose"),
        pytest.param(forged(key=b"x" * 32), id="another key"),
        pytest.param(forged(header={"kid": "000000000000"}), id="unknown kid"),
        pytest.param(forged(header={"kid": None}), id="no kid"),
        pytest.param(forged(header={"typ": "JWT"}), id="plain typ"),
        pytest.param(forged(header={"typ": "rt+jwt"}), id="another typ"),
        pytest.param(forged(aud="tourpad:refresh"), id="another audience"),
        pytest.param(forged(aud=["tourpad:access", "others"]), id="several audiences"),
        pytest.param(forged(aud=None), id="no audience"),
        pytest.param(forged(iss="https://elsewhere.example"), id="another issuer"),
        pytest.param(forged(iss=None), id="no issuer"),
        pytest.param(forged(exp=None), id="no expiry"),
        pytest.param(forged(iat=None), id="no time of issue"),
        pytest.param(forged(sid=None), id="no session"),
        pytest.param(forged(sub=None), id="nobody"),
        pytest.param(forged(sub="admin"), id="a person that is no id"),
        pytest.param(forged(sid=7), id="a session that is a number"),
        pytest.param(forged(exp="tomorrow"), id="an expiry in words"),
        pytest.param(forged(exp=1e300), id="an expiry beyond the calendar"),
        pytest.param(forged(exp=NOW.timestamp()), id="expired this instant"),
        pytest.param(tokens.mint_refresh(SECRET, session_id=SESSION, generation=0), id="a refresh token"),
        pytest.param(
            tokens.mint_access(OTHER, user_id=USER, session_id=SESSION, now=NOW, life=LIFE), id="other secret"
        ),
    ],
)
def test_forged_tokens_are_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read_access(SECRET, token, now=NOW)


def test_expiry_follows_the_clock_that_is_given_and_not_the_machine() -> None:
    long_gone = datetime(2001, 1, 1, tzinfo=UTC)
    token = tokens.mint_access(SECRET, user_id=USER, session_id=SESSION, now=long_gone, life=LIFE)
    assert tokens.read_access(SECRET, token, now=long_gone + LIFE - timedelta(seconds=1)).user_id == USER
    with pytest.raises(InvalidToken, match="expired"):
        tokens.read_access(SECRET, token, now=long_gone + LIFE)


def test_a_rotated_secret_still_verifies_what_it_signed_and_the_newest_signs() -> None:
    old, rotated = good(), OTHER + SECRET
    assert tokens.read_access(rotated, old, now=NOW).user_id == USER
    fresh = tokens.mint_access(rotated, user_id=USER, session_id=SESSION, now=NOW, life=LIFE)
    assert tokens.read_access(OTHER, fresh, now=NOW).user_id == USER
    with pytest.raises(InvalidToken):
        tokens.read_access(SECRET, fresh, now=NOW)
    refresh = tokens.mint_refresh(SECRET, session_id=SESSION, generation=3)
    assert tokens.read_refresh(rotated, refresh) == SESSION
    with pytest.raises(InvalidToken):
        tokens.read_refresh(OTHER, refresh)


def test_the_key_id_does_not_give_the_secret_away() -> None:
    header = jwt.get_unverified_header(good())
    assert header["alg"] == "HS256"
    assert len(header["kid"]) == 12
    assert SECRET[0] not in header["kid"]


def test_refresh_tokens_are_random_and_name_their_session() -> None:
    first = tokens.mint_refresh(SECRET, session_id=SESSION, generation=0)
    second = tokens.mint_refresh(SECRET, session_id=SESSION, generation=0)
    assert first != second
    assert tokens.read_refresh(SECRET, first) == tokens.read_refresh(SECRET, second) == SESSION


@pytest.mark.parametrize("change", ["", "tpr_", "tpr_AAAA", "x", "ü"])
def test_made_up_refresh_tokens_are_refused(change: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read_refresh(SECRET, change)


def test_every_changed_byte_of_a_refresh_token_is_noticed() -> None:
    token = tokens.mint_refresh(SECRET, session_id=SESSION, generation=0)
    data = bytearray(base64.urlsafe_b64decode(token.removeprefix("tpr_")))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(InvalidToken):
            tokens.read_refresh(SECRET, "tpr_" + base64.urlsafe_b64encode(changed).decode())


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(ConfigurationError, match="TOURPAD_SECRET"):
        tokens.mint_access((), user_id=USER, session_id=SESSION, now=NOW, life=LIFE)
