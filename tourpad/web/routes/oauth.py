"""Signing in with another provider: OpenID Connect."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_302_FOUND

from tourpad.core.actors import NOBODY
from tourpad.core.identity import procedures, queries
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.service import oauth
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import client_address, limit
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.routes.auth import SignedInOut, signed_in_out
from tourpad.web.shapes import Input, Output

Ticket = Annotated[str, msgspec.Meta(max_length=100)]
Verifier = Annotated[str, msgspec.Meta(max_length=128)]
Code = Annotated[str, msgspec.Meta(max_length=32)]
Password = Annotated[str, msgspec.Meta(max_length=1_000)]
Role = Literal["artist", "host", "fan"]

_SECRETS: Final = {NO_STORED_ANSWER: True}
_LONGEST: Final = 4_000
_LONGEST_ERROR: Final = 60


class ProviderOut(Output):
    """One provider; a browser begins at `startUrl`."""

    name: str
    start_url: str


class ProvidersOut(Output):
    """Everybody who may sign people in besides us."""

    providers: list[ProviderOut]


class FinishIn(Input):
    """The ticket; `verifier` where there was a challenge, `totp` where it is asked for, `userType` to register."""

    ticket: Ticket
    verifier: Verifier | None = None
    totp: Code | None = None
    user_type: Role | None = None
    is_adult: bool | None = None


class LinkIn(Input):
    """The ticket and its `verifier`; `password` where the account has one, `totp` where it asks for one."""

    ticket: Ticket
    verifier: Verifier | None = None
    password: Password | None = None
    totp: Code | None = None


class LinkOut(Output):
    """A sign-in at a provider that opens the account."""

    id: UUID
    provider: str
    created_at: datetime


class LinksOut(Output):
    """All of them, the first linked first."""

    links: list[LinkOut]


@get("/api/auth/oauth", **needs(PUBLIC), tags=["auth"])
def providers(platform: Platform) -> ProvidersOut:
    """Who else may sign people in."""
    base = platform.settings.base_url
    return ProvidersOut(
        providers=[ProviderOut(name=n, start_url=f"{base}/api/auth/oauth/{n}/start") for n in platform.providers]
    )


@get("/api/auth/oauth/{provider:str}/start", **needs(PUBLIC), status_code=HTTP_302_FOUND, tags=["auth"])
def start(
    provider: str,
    platform: Platform,
    request: Request[Any, Any, Any],
    *,
    user_type: Annotated[
        Role | None, QueryParameter(name="userType", description="Which account to make where there is none.")
    ] = None,
    return_to: Annotated[
        str | None,
        QueryParameter(
            name="returnTo", max_length=2_000, description="Where the browser goes in the end, with `#ticket=…`."
        ),
    ] = None,
    challenge: Annotated[
        str | None, QueryParameter(name="challenge", max_length=100, description="S256 of the verifier to come.")
    ] = None,
) -> Response[None]:
    """Send the browser to the provider. It keeps a cookie for its way back."""
    limit(request, platform, limits.OAUTH, client_address(request.scope))
    begun = procedures.depart(
        platform,
        provider=provider,
        user_type=UserType(user_type) if user_type else None,
        return_to=return_to,
        challenge=challenge,
    )
    cookie = _cookie(platform, begun.state, value=begun.browser, age=int(oauth.BEGUN_LIFE.total_seconds()))
    return Response(None, status_code=HTTP_302_FOUND, headers={"location": begun.url}, cookies=[cookie])


@get("/api/auth/oauth/{provider:str}/callback", **needs(PUBLIC), tags=["auth"])
def callback(
    provider: str,
    platform: Platform,
    request: Request[Any, Any, Any],
    *,
    sent_state: Annotated[str, QueryParameter(name="state", max_length=200)],
    code: Annotated[str | None, QueryParameter(name="code", max_length=_LONGEST)] = None,
    iss: Annotated[str | None, QueryParameter(name="iss", max_length=_LONGEST)] = None,
    error: Annotated[str | None, QueryParameter(name="error", max_length=_LONGEST)] = None,
) -> Response[SignedInOut | None]:
    """Where the provider sends the browser back to: signs in, or goes on to `returnTo` with a ticket."""
    name = _cookie(platform, sent_state).key
    arrived = procedures.arrive(
        platform,
        provider=provider,
        returned=procedures.Returned(
            state=sent_state,
            browser=request.cookies.get(name),
            code=code,
            issuer=iss,
            error=error[:_LONGEST_ERROR] if error is not None else None,
            address=client_address(request.scope),
            user_agent=request.headers.get("user-agent"),
        ),
    )
    done = [_cookie(platform, sent_state)]
    if arrived.signed_in is not None:
        return Response(signed_in_out(arrived.signed_in), cookies=done)
    return Response(None, status_code=HTTP_302_FOUND, headers={"location": arrived.url or ""}, cookies=done)


@post("/api/auth/oauth/finish", **needs(PUBLIC, **_SECRETS), status_code=200, tags=["auth"])
def finish(data: FinishIn, platform: Platform, request: Request[Any, Any, Any]) -> SignedInOut:
    """Sign in with a ticket, or make an account with it. A refusal leaves the ticket good."""
    address = client_address(request.scope)
    with platform.work(NOBODY) as work:
        subject = oauth.who(work, ticket=data.ticket)
    limit(request, platform, limits.LOGIN, address, subject)
    with platform.work(NOBODY) as work:
        signed_in = oauth.finish(
            work,
            ticket=data.ticket,
            verifier=data.verifier,
            totp=data.totp,
            user_type=UserType(data.user_type) if data.user_type else None,
            is_adult=data.is_adult,
            address=address,
            user_agent=request.headers.get("user-agent"),
        )
        work.commit()
    return signed_in_out(signed_in)


@get("/api/auth/oauth/links", **needs(Permission.ACCOUNT), tags=["auth"])
def list_links(platform: Platform, principal: Principal) -> LinksOut:
    """The sign-ins at providers that open one's account."""
    with platform.work(principal.actor) as work:
        found = queries.identities(work, principal.user_id)
    return LinksOut(links=[LinkOut(id=one.id, provider=one.provider, created_at=one.created_at) for one in found])


