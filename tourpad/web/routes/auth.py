"""Registering, proving a mail address, signing in and out."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post

from tourpad.core.actors import NOBODY
from tourpad.core.identity import rules
from tourpad.core.identity.errors import TokenReused
from tourpad.core.identity.service import registration, sessions, signin
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.people import UserOut, user_out
from tourpad.web.shapes import Input, Output

Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Short = Annotated[str, msgspec.Meta(max_length=320)]
Words = Annotated[list[Annotated[str, msgspec.Meta(max_length=60)]], msgspec.Meta(max_length=20)]


class ProfileIn(Input):
    """Profile fields of a registration; some belong to one role only."""

    bio: Text | None = None
    location: Short | None = None
    phone: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    website_url: Short | None = None
    social_links: dict[Annotated[str, msgspec.Meta(max_length=40)], Short] | None = None
    stage_name: Short | None = None
    genres: Words | None = None
    venue_name: Short | None = None
    city: Short | None = None
    state: Short | None = None
    favorite_genres: Words | None = None
    travel_radius: Annotated[int, msgspec.Meta(ge=0, le=5_000)] | None = None


class RegisterIn(Input):
    """A new account."""

    email: Short
    password: str
    name: Short
    user_type: UserType
    profile: ProfileIn = msgspec.field(default_factory=ProfileIn)
    referral_source: Short | None = None


class RegisterOut(Output):
    """The account and what comes next."""

    user: UserOut
    requires_approval: bool
    next_step: str | None


class TokenIn(Input):
    """A mailed token."""

    token: Short


class VerifiedOut(Output):
    """The person, and what comes next."""

    user: UserOut
    next_step: str | None


class LoginIn(Input):
    """Address and password; `totp` only where a second factor is on."""

    email: Short
    password: str
    totp: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class SignedInOut(Output):
    """The person and the tokens."""

    user: UserOut
    access_token: str
    refresh_token: str
    expires_in: int


class RefreshIn(Input):
    """The current refresh token."""

    refresh_token: Short


def _given(fields: msgspec.Struct) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(fields).items() if v is not None}


def _from(request: Request[Any, Any, Any]) -> dict[str, str | None]:
    client = request.client
    return {"address": client.host if client else None, "user_agent": request.headers.get("user-agent")}


def _tokens(signed_in: sessions.SignedIn) -> SignedInOut:
    return SignedInOut(
        user=user_out(signed_in.user),
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.expires_in,
    )


@post("/api/auth/register", **needs(PUBLIC), tags=["auth"])
def register(data: RegisterIn, platform: Platform) -> RegisterOut:
    """Make an account. The answer is the same whether or not the address has one already."""
    with platform.work(NOBODY) as work:
        made = registration.register(
            work,
            email=data.email,
            password=data.password,
            name=data.name,
            user_type=data.user_type,
            profile=_given(data.profile),
            referral_source=data.referral_source,
        )
        work.commit()
    return RegisterOut(
        user=user_out(made.user, made.profile),
        requires_approval=made.requires_approval,
        next_step=made.next_step,
    )


@post("/api/auth/verify-email", **needs(PUBLIC), status_code=200, tags=["auth"])
def verify_email(data: TokenIn, platform: Platform) -> VerifiedOut:
    """Prove the mail address with the token from the mail."""
    with platform.work(NOBODY) as work:
        user = registration.verify_email(work, token=data.token)
        work.commit()
    step = rules.next_step(user.user_type, user.state, user.email_verified_at)
    return VerifiedOut(user=user_out(user), next_step=step)


@post("/api/auth/login", **needs(PUBLIC), status_code=200, tags=["auth"])
def login(data: LoginIn, platform: Platform, request: Request[Any, Any, Any]) -> SignedInOut:
    """Sign in with address and password."""
    with platform.work(NOBODY) as work:
        signed_in = signin.login(work, email=data.email, password=data.password, **_from(request))
        work.commit()
    return _tokens(signed_in)


@post("/api/auth/refresh", **needs(PUBLIC), status_code=200, tags=["auth"])
def refresh(data: RefreshIn, platform: Platform) -> SignedInOut:
    """Exchange a refresh token for new tokens. One that was used before ends its session."""
    with platform.work(NOBODY) as work:
        signed_in = sessions.refresh(work, token=data.refresh_token)
        work.commit()
    if signed_in is None:
        raise TokenReused
    return _tokens(signed_in)


ROUTES = (register, verify_email, login, refresh)
