"""What must be made at Stripe so that it agrees with the plans. Pure: the plans and what Stripe has go in."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from tourpad.core.memberships import rules
from tourpad.core.memberships.models import MembershipPlan
from tourpad.core.values import Value

PRODUCT: Final = "tourpad_membership_{user_type}"
PORTAL: Final = {"kind": "membership"}
"""Metadata of our portal's configuration: by it we find it again."""
FEATURES: Final[Mapping[str, Any]] = {
    "customer_update": {"enabled": False},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end", "proration_behavior": "none"},
    # Plans are changed here, with a quote and by the role; Stripe's page would offer every plan to everybody.
    "subscription_update": {"enabled": False},
}


class Thing(StrEnum):
    """What is set up."""

    PRODUCT = "product"
    PRICE = "price"
    PORTAL = "portal"


class Does(StrEnum):
    """What is done about it."""

    KEEP = "keep"
    CREATE = "create"
    REPLACE = "replace"
    """A price can't change at Stripe: another one takes its place for whoever joins from now on."""
    CHANGE = "change"
    RETIRE = "retire"
    """Nobody can take it any more; who has it keeps it."""


class Step(Value, kw_only=True):
    """One thing at Stripe, and what is done about it."""

    thing: Thing
    name: str
    """A product's id, a plan's code, or `portal`."""
    does: Does
    stripe_id: str | None
    """What Stripe has now."""
    says: str
    """For people: what it is, or becomes."""


def decide(
    plans: Sequence[MembershipPlan],
    *,
    products: Mapping[str, Mapping[str, Any]],
    prices: Mapping[str, Mapping[str, Any]],
    portals: Sequence[Mapping[str, Any]],
) -> list[Step]:
    """The steps, products first.

    Args:
        plans: every plan, withdrawn ones too.
        products: what Stripe has, by id.
        prices: what Stripe has, by lookup key (a plan's code).
        portals: the active configurations of the portal.
    """
    steps: list[Step] = []
    for name in dict.fromkeys(PRODUCT.format(user_type=plan.user_type) for plan in plans if plan.is_offered):
        does = Does.KEEP if name in products else Does.CREATE
        steps.append(Step(thing=Thing.PRODUCT, name=name, does=does, stripe_id=_id(products.get(name)), says=name))
    steps += [_price_step(plan, prices.get(plan.code)) for plan in plans]
    ours = next((portal for portal in portals if _is_ours(portal)), None)
    does = Does.CREATE if ours is None else Does.KEEP if _allows(ours) else Does.CHANGE
    says = "change the card, see what was paid, cancel with the period"
    steps.append(Step(thing=Thing.PORTAL, name="portal", does=does, stripe_id=_id(ours), says=says))
    return steps


def agrees(plan: MembershipPlan, price: Mapping[str, Any]) -> bool:
    """Whether a price of Stripe's charges what a plan says."""
    recurring = price.get("recurring") or {}
    return (
        price["active"]
        and rules.id_of(price["product"]) == PRODUCT.format(user_type=plan.user_type)
        and (price["unit_amount"], str(price["currency"]).upper()) == (plan.amount_cents, plan.currency)
        and (recurring.get("interval"), recurring.get("interval_count")) == (plan.interval, 1)
    )


def _price_step(plan: MembershipPlan, price: Mapping[str, Any] | None) -> Step:
    if not plan.is_offered:
        does = Does.RETIRE if price is not None and price["active"] else Does.KEEP
    elif price is None:
        does = Does.CREATE
    else:
        does = Does.KEEP if agrees(plan, price) else Does.REPLACE
    return Step(thing=Thing.PRICE, name=plan.code, does=does, stripe_id=_id(price), says=_says(plan))


def _says(plan: MembershipPlan) -> str:
    price = f"${plan.amount_cents // 100:,}.{plan.amount_cents % 100:02} a {plan.interval}"
    if not plan.is_offered:
        return f"{price}, not offered"
    return f"{price}, {plan.trial_days} days for nothing" if plan.trial_days else price


def _is_ours(portal: Mapping[str, Any]) -> bool:
    return (portal.get("metadata") or {}).get("kind") == PORTAL["kind"]


def _allows(portal: Mapping[str, Any]) -> bool:
    features = portal["features"]
    return all(features[name].get(key) == value for name, part in FEATURES.items() for key, value in part.items())


def _id(found: Mapping[str, Any] | None) -> str | None:
    return None if found is None else str(found["id"])
