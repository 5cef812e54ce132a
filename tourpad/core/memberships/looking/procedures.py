"""Asking Stripe for a subscription, or changing it, so that no answer that was overtaken undoes a later one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.memberships.service import following
from tourpad.core.payments import queries as payments

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

TRIES = 3
"""News that arrives between question and answer makes us ask again; each time by a later number."""


def follow(platform: "Platform", actor: Actor, call: Callable[[StripeGateway], StripeDict]) -> str:
    """Make a call that answers a subscription, and bring its membership to where that stands.

    The look is numbered before the call. Where another look was numbered later and applied earlier, the answer
    may be the older one of the two: the subscription is looked at again instead.

    Args:
        platform: where.
        actor: who.
        call: asks Stripe, and answers the subscription.

    Returns:
        What it came to; see `following.apply_subscription`.

    Raises:
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    outcome = following.OLDER
    for _ in range(TRIES):
        with platform.work(actor) as work:
            look = payments.next_look(work)
        found = call(platform.stripe)
        with platform.work(actor) as work:
            outcome = following.apply_subscription(work, found, look=look)
            work.commit()
        if outcome != following.OLDER:
            break
        subscription_id = str(found["id"])

        def again(stripe: StripeGateway, subscription_id: str = subscription_id) -> StripeDict:
            return stripe.get_subscription(subscription_id)

        call = again
    return outcome
