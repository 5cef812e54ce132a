"""What the core asks of a provider of sign-ins."""

from typing import Protocol

from tourpad.core.values import Value


class Proved(Value):
    """Who somebody is, by a provider's word that was checked."""

    issuer: str
    subject: str
    """Never given to anybody else by this issuer, and never changed."""
    email: str | None
    """None where the provider does not vouch for it."""
    name: str | None


class OidcGateway(Protocol):
    """One provider. Nothing of it is called inside a transaction."""

    @property
    def issuer(self) -> str:
        """Its name for itself."""
        ...

    @property
    def confirms_issuer(self) -> bool:
        """Whether it names itself when it sends people back (RFC 9207).

        Raises:
            ProviderDown: it can't be asked.
        """
        ...

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where people go to sign in there.

        Args:
            redirect_uri: where they come back to.
            state: comes back with them.
            nonce: comes back inside the signed ID token.
            challenge: S256 of the verifier (RFC 7636).

        Raises:
            ProviderDown: it does not say where that is.
        """
        ...

    def redeem(self, *, code: str, verifier: str, redirect_uri: str, nonce_hash: str) -> Proved:
        """Exchange the code that somebody came back with for who they are, and check every word of it.

        Args:
            code: as it came.
            verifier: PKCE's.
            redirect_uri: as it was given at the beginning.
            nonce_hash: SHA-256 in hex of the nonce that was sent.

        Raises:
            NotProved: the code or the token is not good.
            ProviderDown: it can't be asked.
        """
        ...
