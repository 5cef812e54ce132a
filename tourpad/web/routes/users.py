"""Oneself."""

import io
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from msgspec import UNSET, UnsetType

from tourpad.core.applications import service as applications
from tourpad.core.identity import queries
from tourpad.core.identity.models import User
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.service import account, agreeing, proving
from tourpad.core.memberships import rules as memberships
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.core.takeout import procedures as takeout
from tourpad.core.work import Work
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import limit
from tourpad.web.media_links import Galleries
from tourpad.web.members import MembershipOut, membership_out
from tourpad.web.needs import needs
from tourpad.web.openapi import ALSO
from tourpad.web.people import UserOut, user_out
from tourpad.web.shapes import Input, Output


class AgreementOut(Output):
    """Something to agree to (`adult`, `terms`, `privacy`), and its version of today."""

    agreement: str
    version: str | None


class AgreementsIn(Input):
    """The versions that were read; `adult` is true for whoever is 18 or older."""

    terms: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    privacy: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    adult: bool | None = None


class AgreementsOut(Output):
    """What is still to be agreed to."""

    to_agree: list[AgreementOut]


class MeOut(Output):
    """Oneself, what one may do, what comes next, the membership, and what has to be agreed to before anything else."""

    user: UserOut
    permissions: list[str]
    next_step: str | None
    """`email_verification`, `application`, `answers` (questions wait), `review` (we look at the application),
    `payment`, `renewal_payment`, or nothing."""
    subscription: MembershipOut | None
    to_agree: list[AgreementOut]


class ProfileChange(Input):
    """What changes; null blanks a field."""

    bio: str | UnsetType | None = UNSET
    location: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    website_url: str | UnsetType | None = UNSET
    social_links: dict[str, str] | UnsetType | None = UNSET


class MeChange(Input):
    """What changes; what is not mentioned stays."""

    name: Annotated[str, msgspec.Meta(max_length=320)] | UnsetType = UNSET
    profile: ProfileChange | UnsetType = UNSET


def _to_agree(work: Work, user: User) -> list[AgreementOut]:
    return [AgreementOut(agreement=a.value, version=v) for a, v in agreeing.missing(work, user).items()]


def _me(work: Work, platform: Platform, principal: Principal) -> MeOut:
    user = queries.get_user(work, principal.user_id)
    picture = Galleries(work, platform, [user.id], most=1).picture(user.id)
    subscription = membership_out(work, user.id)
    step = applications.next_step(work, user)
    return MeOut(
        user=user_out(user, queries.get_profile(work, user.id), picture=picture),
        permissions=sorted(principal.permissions),
        next_step=step or memberships.next_step(subscription.status if subscription else None),
        subscription=subscription,
        to_agree=_to_agree(work, user),
    )


@get("/api/users/me", **needs(Permission.ACCOUNT), tags=["users"])
def me(platform: Platform, principal: Principal) -> MeOut:
    """The signed-in person, and what they may do."""
    with platform.work(principal.actor) as work:
        return _me(work, platform, principal)


@patch("/api/users/me", **needs(Permission.ACCOUNT), tags=["users"])
def change_me(data: MeChange, platform: Platform, principal: Principal) -> MeOut:
    """Change one's name or what one says of oneself."""
    profile = {} if data.profile is UNSET else _given(data.profile)
    with platform.work(principal.actor) as work:
        account.update_account(
            work,
            user_id=principal.user_id,
            name=None if data.name is UNSET else data.name,
            profile=profile,
        )
        work.commit()
        return _me(work, platform, principal)


@post("/api/users/me/agreements", **needs(Permission.ACCOUNT), status_code=200, tags=["users"])
def agree(data: AgreementsIn, platform: Platform, principal: Principal) -> AgreementsOut:
    """Agree to the terms or the privacy notice of today, or say that one is of age."""
    with platform.work(principal.actor) as work:
        user = agreeing.agree(work, user_id=principal.user_id, terms=data.terms, privacy=data.privacy, adult=data.adult)
        work.commit()
        return AgreementsOut(to_agree=_to_agree(work, user))


class EraseIn(Input):
    """A proof of who asks: the password, and `totp` (or a recovery code) where the account has a second factor."""

    password: Annotated[str, msgspec.Meta(max_length=1_000)]
    totp: Annotated[str, msgspec.Meta(max_length=32)] | None = None


@delete("/api/users/me", **needs(Permission.ACCOUNT, **{NO_STORED_ANSWER: True}), tags=["users"])
def erase_me(
    platform: Platform, principal: Principal, request: Request[Any, Any, Any], data: EraseIn | None = None
) -> None:
    """Erase oneself. The account can't be had back; refused while others still count on the person.

    Needs no body within ten minutes of a sign-in; later the password, because a token may have been stolen.
    """
    limit(request, platform, limits.TOTP, str(principal.user_id))
    with platform.work(principal.actor) as work:
        proving.check(
            work,
            user_id=principal.user_id,
            session_id=principal.session_id,
            password=data.password if data else None,
            code=data.totp if data else None,
        )
        account.erase(work, user_id=principal.user_id)
        work.commit()


@get("/api/users/me/export", **needs(Permission.ACCOUNT, **{ALSO: ("application/zip",)}), tags=["users"])
def export_me(platform: Platform, principal: Principal, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Everything that is held on oneself, as one ZIP file: JSON a table, and the files that were uploaded."""
    limit(request, platform, limits.EXPORT, str(principal.user_id))
    made = io.BytesIO()
    takeout.archive(platform, principal.actor, user_id=principal.user_id, to=made)
    name = f"tourpad-{platform.clock.now():%Y-%m-%d}.zip"
    return Response(
        made.getvalue(),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _given(change: ProfileChange) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(change).items() if v is not UNSET}


ROUTES = (me, change_me, agree, erase_me, export_me)
