"""Memberships of artists and fans: begun on a page of Stripe's, seen, changed, ended, resumed, managed."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.memberships import procedures, queries, rules
from tourpad.core.memberships.plan_change import procedures as plan_change
from tourpad.core.memberships.plan_change.quote import LASTS, Quote
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.web.limits import limit
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


class LineOut(Output):
    """One line of the invoice that a change makes: below zero is given back."""

    description: str
    amount_cents: int


class ChangeQuoteOut(Output):
    """What a change of plan takes or credits. Pass `prorationDate` with the change, and exactly this is charged."""

    from_plan: str
    to_plan: str
    charge_cents: int
    """Charged to the card at once."""
    credit_cents: int
    """Kept, and used up by the next renewals before anything is charged."""
    owed_cents: int
    """Too little to charge now, added to the next renewal."""
    currency: str
    renews_at: datetime
    renewal_cents: int
    in_trial: bool
    """The trial goes on, and nothing is charged before it ends."""
    proration_date: datetime
    valid_until: datetime
    lines: list[LineOut]


class ChangeIn(Input):
    """Which plan, and the instant of the quote that one agrees to; now unless given."""

    plan: Annotated[str, msgspec.Meta(max_length=60)]
    proration_date: datetime | None = None


def _quote_out(quote: Quote) -> ChangeQuoteOut:
    return ChangeQuoteOut(
        from_plan=quote.from_plan,
        to_plan=quote.to_plan,
        charge_cents=quote.charge.cents,
        credit_cents=quote.credit.cents,
        owed_cents=quote.owed.cents,
        currency=quote.renewal.currency,
        renews_at=quote.renews_at,
        renewal_cents=quote.renewal.cents,
        in_trial=quote.in_trial,
        proration_date=quote.at,
        valid_until=quote.at + LASTS,
        lines=[LineOut(description=line.description, amount_cents=line.amount.cents) for line in quote.lines],
    )


def _me(platform: Platform, principal: Principal) -> MembershipMeOut:
    with platform.work(principal.actor) as work:
        known = queries.of_user(work, principal.user_id)
        may_try = rules.may_try(known.started_at if known else None)
        return MembershipMeOut(
            membership=membership_out(work, principal.user_id),
            plans=[plan_out(plan, may_try=may_try) for plan in queries.plans(work, user_type=principal.user_type)],
        )


@get("/api/memberships/me", **needs(Permission.ACCOUNT), tags=["memberships"])
def my_membership(platform: Platform, principal: Principal) -> MembershipMeOut:
    """One's membership and what it could be."""
    return _me(platform, principal)


@post("/api/memberships/checkout", **needs(Permission.MEMBERSHIP), tags=["memberships"])
def checkout(
    request: Request[Any, Any, Any], platform: Platform, principal: Principal, data: CheckoutIn | None = None
) -> PageOut:
    """Open the page on which to pay. The open one is handed out again; another plan closes it."""
    limit(request, platform, limits.PAY, str(principal.user_id))
    opened = procedures.begin_checkout(
        platform, principal.actor, user_id=principal.user_id, plan=data.plan if data else None
    )
    return PageOut(url=opened.url, session_id=opened.session_id)


@post("/api/memberships/cancel", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def cancel(platform: Platform, principal: Principal) -> MembershipMeOut:
    """End it with what is paid for; at once where a renewal is not paid, which is not collected any more."""
    procedures.cancel(platform, principal.actor, user_id=principal.user_id)
    return _me(platform, principal)


@post("/api/memberships/resume", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def resume(platform: Platform, principal: Principal) -> MembershipMeOut:
    """Take the cancellation back."""
    procedures.resume(platform, principal.actor, user_id=principal.user_id)
    return _me(platform, principal)


@get("/api/memberships/change", **needs(Permission.MEMBERSHIP), tags=["memberships"])
def change_quote(
    platform: Platform,
    principal: Principal,
    plan: Annotated[str, QueryParameter(name="plan", max_length=60)],
) -> ChangeQuoteOut:
    """What changing the plan would take or credit, to the cent. Nothing is changed."""
    return _quote_out(plan_change.quote(platform, principal.actor, user_id=principal.user_id, plan=plan))


@post("/api/memberships/change", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def change(platform: Platform, principal: Principal, data: ChangeIn) -> MembershipMeOut:
    """Change the plan now: the rest of the old period is credited, the new one begins. All, or nothing."""
    plan_change.change_plan(
        platform, principal.actor, user_id=principal.user_id, plan=data.plan, at=data.proration_date
    )
    return _me(platform, principal)


@post("/api/memberships/portal", **needs(Permission.MEMBERSHIP), tags=["memberships"])
def portal(platform: Platform, principal: Principal) -> PortalOut:
    """Open the page on which to change the card, pay what is open, cancel, and see what was paid."""
    return PortalOut(url=procedures.open_portal(platform, principal.actor, user_id=principal.user_id))


@get("/membership", **needs(PUBLIC), include_in_schema=False)
def membership_page(
    checkout: Annotated[str | None, QueryParameter(name="checkout", max_length=100)] = None,
    gift: Annotated[str | None, QueryParameter(name="gift", max_length=60)] = None,
) -> Response[bytes]:
    """Where Stripe's pages and our mails lead back to."""
    if checkout:
        return page("Thank you", "All went through. Your membership begins within seconds, and a mail tells you so.")
    if gift:
        return page("A gift for you", "Sign in, or register, and redeem the code of your mail with your membership.")
    return page("Your membership", "Sign in to begin, change, or end it. Nothing was changed by coming here.")


ROUTES = (my_membership, checkout, cancel, resume, change_quote, change, portal, membership_page)
