"""Registering, proving a mail address, signing in and out."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.params import QueryParameter

from tourpad.core.actors import NOBODY
from tourpad.core.identity import queries, rules
from tourpad.core.identity.devices import device_of, network_of
from tourpad.core.identity.errors import TokenReused
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.service import address as addresses
from tourpad.core.identity.service import registration, sessions, signin
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import client_address, limit
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.people import UserOut, user_out
from tourpad.web.shapes import Input, Output
from tourpad.web.steady import STEADY, Waits

Short = Annotated[str, msgspec.Meta(max_length=320)]
Secret = Annotated[str, msgspec.Meta(max_length=1_000)]
Words = Annotated[list[Annotated[str, msgspec.Meta(max_length=60)]], msgspec.Meta(max_length=20)]

_SECRETS = {NO_STORED_ANSWER: True}
_STEADY = {STEADY: Waits.MAIL}


class ProfileIn(Input):
    """Profile fields of a registration. Those of another role are refused by name."""

    bio: str | None = None
    location: str | None = None
    phone: str | None = None
    website_url: str | None = None
    social_links: dict[str, str] | None = None
    stage_name: Short | None = None
    genres: Words | None = None
    venue_name: Short | None = None
    city: Short | None = None
    state: Short | None = None
    favorite_genres: Words | None = None
    travel_radius: int | None = None
    """Miles."""


class RegisterIn(Input):
    """A new account."""

    email: Short
    password: Secret
    name: Short
    user_type: Literal["artist", "host", "fan"]
    profile: ProfileIn = msgspec.field(default_factory=ProfileIn)
    referral_source: Short | None = None
    birth_date: date | None = None
    """Looked at, and not kept. It or `isAdult` shows that one is of age."""
    is_adult: bool | None = None


class RegisterOut(Output):
    """The account, and what comes next: `email_verification`."""

    user: UserOut
    requires_approval: bool
    next_step: str | None


class TokenIn(Input):
    """A mailed token."""

    token: Short


class VerifiedOut(Output):
    """The person, and what comes next: `application` or `payment`."""

    user: UserOut
    next_step: str | None


class EmailIn(Input):
    """A mail address."""

    email: Short


class Accepted(Output):
    """Said whether or not there is such an account."""

    message: str


class LoginIn(Input):
    """Mail address and password; `totp` where the account has a second factor."""

    email: Short
    password: Secret
    totp: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class SignedInOut(Output):
    """The person and their tokens. `expiresIn` is the life of the access token in seconds."""

    user: UserOut
    access_token: str
    refresh_token: str
    expires_in: int


class RefreshIn(Input):
    """The current refresh token."""

    refresh_token: Secret


class ResetIn(Input):
    """The token from the mail and the new password."""

    token: Short
    password: Secret


class ChangeEmailIn(Input):
    """The new address, and the password that shows who asks."""

    new_email: Short
    password: Secret


class ChangedEmailOut(Output):
    """`changed` is false while the other address has not said yes."""

    changed: bool


class SessionOut(Output):
    """One place where the person is signed in."""

    id: UUID
    current: bool
    device: str
    """By browser and system, as the person would say it: `Firefox on Windows`."""
    network: str | None
    """Where from, coarsely: `203.0.113.*`."""
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class SessionsOut(Output):
    """All of them, the last used first."""

    sessions: list[SessionOut]


def signed_in_out(signed_in: sessions.SignedIn) -> SignedInOut:
    """Shape a sign-in."""
    return SignedInOut(
        user=user_out(signed_in.user),
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.expires_in,
    )


def _address_of(email: str) -> str:
    """A mail address as limits count it, in whatever case it is written."""
    return email.strip().casefold()


@post("/api/auth/register", **needs(PUBLIC, **{STEADY: Waits.PASSWORD}), tags=["auth"])
def register(data: RegisterIn, platform: Platform, request: Request[Any, Any, Any]) -> RegisterOut:
    """Make an account and mail the link that proves its address.

    The answer is the same whether or not the address has an account already; its owner is told by mail.
    """
    limit(request, platform, limits.REGISTER, client_address(request.scope))
    given = {k: v for k, v in msgspec.structs.asdict(data.profile).items() if v is not None}
    with platform.work(NOBODY) as work:
        made = registration.register(
            work,
            email=data.email,
            password=data.password,
            name=data.name,
            user_type=UserType(data.user_type),
            profile=given,
            referral_source=data.referral_source,
            birth_date=data.birth_date,
            is_adult=data.is_adult,
        )
        work.commit()
    return RegisterOut(
        user=user_out(made.user, made.profile),
        requires_approval=made.requires_approval,
        next_step=made.next_step,
    )


@post("/api/auth/verify-email", **needs(PUBLIC), status_code=200, tags=["auth"])
def verify_email(data: TokenIn, platform: Platform) -> VerifiedOut:
    """Prove the mail address with the token from the mail. It works once, for 24 hours."""
    with platform.work(NOBODY) as work:
        user = registration.verify_email(work, token=data.token)
        work.commit()
    return VerifiedOut(
        user=user_out(user), next_step=rules.next_step(user.user_type, user.state, user.email_verified_at)
    )


@post("/api/auth/verify-email/resend", **needs(PUBLIC, **_STEADY), status_code=202, tags=["auth"])
def resend(data: EmailIn, platform: Platform, request: Request[Any, Any, Any]) -> Accepted:
    """Mail the verification link again, if the address waits for one."""
    limit(request, platform, limits.VERIFY_RESEND, _address_of(data.email))
    with platform.work(NOBODY) as work:
        registration.resend_verification(work, email=data.email)
        work.commit()
    return Accepted(message="If this address waits to be verified, a mail is on its way.")


@post("/api/auth/login", **needs(PUBLIC, **_SECRETS, **{STEADY: Waits.REFUSAL}), status_code=200, tags=["auth"])
def login(data: LoginIn, platform: Platform, request: Request[Any, Any, Any]) -> SignedInOut:
    """Sign in with mail address and password, and `totp` (or a recovery code) where the account asks for it."""
    address = client_address(request.scope)
    limit(request, platform, limits.LOGIN, address, _address_of(data.email))
    with platform.work(NOBODY) as work:
        signed_in = signin.login(
            work,
            email=data.email,
            password=data.password,
            totp=data.totp,
            address=address,
            user_agent=request.headers.get("user-agent"),
        )
        work.commit()
    return signed_in_out(signed_in)


@post("/api/auth/refresh", **needs(PUBLIC, **_SECRETS), status_code=200, tags=["auth"])
def refresh(data: RefreshIn, platform: Platform) -> SignedInOut:
    """Exchange a refresh token for new tokens. One that was used before ends its session."""
    with platform.work(NOBODY) as work:
        signed_in = sessions.refresh(work, token=data.refresh_token)
        work.commit()
    if signed_in is None:
        raise TokenReused
    return signed_in_out(signed_in)


@post("/api/auth/logout", **needs(Permission.ACCOUNT), status_code=204, tags=["auth"])
def logout(
    platform: Platform,
    principal: Principal,
    *,
    everywhere: Annotated[bool, QueryParameter(description="End every session of this person.")] = False,
) -> None:
    """End this session, or with `?everywhere=true` all of them."""
    with platform.work(principal.actor) as work:
        if everywhere:
            sessions.end_everywhere(work, user_id=principal.user_id)
        else:
            sessions.end(work, user_id=principal.user_id, session_id=principal.session_id)
        work.commit()


@get("/api/auth/sessions", **needs(Permission.ACCOUNT), tags=["auth"])
def list_sessions(platform: Platform, principal: Principal) -> SessionsOut:
    """Where the person is signed in."""
    with platform.work(principal.actor) as work:
        live = queries.live_sessions(work, principal.user_id)
    return SessionsOut(
        sessions=[
            SessionOut(
                id=s.id,
                current=s.id == principal.session_id,
                device=device_of(s.user_agent),
                network=network_of(s.address),
                user_agent=s.user_agent,
                address=s.address,
                created_at=s.created_at,
                last_used_at=s.last_used_at,
                expires_at=s.expires_at,
            )
            for s in live
        ]
    )


@delete("/api/auth/sessions/{session_id:uuid}", **needs(Permission.ACCOUNT), tags=["auth"])
def end_session(session_id: UUID, platform: Platform, principal: Principal) -> None:
    """End one session of one's own."""
    with platform.work(principal.actor) as work:
        sessions.end(work, user_id=principal.user_id, session_id=session_id, reason="ended from another session")
        work.commit()


