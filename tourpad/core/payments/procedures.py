"""What must call Stripe between units of work: the intent first, the call outside, the record after."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.checkpoints import reached
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict, StripeGateway, StripeUncertain
from tourpad.core.identity.queries import get_for_update
from tourpad.core.payments import behind, funds, intents, limits, queries, rules, service
from tourpad.core.payments.errors import AlreadyPaidError
from tourpad.core.payments.inbox.procedures import (
    collect_balance_transactions,
    process_events,
    replay,
    work_inbox,
)
from tourpad.core.payments.inbox.subjects import PAID, fetch_refund
from tourpad.core.payments.intents import Record, Refuse
from tourpad.core.payments.models import MoneyIntent, Payment
from tourpad.core.payments.rules import Due
from tourpad.core.payments.states import MAKES_OBJECT, IntentOperation, IntentState
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

__all__ = [
    "collect_balance_transactions",
    "create_intent",
    "drain",
    "end_open",
    "ensure_customer",
    "process_events",
    "replay",
    "send_refunds",
    "work_inbox",
]

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
    subject_id: UUID | None = None,
    limit: int = 500,
) -> dict[str, int]:
    """Send every intent of one operation that is due, and resume those whose sender was lost.

    Three steps, each committed: claim (`before`, state `sending`, a lease), the call outside any transaction
    and within the rate limit, and the record (`record`, or `refuse` after a definitive no). A sender that
    dies in between leaves an intent that another resumes with the same key; after 23 h `find` looks it up
    instead.
    With `subject_id` only the calls for that one refund or payout are made.

    Returns:
        Counts: `sent`, `held` (`before` said not now), `refused`, `uncertain`, `errors`.

    Raises:
        BooksBehindError: a call would be made for the first time, from books that are behind Stripe.
        StripeUncertain: Stripe did not say whether they are.
    """
    if operation in MAKES_OBJECT:
        with platform.work(actor) as work:
            begins = queries.has_planned(work, operation=operation, subject_id=subject_id)
        if begins:
            behind.check(platform, actor)
    counts: dict[str, int] = {"sent": 0, "held": 0, "refused": 0, "uncertain": 0, "errors": 0}
    seen: set[UUID] = set()
    for _ in range(limit):
        with platform.work(actor) as work:
            intent = intents.claim(work, operation=operation, skip=seen, subject_id=subject_id)
            if intent is None:
                break
            seen.add(intent.id)
            try:
                held = intent.state is IntentState.PLANNED and before is not None and not before(work, intent)
            except Exception:
                # Rolled back: this one waits as it was, and the others go on.
                log.exception("%s %s could not be prepared", operation, intent.id)
                counts["errors"] += 1
                continue
            if held:
                reached(f"{operation}.holding")
                work.commit()
                reached(f"{operation}.held")
                counts["held"] += 1
                continue
            is_first = intent.state is IntentState.PLANNED
            intents.begin(work, intent)
            if is_first:
                funds.count(work, intent)
            reached(f"{operation}.claiming")
            work.commit()
            reached(f"{operation}.claimed")
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
    what = intent.operation
    try:
        made: StripeDict | None = None
        # Asked once: a key that grows too old between two looks at the clock would be renewed without a search.
        if intents.is_stale(intent, platform.clock.now()):
            reached(f"{what}.searching")
            made = find(intent, platform.stripe)
            if made is None:
                intent = _renew(platform, actor, intent)
            else:
                reached(f"{what}.found")
        if made is None:
            limits.pace(platform, what)
            reached(f"{what}.calling")
            made = call(intent, platform.stripe)
            reached(f"{what}.called")
    except StripeDeclined as error:
        with platform.work(actor) as work:
            intents.refuse(work, intent_id=intent.id, error=error, undo=refuse)
            reached(f"{what}.refusing")
            work.commit()
        reached(f"{what}.refused")
        return "refused"
    except StripeUncertain as error:
        with platform.work(actor) as work:
            intents.postpone(work, intent_id=intent.id, message=error.message)
            reached(f"{what}.postponing")
            work.commit()
        reached(f"{what}.postponed")
        return "uncertain"
    with platform.work(actor) as work:
        intents.settle(work, intent_id=intent.id, found=made, record=record)
        reached(f"{what}.recording")
        work.commit()
    reached(f"{what}.recorded")
    return "sent"


def _renew(platform: "Platform", actor: Actor, old: MoneyIntent) -> MoneyIntent:
    """A new attempt under a new key, for a call that Stripe's lists show was never made."""
    with platform.work(actor) as work:
        intent = intents.renew(work, intent_id=old.id, attempt=old.attempt)
        reached(f"{old.operation}.renewing")
        work.commit()
    reached(f"{old.operation}.renewed")
    return intent


def send_refunds(
    platform: "Platform", actor: Actor, *, refund_id: UUID | None = None, limit: int = 500
) -> dict[str, int]:
    """Send every refund that is planned (or one), and resume those whose sender was lost; see `drain`."""
    return drain(
        platform,
        actor,
        operation=IntentOperation.REFUND,
        call=lambda intent, stripe: stripe.create_refund(intent.params, key=intent.idempotency_key),
        record=service.record_sent,
        refuse=service.record_refused,
        find=_find_refund,
        before=service.before_sending,
        subject_id=refund_id,
        limit=limit,
    )


