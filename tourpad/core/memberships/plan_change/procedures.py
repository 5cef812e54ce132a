"""A quote first, then the change, which takes or credits exactly what was quoted."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.ids import new_id
from tourpad.core.memberships import rules
from tourpad.core.memberships.errors import PriceMissing
from tourpad.core.memberships.looking.procedures import follow
from tourpad.core.memberships.plan_change import quote as quotes
from tourpad.core.memberships.plan_change import service
from tourpad.core.memberships.plan_change.quote import Quote
from tourpad.core.memberships.plan_change.service import Wanted
from tourpad.core.memberships.prices.procedures import setup_stripe
from tourpad.core.money import Money

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

IN_TRIAL = "trialing"


def quote(platform: "Platform", actor: Actor, *, user_id: UUID, plan: str, at: datetime | None = None) -> Quote:
    """What a change of plan would take or credit. Nothing is changed.

    Args:
        platform: the platform.
        actor: who asks.
        user_id: whose membership.
        plan: a plan's code, `yearly` or `monthly`.
        at: as of when; now unless given.

    Raises:
        NoMembership, NotChangeable, SamePlan, PriceMissing, InvalidInputError: see `service.check`.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    wanted, instant = _checked(platform, actor, user_id, plan, at)
    subscription = platform.stripe.get_subscription(wanted.subscription_id)
    renewal = Money(wanted.to_plan.amount_cents, wanted.to_plan.currency)
    plans = {"from_plan": wanted.from_plan, "to_plan": wanted.to_plan.code}
    if subscription["status"] == IN_TRIAL:
        ends_at = rules.instant(subscription["trial_end"])
        return quotes.for_trial(**plans, renewal=renewal, at=instant, trial_ends_at=ends_at)
    details = {"items": _items(subscription, wanted), **_prorated(instant)}
    preview = platform.stripe.preview_invoice({"subscription": wanted.subscription_id, "subscription_details": details})
    return quotes.read(preview, **plans, renewal=renewal, at=instant)


def change_plan(platform: "Platform", actor: Actor, *, user_id: UUID, plan: str, at: datetime | None = None) -> None:
    """Change the plan now: the rest of the old period is credited, the new period begins and is charged.

    All or nothing: where the card does not pay, nothing is changed. Done twice, or again after a lost answer, it
    is done once: a subscription that has the plan already is only looked at.

    Args:
        platform: the platform.
        actor: who asks.
        user_id: whose membership.
        plan: a plan's code, `yearly` or `monthly`.
        at: the instant of a quote, to be charged exactly what it said; now unless given.

    Raises:
        NoMembership, NotChangeable, SamePlan, PriceMissing, InvalidInputError: see `service.check`.
        StripeDeclined: the card was declined, or Stripe refused.
        StripeUncertain: Stripe did not answer; it is followed by its events, and may be asked again.
    """
    wanted, instant = _checked(platform, actor, user_id, plan, at)
    # The same change twice does no harm at Stripe: nothing differs the second time, so each call has its own key.
    key = f"tp1:membership_plan:{new_id()}:1"

    def call(stripe: StripeGateway) -> StripeDict:
        found = stripe.get_subscription(wanted.subscription_id)
        if rules.read(found).plan_code == wanted.to_plan.code:
            return found
        in_trial = found["status"] == IN_TRIAL
        params: StripeDict = {
            "items": _items(found, wanted),
            "payment_behavior": "error_if_incomplete",
            "metadata": {"plan_code": wanted.to_plan.code},
            **({"proration_behavior": "none"} if in_trial else _prorated(instant)),
        }
        return stripe.update_subscription(wanted.subscription_id, params, key=key)

    follow(platform, actor, call)


def _checked(
    platform: "Platform", actor: Actor, user_id: UUID, plan: str, at: datetime | None
) -> tuple[Wanted, datetime]:
    """The change that is wanted and the instant that it counts from; prices are made first in the sandbox."""
    try:
        with platform.work(actor) as work:
            wanted = service.check(work, user_id=user_id, plan=plan)
    except PriceMissing:
        if not platform.stripe.is_sandbox:
            raise
        setup_stripe(platform, actor)
        with platform.work(actor) as work:
            wanted = service.check(work, user_id=user_id, plan=plan)
    now = platform.clock.now()
    return wanted, quotes.check_instant(at or now, now=now, period_start=wanted.period_start.replace(microsecond=0))


def _items(subscription: StripeDict, wanted: Wanted) -> list[StripeDict]:
    return [{"id": subscription["items"]["data"][0]["id"], "price": wanted.price_id}]


def _prorated(instant: datetime) -> StripeDict:
    return {"proration_behavior": "always_invoice", "proration_date": int(instant.timestamp())}