@post("/api/auth/password/forgot", **needs(PUBLIC, **_STEADY), status_code=202, tags=["auth"])
def forgot(data: EmailIn, platform: Platform, request: Request[Any, Any, Any]) -> Accepted:
    """Mail a link that sets a new password, if there is such an account."""
    limit(request, platform, limits.RESET, _address_of(data.email))
    with platform.work(NOBODY) as work:
        signin.forgot_password(work, email=data.email)
        work.commit()
    return Accepted(message="If this address has an account, a mail with a link is on its way.")


@post("/api/auth/password/reset", **needs(PUBLIC), status_code=204, tags=["auth"])
def reset(data: ResetIn, platform: Platform) -> None:
    """Set a new password with the token from the mail. Every session ends."""
    with platform.work(NOBODY) as work:
        signin.reset_password(work, token=data.token, password=data.password)
        work.commit()


@post("/api/auth/email/change", **needs(Permission.ACCOUNT), status_code=202, tags=["auth"])
def change_email(
    data: ChangeEmailIn, platform: Platform, principal: Principal, request: Request[Any, Any, Any]
) -> Accepted:
    """Ask for another mail address. It changes once the links in both mails, to the old and the new one, are used."""
    limit(request, platform, limits.EMAIL_CHANGE, str(principal.user_id))
    with platform.work(principal.actor) as work:
        addresses.request_change(work, user_id=principal.user_id, password=data.password, new_email=data.new_email)
        work.commit()
    return Accepted(message="A mail is on its way to each of both addresses.")


@post("/api/auth/email/confirm", **needs(PUBLIC), status_code=200, tags=["auth"])
def confirm_email(data: TokenIn, platform: Platform) -> ChangedEmailOut:
    """Say yes to another mail address, with the token from one of both mails."""
    with platform.work(NOBODY) as work:
        changed = addresses.confirm_change(work, token=data.token)
        work.commit()
    return ChangedEmailOut(changed=changed)


ROUTES = (
    register,
    verify_email,
    resend,
    login,
    refresh,
    logout,
    list_sessions,
    end_session,
    forgot,
    reset,
    change_email,
    confirm_email,
)
