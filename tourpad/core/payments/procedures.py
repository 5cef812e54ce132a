"""What must call Stripe between units of work: the intent first, the call outside, the record after."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict, StripeGateway, StripeUncertain
from tourpad.core.payments import intents, limits
from tourpad.core.payments.intents import Record, Refuse
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

Call = Callable[[MoneyIntent, StripeGateway], StripeDict]
"""Make the call with `intent.params` under `intent.idempotency_key`; answer the object."""
Find = Callable[[MoneyIntent, StripeGateway], StripeDict | None]
"""Look through Stripe's lists for what an older try of the call has made (`metadata.intent_id`)."""
Before = Callable[[Work, MoneyIntent], bool]
"""The last look before a first try, in the transaction that claims it: post, or answer False for not now."""


def drain(
    platform: "Platform",
    actor: Actor,
    *,
    operation: IntentOperation,
    call: Call,
    record: Record,
    refuse: Refuse,
    find: Find,
    before: Before | None = None,
    limit: int = 500,
) -> dict[str, int]:
    """Send every intent of one operation that is due, and resume those whose sender was lost.

    Three steps, each committed: claim (`before`, state `sending`, a lease), the call outside any transaction
    and within the rate limit, and the record (`record`, or `refuse` after a definitive no). A sender that
    dies in between leaves an intent that another resumes with the same key; after 23 h `find` looks it up
    instead.

    Returns:
        Counts: `sent`, `held` (`before` said not now), `refused`, `uncertain`, `errors`.
    """
    counts: dict[str, int] = {"sent": 0, "held": 0, "refused": 0, "uncertain": 0, "errors": 0}
    seen: set[UUID] = set()
    for _ in range(limit):
        with platform.work(actor) as work:
            intent = intents.claim(work, operation=operation, skip=seen)
            if intent is None:
                break
            seen.add(intent.id)
            first = intent.state is IntentState.PLANNED
            if first and before is not None and not before(work, intent):
                work.commit()
                counts["held"] += 1
                continue
            intents.begin(work, intent)
            work.commit()
        try:
            outcome = _send(platform, actor, intent, call=call, record=record, refuse=refuse, find=find)
        except Exception:
            # A fault of ours in recording: the call is known by its key, and is resumed when the lease ends.
            log.exception("%s %s could not be recorded", operation, intent.id)
            outcome = "errors"
        counts[outcome] += 1
    return counts


def _send(
    platform: "Platform",
    actor: Actor,
    intent: MoneyIntent,
    *,
    call: Call,
    record: Record,
    refuse: Refuse,
    find: Find,
) -> str:
    """Make one claimed call and record it; answers which count it belongs to."""
    try:
        made = find(intent, platform.stripe) if intents.is_stale(intent, platform.clock.now()) else None
        if made is None:
            if intents.is_stale(intent, platform.clock.now()):
                intent = _renew(platform, actor, intent)
            limits.pace(platform, intent.operation)
            made = call(intent, platform.stripe)
    except StripeDeclined as error:
        with platform.work(actor) as work:
            intents.refuse(work, intent_id=intent.id, error=error, undo=refuse)
            work.commit()
        return "refused"
    except StripeUncertain as error:
        with platform.work(actor) as work:
            intents.postpone(work, intent_id=intent.id, message=error.message)
            work.commit()
        return "uncertain"
    with platform.work(actor) as work:
        intents.settle(work, intent_id=intent.id, found=made, record=record)
        work.commit()
    return "sent"


def _renew(platform: "Platform", actor: Actor, old: MoneyIntent) -> MoneyIntent:
    """A new attempt under a new key, for a call that Stripe's lists show was never made."""
    with platform.work(actor) as work:
        intent = intents.renew(work, intent_id=old.id, attempt=old.attempt)
        work.commit()
    return intent