def ensure_customer(platform: "Platform", actor: Actor, *, user_id: UUID) -> str:
    """A person's customer at Stripe, made once.

    Raises:
        NotFoundError: there is no such person.
        StripeDeclined: Stripe does not take the name or address.
        StripeUncertain: Stripe did not answer; the next try finds what this one has made.
    """
    with platform.work(actor) as work:
        known = queries.customer_of(work, user_id)
        if known is not None:
            return known
        told = service.customer_params(work, user_id=user_id)
        params: StripeDict = {**told, "metadata": {"user_id": str(user_id)}}
    # Made of the parameters, too: somebody who changes their address in between is not refused for ever.
    key = f"tp1:customer:{user_id}:{rules.params_hash(params)[:12]}"
    made = platform.stripe.create_customer(params, key=key)
    with platform.work(actor) as work:
        # Locked: who changes their address meanwhile finds the customer, or is found here.
        get_for_update(work, user_id)
        customer_id = queries.insert_customer(work, user_id=user_id, stripe_customer_id=made["id"])
        if service.customer_params(work, user_id=user_id) != told:
            service.customer_changed(work, user_id=user_id)
        work.commit()
    return customer_id


def create_intent(platform: "Platform", actor: Actor, *, due: Due, user_id: UUID) -> Payment:
    """The open payment for what somebody owes, with Stripe's intent for it: made, or the one that is there.

    Begun twice it is the same one. Where the amount has changed meanwhile, the older intent is cancelled
    first.

    Args:
        platform: where.
        actor: who.
        due: what is owed, computed by its own feature; nothing that a client sent.
        user_id: who pays.

    Raises:
        NothingOwedError: nothing is owed.
        BelowMinimumError: less than Stripe charges.
        AlreadyPaidError: it is paid, perhaps this very moment.
        StripeDeclined: Stripe refuses it.
        StripeUncertain: Stripe did not answer; the next try goes on with the same key.
    """
    service.check_due(due)
    customer_id = ensure_customer(platform, actor, user_id=user_id)
    while True:
        with platform.work(actor) as work:
            payment = service.open_payment(work, due=due, user_id=user_id)
            if not service.matches(payment, due, user_id):
                older = payment
            elif payment.stripe_payment_intent_id is not None:
                service.ready(work, payment)
                work.commit()
                return payment
            else:
                params = service.charge_params(payment, customer_id)
                intent = service.begin_charge(work, payment=payment, params=params)
                work.commit()
                break
        end_open(platform, actor, older)
    with noted(platform, actor, intent):
        made = platform.stripe.create_payment_intent(intent.params, key=intent.idempotency_key)
    with platform.work(actor) as work:
        payment = queries.get_payment_for_update(work, payment.id)
        service.keep_charge(work, payment=payment, made=made)
        work.commit()
    return payment


@contextmanager
def noted(platform: "Platform", actor: Actor, intent: MoneyIntent) -> Generator[None]:
    """Ask Stripe inside for what a payer waits for. That it refused, or did not answer, is kept before they are told.

    Raises:
        StripeDeclined: Stripe refuses it.
        StripeUncertain: Stripe did not answer; the next try goes on with the same key.
    """
    try:
        yield
    except StripeDeclined as error:
        with platform.work(actor) as work:
            intents.refuse(work, intent_id=intent.id, error=error, undo=lambda *_: None)
            work.commit()
        raise
    except StripeUncertain as error:
        with platform.work(actor) as work:
            intents.postpone(work, intent_id=intent.id, message=error.message)
            work.commit()
        raise


def end_open(platform: "Platform", actor: Actor, older: Payment) -> None:
    """Cancel a payment that is begun anew: by another amount, by another payer, on a page or in the app.

    Nobody can pay it afterwards, so that nobody pays twice.

    Raises:
        AlreadyPaidError: it has just been paid.
        StripeUncertain: Stripe did not answer.
    """
    intent_id = older.stripe_payment_intent_id
    if older.stripe_checkout_session_id is not None:
        intent_id = _close_page(platform, older.id, older.stripe_checkout_session_id) or intent_id
    if intent_id is not None:
        try:
            platform.stripe.cancel_payment_intent(intent_id, key=f"tp1:cancel:{older.id}:1")
        except StripeDeclined:
            found = platform.stripe.get_payment_intent(intent_id, expand=PAID)
            if found["status"] != "canceled":
                with platform.work(actor) as work:
                    service.apply_payment_intent(work, found)
                    work.commit()
                msg = "It was paid this very moment, as it was begun before."
                raise AlreadyPaidError(msg, payment_id=str(older.id)) from None
    with platform.work(actor) as work:
        service.cancel(work, queries.get_payment_for_update(work, older.id))
        work.commit()


def _close_page(platform: "Platform", payment_id: UUID, session_id: str) -> str | None:
    """Close a page of Stripe's on which a payment could be made; answers the payment intent that was begun on it."""
    try:
        session = platform.stripe.expire_checkout_session(session_id, key=f"tp1:checkout_close:{payment_id}:1")
    except StripeDeclined:
        # Paid, or run out, in this very moment.
        session = platform.stripe.get_checkout_session(session_id)
    intent_id: str | None = session.get("payment_intent")
    return intent_id


def _find_refund(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict | None:
    """What an older try of a refund has made."""
    by = {name: intent.params[name] for name in ("charge", "payment_intent") if name in intent.params}
    for refund in stripe.list_refunds(**by):
        if (refund.get("metadata") or {}).get("intent_id") == str(intent.id):
            return fetch_refund(stripe, refund["id"])
    return None
