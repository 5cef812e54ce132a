"""Stripe's products, prices and portal made to agree with the plans. Safe to repeat."""

import hashlib
import json
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.memberships import queries
from tourpad.core.memberships.models import MembershipPlan
from tourpad.core.memberships.prices import steps as rules
from tourpad.core.memberships.prices.steps import Does, Step, Thing
from tourpad.core.memberships.service import plans

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def plan_setup(platform: "Platform", actor: Actor) -> list[Step]:
    """What set-up would do. Nothing is changed.

    Raises:
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        wanted = list(queries.all_plans(work))
    return _look(platform, wanted)


def setup_stripe(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Make Stripe's products, prices and portal agree with the plans: what agrees already is kept.

    A price at Stripe can't change, so another amount is a new price that takes over the lookup key; who has
    subscribed keeps the old one. Two who do this at once make each thing once.

    Returns:
        How many `products` were made, how many prices were `created`, `replaced`, `retired` and `kept`, and how
        often the `portal` was set up.

    Raises:
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer; what was done stays, begin again.
    """
    done = {"products": 0, "created": 0, "replaced": 0, "retired": 0, "kept": 0, "portal": 0}
    with platform.work(actor) as work:
        by_code = {plan.code: plan for plan in queries.all_plans(work)}
    counts = {Does.CREATE: "created", Does.REPLACE: "replaced", Does.RETIRE: "retired", Does.KEEP: "kept"}
    for step in _look(platform, list(by_code.values())):
        if step.thing is Thing.PRODUCT:
            done["products"] += _make_product(platform, step)
        elif step.thing is Thing.PORTAL:
            done["portal"] += _make_portal(platform, step)
        else:
            price_id = _make_price(platform, step, by_code[step.name])
            done[counts[step.does]] += by_code[step.name].is_offered or step.does is Does.RETIRE
            with platform.work(actor) as work:
                product_id = rules.PRODUCT.format(user_type=by_code[step.name].user_type)
                plans.record_price(work, code=step.name, product_id=product_id, price_id=price_id)
                work.commit()
    return done


def portal_configuration(platform: "Platform") -> str | None:
    """Our configuration of the portal at Stripe; none before set-up."""
    found = platform.stripe.list_portal_configurations(active=True)
    return next((str(row["id"]) for row in found if (row.get("metadata") or {}).get("kind") == "membership"), None)


def _look(platform: "Platform", wanted: list[MembershipPlan]) -> list[Step]:
    stripe = platform.stripe
    codes = [plan.code for plan in wanted]
    ids = sorted({rules.PRODUCT.format(user_type=plan.user_type) for plan in wanted})
    prices = stripe.list_prices(lookup_keys=codes, limit=100) if codes else iter(())
    products = stripe.list_products(ids=ids, limit=100) if ids else iter(())
    return rules.decide(
        wanted,
        products={str(product["id"]): product for product in products},
        prices={str(price["lookup_key"]): price for price in prices},
        portals=list(stripe.list_portal_configurations(active=True)),
    )


def _make_product(platform: "Platform", step: Step) -> bool:
    if step.does is Does.KEEP:
        return False
    name = f"TourPad membership, {step.name.rpartition('_')[2]}"
    platform.stripe.create_product({"id": step.name, "name": name}, key=f"tp1:product:{step.name}:1")
    return True


def _make_price(platform: "Platform", step: Step, plan: MembershipPlan) -> str | None:
    """The price that is charged for a plan from now on; none for a plan that is not offered."""
    if step.does is Does.RETIRE:
        platform.stripe.update_price(str(step.stripe_id), {"active": False}, key=f"tp1:price_off:{step.stripe_id}:1")
    if not plan.is_offered:
        return None
    if step.does is Does.KEEP:
        return step.stripe_id
    params = _price(plan)
    # Of what it replaces, too: an amount that comes back is a new price, and two at once ask for the same one.
    made = platform.stripe.create_price(params, key=f"tp1:price:{_digest([params, step.stripe_id])}:1")
    if step.stripe_id is not None:
        platform.stripe.update_price(step.stripe_id, {"active": False}, key=f"tp1:price_off:{step.stripe_id}:1")
    return str(made["id"])


def _make_portal(platform: "Platform", step: Step) -> bool:
    if step.does is Does.KEEP:
        return False
    params: StripeDict = {"features": dict(rules.FEATURES), "metadata": dict(rules.PORTAL)}
    key = f"tp1:portal:{_digest([params, step.stripe_id])}:1"
    if step.stripe_id is None:
        platform.stripe.create_portal_configuration(params, key=key)
    else:
        platform.stripe.update_portal_configuration(step.stripe_id, params, key=key)
    return True


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:24]


def _price(plan: MembershipPlan) -> StripeDict:
    return {
        "product": rules.PRODUCT.format(user_type=plan.user_type),
        "currency": plan.currency.lower(),
        "unit_amount": plan.amount_cents,
        "recurring": {"interval": plan.interval},
        "nickname": plan.name,
        "lookup_key": plan.code,
        "transfer_lookup_key": True,
        "metadata": {"plan_code": plan.code},
    }
