"""The real side: any provider that OpenID Connect Discovery describes, by the authorization code flow with PKCE."""

import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from tourpad.core.gateways.oidc.documents import Document, Documents
from tourpad.core.gateways.oidc.errors import NotProved, ProviderDown
from tourpad.core.gateways.oidc.idtoken import ALGORITHMS, Expected, Unsound, verified
from tourpad.core.gateways.oidc.protocol import Proved

if TYPE_CHECKING:
    from tourpad.core.clock import Clock
    from tourpad.core.providers import Provider

log = logging.getLogger(__name__)

SCOPES: Final = "openid email profile"
_OK: Final = 200
_OUR_FAULT: Final = ("invalid_client", "unauthorized_client")


class OidcClient:
    """One provider. It keeps its documents; threads may share it."""

    def __init__(self, provider: "Provider", clock: "Clock") -> None:
        self._provider = provider
        self._clock = clock
        self._documents = Documents(provider, clock)

    @property
    def issuer(self) -> str:
        """Its name for itself."""
        return self._provider.issuer

    @property
    def confirms_issuer(self) -> bool:
        """Whether it names itself when it sends people back.

        Raises:
            ProviderDown: it can't be asked.
        """
        return self._documents.discovery().get("authorization_response_iss_parameter_supported") is True

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where people go to sign in there.

        Raises:
            ProviderDown: it does not say where that is.
        """
        parts = urlsplit(self._documents.endpoint("authorization_endpoint"))
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *asked.items()])
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))

    def redeem(self, *, code: str, verifier: str, redirect_uri: str, nonce_hash: str) -> Proved:
        """Exchange a code for who somebody is, and check every word of it.

        Raises:
            NotProved: the code or the token is not good.
            ProviderDown: it can't be asked.
        """
        said = self._exchange(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )
        token, access = said.get("id_token"), said.get("access_token")
        access = access if isinstance(access, str) else None
        if not isinstance(token, str):
            raise self._not_proved("it sent no ID token")
        try:
            claims = verified(
                token,
                Expected(self.issuer, self._provider.client_id, nonce_hash, self._algorithms()),
                key=self._documents.key,
                access_token=access,
                now=self._clock.now(),
            )
        except Unsound as error:
            raise self._not_proved(str(error)) from None
        about: Document = claims
        if "email" not in claims and access is not None and self._documents.discovery().get("userinfo_endpoint"):
            about = self._userinfo(access, claims["sub"])
        return Proved(issuer=self.issuer, subject=claims["sub"], email=_vouched(about), name=_text(about, "name"))

    def _exchange(self, body: dict[str, str]) -> Document:
        headers: dict[str, str] = {}
        auth: Any = None
        secret = self._provider.client_secret
        methods = self._documents.discovery().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in methods:
            # RFC 6749 2.3.1: both are form-encoded before they are joined.
            auth = (quote(self._provider.client_id, safe=""), quote(secret, safe=""))
        else:
            body |= {"client_id": self._provider.client_id, **({"client_secret": secret} if secret else {})}
        status, said = self._documents.ask(
            "POST", self._documents.endpoint("token_endpoint"), data=body, headers=headers, auth=auth
        )
        if status == _OK:
            return said
        why = _text(said, "error") or f"status {status}"
        if why in _OUR_FAULT:
            log.error("%s refuses our client id or secret: %s", self._provider.name, why)
            raise ProviderDown(self._provider.name, "it does not accept our own credentials")
        raise self._not_proved(f"it does not take the code ({why[:60]})")

    def _algorithms(self) -> frozenset[str]:
        listed = self._documents.discovery().get("id_token_signing_alg_values_supported")
        return frozenset(ALGORITHMS) & frozenset(map(str, listed)) if isinstance(listed, list) else frozenset({"RS256"})

    def _userinfo(self, access_token: str, subject: str) -> Document:
        """What some providers keep out of the ID token. It counts only for the same subject (Core 5.3.2)."""
        address = self._documents.endpoint("userinfo_endpoint")
        found = self._documents.fetch("GET", address, headers={"authorization": f"Bearer {access_token}"})
        if found.get("sub") != subject:
            raise self._not_proved("what it tells about you is somebody else's")
        return found

    def _not_proved(self, why: str) -> NotProved:
        log.warning("a sign-in with %s proved nothing: %s", self._provider.name, why)
        return NotProved(self._provider.name, why)


def _vouched(about: Document) -> str | None:
    """The mail address, where the provider says that it was verified (some say so in words)."""
    word = about.get("email_verified")
    # Not `in`: 1 equals True.
    return _text(about, "email") if word is True or word == "true" else None


def _text(document: Document, name: str) -> str | None:
    value = document.get(name)
    return value.strip() or None if isinstance(value, str) else None
