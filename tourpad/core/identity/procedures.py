"""What happens to accounts by itself, and signing in with another provider, which must be asked in between."""

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from tourpad.core.actors import NOBODY, Actor
from tourpad.core.errors import TourPadError
from tourpad.core.gateways.oidc import NotProved
from tourpad.core.identity import queries
from tourpad.core.identity.errors import ProviderRefused, SignInNotValid, UnknownProvider
from tourpad.core.identity.service import links, oauth, sessions, users

if TYPE_CHECKING:
    from tourpad.core.gateways.oidc import OidcGateway
    from tourpad.core.identity.states import UserType
    from tourpad.core.platform import Platform

_BATCH: Final = 200


def lift_suspensions(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Reinstate everybody whose suspension has run out, one transaction a person."""
    counts = {"reinstated": 0, "failed": 0}
    with platform.work(actor) as work:
        due = queries.over_suspensions(work, limit=_BATCH)
    for user_id in due:
        try:
            with platform.work(actor) as work:
                users.reinstate(work, user_id=user_id)
                work.commit()
            counts["reinstated"] += 1
        except TourPadError:
            counts["failed"] += 1
    return counts


def forget_old_sign_ins(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Delete sessions and mailed links that ended more than 30 days ago: they only say where people have been."""
    with platform.work(actor) as work:
        counts = {
            "sessions": sessions.forget_ended(work),
            "links": links.forget_ended(work),
            "provider_sign_ins": oauth.forget_ended(work),
        }
        work.commit()
    return counts


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what it keeps meanwhile."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a browser brings back."""

    state: str = field(repr=False)
    browser: str | None = field(repr=False)
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None
    """Who says that they sent it (RFC 9207)."""
    error: str | None = None
    address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Signed in, or sent on to a front end with a ticket or an error in the fragment, which no server sees."""

    signed_in: sessions.SignedIn | None = None
    url: str | None = field(default=None, repr=False)


def depart(
    platform: "Platform",
    *,
    provider: str,
    user_type: "UserType | None" = None,
    return_to: str | None = None,
    challenge: str | None = None,
) -> Departure:
    """Begin to sign in with a provider (the arguments are those of `oauth.begin`).

    Raises:
        UnknownProvider: nobody has that name.
        InvalidInputError: naming what is wrong.
        ProviderDown: it does not say where people sign in.
    """
    gateway = _gateway(platform, provider)
    with platform.work(NOBODY) as work:
        begun = oauth.begin(work, provider=provider, user_type=user_type, return_to=return_to, challenge=challenge)
        work.commit()
    url = gateway.authorization_url(
        redirect_uri=redirect_uri(platform, provider),
        state=begun.state,
        nonce=begun.nonce,
        challenge=begun.challenge,
    )
    return Departure(url=url, state=begun.state, browser=begun.browser)


def arrive(platform: "Platform", *, provider: str, returned: Returned) -> Arrival:
    """End it: redeem the code, check what the provider says, and sign in or send on.

    Raises:
        UnknownProvider, SignInNotValid: it was not begun like this.
        ProviderRefused, NotProved, ProviderDown: nothing was proved. With a front end these go there.
        TourPadError: as `oauth.finish`, with the `ticket` in its details.
    """
    gateway = _gateway(platform, provider)
    with platform.work(NOBODY) as work:
        claimed = oauth.claim(work, provider=provider, state=returned.state, browser=returned.browser)
        work.commit()
    try:
        ticket = _proved(platform, gateway, provider, returned, claimed)
    except TourPadError as error:
        if claimed.return_to is None:
            raise
        return Arrival(url=f"{claimed.return_to}#{urlencode({'error': error.code})}")
    if claimed.return_to is not None:
        return Arrival(url=f"{claimed.return_to}#{urlencode({'ticket': ticket})}")
    try:
        with platform.work(NOBODY) as work:
            signed_in = oauth.finish(work, ticket=ticket, address=returned.address, user_agent=returned.user_agent)
            work.commit()
    except TourPadError as error:
        error.details["ticket"] = ticket
        raise
    return Arrival(signed_in=signed_in)


def redirect_uri(platform: "Platform", provider: str) -> str:
    """Where a provider sends people back to; it must be told of it."""
    return f"{platform.settings.base_url}/api/auth/oauth/{provider}/callback"


def _proved(
    platform: "Platform", gateway: "OidcGateway", provider: str, returned: Returned, claimed: oauth.Claimed
) -> str:
    # One provider's code must never be taken to another's (RFC 9207): an honest one that names itself always does.
    if returned.issuer is None and gateway.confirms_issuer:
        raise NotProved(provider, "it did not say that it sent you")
    if returned.issuer is not None and not hmac.compare_digest(returned.issuer.encode(), gateway.issuer.encode()):
        raise NotProved(provider, "somebody else sent you")
    if returned.error is not None:
        raise ProviderRefused(provider, returned.error)
    if not returned.code:
        raise SignInNotValid
    proved = gateway.redeem(
        code=returned.code,
        verifier=claimed.verifier,
        redirect_uri=redirect_uri(platform, provider),
        nonce_hash=claimed.nonce_hash,
    )
    with platform.work(NOBODY) as work:
        ticket = oauth.prove(work, sign_in_id=claimed.sign_in_id, proved=proved)
        work.commit()
    return ticket


def _gateway(platform: "Platform", provider: str) -> "OidcGateway":
    gateway = platform.providers.get(provider)
    if gateway is None:
        raise UnknownProvider
    return gateway
