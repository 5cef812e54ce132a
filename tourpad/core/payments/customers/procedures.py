"""Stripe's customers have the address that people have: each change is a row that waits, and a call after that."""

import logging
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDeclined, StripeUncertain
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries, rules, service
from tourpad.core.payments.models import StripeCustomer

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 100


def tell_customers(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell Stripe of payers whose address is another one now. The job `customers-tell`.

    Returns:
        Counts: `told`, `retried` (Stripe did not answer), `dead` (Stripe refused, or never answered).
    """
    counts = {"told": 0, "retried": 0, "dead": 0}
    with platform.work(actor) as work:
        claimed = queue.claim(work, StripeCustomer, limit=BATCH)
        work.commit()
    for customer in claimed:
        counts[_tell(platform, actor, customer)] += 1
    return counts


def _tell(platform: "Platform", actor: Actor, claimed: StripeCustomer) -> str:
    with platform.work(actor) as work:
        params = service.customer_params(work, user_id=claimed.user_id)
    error: StripeDeclined | StripeUncertain | None = None
    try:
        # Made of what is said: another change in between is another call.
        key = f"tp1:customer_update:{claimed.id}:{rules.params_hash(params)[:12]}:{claimed.due_at:%Y%m%dT%H%M%S}"
        platform.stripe.update_customer(claimed.stripe_customer_id, params, key=key)
    except (StripeDeclined, StripeUncertain) as refusal:
        error = refusal
    with platform.work(actor) as work:
        row = queries.customer_for_update(work, id=claimed.id)
        if row is None or row.item_state is not ItemState.WORKING or row.attempts != claimed.attempts:
            return "told"  # changed again meanwhile, and waits again
        outcome = "told"
        if error is None:
            queue.finish(row)
        else:
            state = queue.fail(row, now=work.now, error=error.message, final=isinstance(error, StripeDeclined))
            outcome = "dead" if state is ItemState.DEAD else "retried"
        work.commit()
    if outcome == "dead":
        log.error("Stripe was not told the new address of customer %s: %s", claimed.stripe_customer_id, error)
    return outcome