@post("/api/auth/oauth/links", **needs(Permission.ACCOUNT, **_SECRETS), tags=["auth"])
def link(data: LinkIn, platform: Platform, principal: Principal, request: Request[Any, Any, Any]) -> LinkOut:
    """Add the sign-in that a ticket stands for to one's account."""
    limit(request, platform, limits.TOTP, str(principal.user_id))
    with platform.work(principal.actor) as work:
        made = oauth.link(
            work,
            user_id=principal.user_id,
            ticket=data.ticket,
            verifier=data.verifier,
            password=data.password,
            totp=data.totp,
        )
        work.commit()
        return LinkOut(id=made.id, provider=made.provider, created_at=made.created_at)


@delete("/api/auth/oauth/links/{identity_id:uuid}", **needs(Permission.ACCOUNT), tags=["auth"])
def unlink(identity_id: UUID, platform: Platform, principal: Principal) -> None:
    """Take one off the account. The last way to sign in stays."""
    with platform.work(principal.actor) as work:
        oauth.unlink(work, user_id=principal.user_id, identity_id=identity_id)
        work.commit()


def _cookie(platform: Platform, state: str, *, value: str = "", age: int = 0) -> Cookie:
    """The browser's part of one sign-in, under a name of its own, so that several tabs do not disturb each other.

    `__Host-` keeps other hosts of the domain from planting one. Lax, because the provider sends the browser back.
    """
    secure = urlsplit(platform.settings.base_url).scheme == "https"
    prefix = "__Host-" if secure else ""
    name = f"{prefix}tourpad-oauth-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
    return Cookie(key=name, value=value, max_age=age, path="/", secure=secure, httponly=True, samesite="lax")


ROUTES = (providers, start, callback, finish, list_links, link, unlink)
