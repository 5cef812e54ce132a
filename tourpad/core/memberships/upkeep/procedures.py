"""Memberships looked at when their time is over, and subscriptions ended."""

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.errors import TourPadError
from tourpad.core.gateways.stripe import StripeDeclined, StripeUncertain
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.looking.procedures import follow
from tourpad.core.memberships.models import SubscriptionEnding
from tourpad.core.memberships.service import changing, ending, following
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries as payments

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 20


def expire_memberships(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Look at every membership whose time is over by what we know, and follow what Stripe says of it now.

    Stripe is asked first, because its news may be late: a renewal that we have not heard of must not throw anybody
    out. What can't be asked now is left for the next run.

    Returns:
        How many were `looked` at, of those `ended`, and how many could not be asked (`failed`).
    """
    done = {"looked": 0, "ended": 0, "failed": 0}
    with platform.work(actor) as work:
        due = queries.to_look_at(work)
    for user_id in due:
        try:
            ended = _look(platform, actor, user_id)
        except (StripeDeclined, StripeUncertain) as error:
            log.warning("the membership of %s could not be looked at: %s", user_id, error.message)
            done["failed"] += 1
            continue
        done["looked"] += 1
        done["ended"] += ended
    return done


def end_subscriptions(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Have Stripe end the subscriptions that are to end at once, give back what a second one took, and void credit.

    Returns:
        How many were `ended`, `failed` (tried again later), and are `dead` (a person must look).
    """
    done = {"ended": 0, "failed": 0, "dead": 0}
    while True:
        with platform.work(actor) as work:
            rows = queue.claim(work, SubscriptionEnding, limit=BATCH)
            work.commit()
        if not rows:
            return done
        for row in rows:
            done[_end(platform, actor, row)] += 1


def _end(platform: "Platform", actor: Actor, row: SubscriptionEnding) -> str:
    """End one, record it; answers which count it belongs to."""
    error: TourPadError | None = None
    intents: list[str] = []
    try:
        _cancel_at_stripe(platform, row)
        intents = _paid_by(platform, row.stripe_subscription_id) if row.refund else []
        _void_credit(platform, actor, row)
    except (StripeDeclined, StripeUncertain) as refused:
        error = refused
    with platform.work(actor) as work:
        mine = queries.ending_for_update(work, row.id, row.lease_until)
        if mine is None:
            return "failed"
        if error is None and not ending.give_back(work, payment_intent_ids=intents, reason=row.reason):
            error = TourPadError("its payment is not recorded yet")
        if error is None:
            queue.finish(mine)
            mine.done_at = work.now
            outcome = "ended"
        else:
            state = queue.fail(mine, now=work.now, error=error.message)
            outcome = "dead" if state is ItemState.DEAD else "failed"
            if outcome == "dead":
                log.error("subscription %s could not be ended: %s", row.stripe_subscription_id, error.message)
        work.commit()
    return outcome


def _cancel_at_stripe(platform: "Platform", row: SubscriptionEnding) -> None:
    """End a subscription; one that is over already is fine. Ending it twice does no harm: each try has its own key."""
    key = f"tp1:end_subscription:{row.id}:{row.attempts}"
    try:
        platform.stripe.cancel_subscription(row.stripe_subscription_id, key=key)
    except StripeDeclined as error:
        if not error.is_missing:
            raise
    _void_open(platform, row)


def _void_open(platform: "Platform", row: SubscriptionEnding) -> None:
    """An invoice that is still open could be paid by the link of a mail, for a membership that nobody has any more."""
    try:
        found = platform.stripe.get_subscription(row.stripe_subscription_id).get("latest_invoice")
    except StripeDeclined as error:
        if not error.is_missing:
            raise
        return
    if found and (invoice := platform.stripe.get_invoice(rules.id_of(found)))["status"] == "open":
        platform.stripe.void_invoice(invoice["id"], key=f"tp1:void_invoice:{row.id}:{row.attempts}")


def _void_credit(platform: "Platform", actor: Actor, row: SubscriptionEnding) -> None:
    """Void what is left of the credit that goes with a payment, once.

    How much is decided by what there is at Stripe, and committed before the call. After the first try a look
    through what Stripe has done: it may forget keys after 24 hours, but not that.
    """
    if not row.void_cents or row.user_id is None:
        return
    with platform.work(actor) as work:
        customer_id = payments.customer_of(work, row.user_id)
    if customer_id is None:
        return
    cents = row.voided_cents
    if cents is None:
        # A customer that was deleted has no balance.
        balance = platform.stripe.get_customer(customer_id).get("balance") or 0
        cents = rules.to_void(row.void_cents, int(balance))
        with platform.work(actor) as work:
            mine = queries.ending_for_update(work, row.id, row.lease_until)
            if mine is None:
                return  # another worker goes on with it
            mine.voided_cents = cents
            work.commit()
    elif any(
        (e.get("metadata") or {}).get("ending_id") == str(row.id) for e in platform.stripe.list_credits(customer_id)
    ):
        return
    if cents:
        params = {
            "amount": cents,
            "currency": Money(cents).currency.lower(),
            "description": "Credit of a payment that went back",
            "metadata": {"kind": "credit_void", "ending_id": str(row.id)},
        }
        platform.stripe.create_credit(customer_id, params, key=f"tp1:credit_void:{row.id}:1")


def _paid_by(platform: "Platform", subscription_id: str) -> list[str]:
    """The payment intents that paid a subscription's last invoice."""
    subscription = platform.stripe.get_subscription(subscription_id)
    invoice = subscription.get("latest_invoice")
    if not invoice:
        return []
    rows = platform.stripe.list_invoice_payments(invoice=rules.id_of(invoice), status="paid", limit=100)
    found = [row["payment"].get("payment_intent") for row in rows]
    return [rules.id_of(intent) for intent in found if intent]


def _look(platform: "Platform", actor: Actor, user_id: UUID) -> bool:
    """Look at one membership; answers whether it has ended."""
    with platform.work(actor) as work:
        membership = queries.of_user(work, user_id)
        subscription_id = membership.stripe_subscription_id if membership else None
        if subscription_id is None:
            ended = changing.expire_granted(work, user_id=user_id)
            work.commit()
            return ended
    try:
        outcome = follow(platform, actor, lambda stripe: stripe.get_subscription(subscription_id))
    except StripeDeclined as error:
        if not error.is_missing:
            raise
        with platform.work(actor) as work:
            outcome = following.apply_missing(work, user_id=user_id)
            work.commit()
    return outcome == MembershipState.EXPIRED
