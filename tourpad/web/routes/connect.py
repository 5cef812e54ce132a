"""Connecting a bank account: Stripe's own pages, and how it stands."""

from datetime import datetime

from litestar import get, post

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.payouts import procedures, queries
from tourpad.core.payouts.rules import requirement_text
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.shapes import Output


class OnboardingAnswer(Output):
    """A page of Stripe's, for this person alone. It opens once."""

    url: str
    expires_at: datetime


class ConnectStatus(Output):
    """Whether one can be paid."""

    can_receive: bool
    requirements: list[str]
    """What Stripe still asks for, by its own names."""
    asked_for: list[str]
    """The same in words."""
    account_id: str | None
    checked_at: datetime | None
    """When Stripe last told us."""


@post("/api/connect/onboarding", **needs(Permission.RECEIVE), tags=["payouts"])
def begin_onboarding(platform: Platform, principal: Principal) -> OnboardingAnswer:
    """Make one's connected account if there is none, and a fresh link to Stripe's pages for it."""
    link = procedures.start_onboarding(platform, principal.actor, user_id=principal.user_id)
    return OnboardingAnswer(url=link.url, expires_at=link.expires_at)


@get("/api/connect/status", **needs(Permission.RECEIVE), tags=["payouts"])
def connect_status(platform: Platform, principal: Principal) -> ConnectStatus:
    """Whether one can be paid, and what Stripe still asks for."""
    with platform.work(principal.actor) as work:
        payee = queries.payee_of(work, principal.user_id)
    if payee is None:
        return ConnectStatus(can_receive=False, requirements=[], asked_for=[], account_id=None, checked_at=None)
    return ConnectStatus(
        can_receive=payee.can_receive,
        requirements=[str(name) for name in payee.requirements],
        asked_for=[requirement_text(str(name)) for name in payee.requirements],
        account_id=payee.stripe_account_id,
        checked_at=payee.checked_at,
    )


ROUTES = (begin_onboarding, connect_status)
