"""Memberships of artists and fans: begun on a page of Stripe's, seen, ended, resumed, managed."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.memberships import procedures, queries
from tourpad.core.platform import Platform
from tourpad.web.members import MembershipOut, PlanOut, membership_out, plan_out
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import page
from tourpad.web.shapes import Input, Output


class CheckoutIn(Input):
    """Which plan: its code, `yearly` or `monthly` of one's role; yearly unless given."""

    plan: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class PageOut(Output):
    """Where to go on in the browser."""

    url: str
    session_id: str


class PortalOut(Output):
    """Where to go on in the browser."""

    url: str


class MembershipMeOut(Output):
    """One's membership, where there is or was one, and the plans of one's role."""

    membership: MembershipOut | None
    plans: list[PlanOut]


def _me(platform: Platform, principal: Principal) -> MembershipMeOut:
    with platform.work(principal.actor) as work:
        return MembershipMeOut(
            membership=membership_out(work, principal.user_id),
            plans=[plan_out(plan) for plan in queries.plans(work, user_type=principal.user_type)],
        )


@get("/api/memberships/me", **needs(Permission.ACCOUNT), tags=["memberships"])
def my_membership(platform: Platform, principal: Principal) -> MembershipMeOut:
    """One's membership and what it could be."""
    return _me(platform, principal)


@post("/api/memberships/checkout", **needs(Permission.MEMBERSHIP), tags=["memberships"])
def checkout(platform: Platform, principal: Principal, data: CheckoutIn | None = None) -> PageOut:
    """Open the page on which to pay. The open one is handed out again; another plan closes it."""
    opened = procedures.begin_checkout(
        platform, principal.actor, user_id=principal.user_id, plan=data.plan if data else None
    )
    return PageOut(url=opened.url, session_id=opened.session_id)


@post("/api/memberships/cancel", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def cancel(platform: Platform, principal: Principal) -> MembershipMeOut:
    """End it with what is paid for."""
    procedures.cancel(platform, principal.actor, user_id=principal.user_id)
    return _me(platform, principal)


@post("/api/memberships/resume", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def resume(platform: Platform, principal: Principal) -> MembershipMeOut:
    """Take the cancellation back."""
    procedures.resume(platform, principal.actor, user_id=principal.user_id)
    return _me(platform, principal)


@post("/api/memberships/portal", **needs(Permission.MEMBERSHIP), tags=["memberships"])
def portal(platform: Platform, principal: Principal) -> PortalOut:
    """Open the page on which to change card or plan, and to see what was paid."""
    return PortalOut(url=procedures.open_portal(platform, principal.actor, user_id=principal.user_id))


@get("/membership", **needs(PUBLIC), include_in_schema=False)
def membership_page(
    checkout: Annotated[str | None, QueryParameter(name="checkout", max_length=100)] = None,
) -> Response[bytes]:
    """Where Stripe's pages and our mails lead back to."""
    if checkout:
        return page("Thank you", "Your payment went through. Your membership begins as soon as its news is here.")
    return page("Your membership", "Sign in to begin, change, or end it. Nothing was changed by coming here.")


ROUTES = (my_membership, checkout, cancel, resume, portal, membership_page)
