"""What a provider says of itself: its discovery document and its keys, fetched when needed and kept for an hour.

OpenID Connect Discovery 1.0: the document lies at a path below the issuer and names that very issuer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tourpad.core.gateways.oidc.errors import ProviderDown

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx

    from tourpad.core.clock import Clock
    from tourpad.core.providers import Provider

TIMEOUT: Final = 8.0
"""Seconds for each step of one call."""
FRESH: Final = timedelta(hours=1)
USABLE: Final = timedelta(hours=24)
"""How long an old copy of the discovery document does where no new one is to be had."""
ASK_AGAIN: Final = timedelta(minutes=1)
"""An unknown key is looked for anew at most this often."""
LARGEST: Final = 256 * 1024
"""Bytes of one answer."""
_OK: Final = 200
_FAULT: Final = 500

Document = Mapping[str, Any]


@dataclass(slots=True)
class _Kept:
    what: Document
    at: datetime

    def age(self, now: datetime) -> timedelta:
        """Its age; a clock that was set back makes everything old."""
        return now - self.at if now >= self.at else USABLE


class Documents:
    """Both documents of one provider. Threads may share it: two that fetch at once fetch the same."""

    def __init__(self, provider: "Provider", clock: "Clock") -> None:
        self._provider = provider
        self._clock = clock
        self._discovered: _Kept | None = None
        self._keys: _Kept | None = None
        self._asked_again: datetime | None = None

    def discovery(self) -> Document:
        """The discovery document.

        Raises:
            ProviderDown: there is none, or it is another issuer's.
        """
        now, kept = self._clock.now(), self._discovered
        if kept is not None and kept.age(now) < FRESH:
            return kept.what
        try:
            found = self.fetch("GET", f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            self._check(found)
        except ProviderDown:
            if kept is not None and kept.age(now) < USABLE:
                return kept.what
            raise
        self._discovered = _Kept(found, now)
        return found

    def key(self, kid: str | None) -> Document | None:
        """The signing key of this name; without a name the only one there is. None where there is no such key.

        A name that is not known is looked for in a fresh copy: the provider has changed its keys.

        Raises:
            ProviderDown: its keys can't be had.
        """
        now, kept = self._clock.now(), self._keys
        if kept is None or kept.age(now) >= FRESH:
            kept = self._fetch_keys(now)
        found = _chosen(kept.what, kid)
        if found is None and (self._asked_again is None or abs(now - self._asked_again) >= ASK_AGAIN):
            self._asked_again = now
            found = _chosen(self._fetch_keys(now).what, kid)
        return found

    def endpoint(self, name: str) -> str:
        """One of the addresses in the discovery document.

        Raises:
            ProviderDown: it is missing, or less safe than the issuer's own.
        """
        address = self.discovery().get(name)
        if not isinstance(address, str) or not address:
            raise ProviderDown(self._provider.name, f"its discovery document names no {name}")
        scheme = urlsplit(address).scheme
        if scheme != "https" and (self._provider.is_secure or scheme != "http"):
            raise ProviderDown(self._provider.name, f"its {name} is not https")
        return address

    def fetch(self, method: str, address: str, **more: Any) -> Document:
        """One JSON object from the provider.

        Raises:
            ProviderDown: no answer in time, a fault, a redirect, too much, or no JSON object.
        """
        status, found = self.ask(method, address, **more)
        if status != _OK:
            raise ProviderDown(self._provider.name, f"it answered {status} to {method} {urlsplit(address).path}")
        return found

    def ask(self, method: str, address: str, **more: Any) -> tuple[int, Document]:
        """The status and the JSON object of an answer; below 500, what is no JSON object counts as an empty one.

        Raises:
            ProviderDown: no answer in time, a fault of the provider, or too much; with 200, no JSON object.
        """
        import httpx

        try:
            with _line() as http, http.stream(method, address, **more) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise ProviderDown(self._provider.name, "its answer is too large")
                status = answer.status_code
        except httpx.TimeoutException:
            raise ProviderDown(self._provider.name, "it did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The error's own words may quote the request, and with it the code.
            raise ProviderDown(self._provider.name, f"it does not answer ({type(error).__name__})") from None
        if status >= _FAULT:
            raise ProviderDown(self._provider.name, f"it answered {status}")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return status, found
        if status == _OK:
            raise ProviderDown(self._provider.name, "its answer is no JSON object")
        return status, {}

    def _fetch_keys(self, now: datetime) -> _Kept:
        self._keys = _Kept(self.fetch("GET", self.endpoint("jwks_uri")), now)
        return self._keys

    def _check(self, found: Document) -> None:
        if found.get("issuer") != self._provider.issuer:
            raise ProviderDown(self._provider.name, "its discovery document is another issuer's")
        methods = found.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise ProviderDown(self._provider.name, "it does not know PKCE with S256")


def _line() -> "httpx.Client":
    """A connection for one question: several threads never share one (decision 70), and people sign in seldom."""
    import httpx

    return httpx.Client(
        timeout=TIMEOUT, follow_redirects=False, headers={"accept": "application/json"}, verify=_certificates()
    )


@cache
def _certificates() -> "SSLContext":
    """Made once: reading the list of authorities takes longer than the question."""
    import httpx

    return httpx.create_ssl_context()


def _chosen(keys: Document, kid: str | None) -> Document | None:
    listed = keys.get("keys")
    usable = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")
    ]
    if kid is None:
        return usable[0] if len(usable) == 1 else None
    return next((key for key in usable if key.get("kid") == kid), None)
