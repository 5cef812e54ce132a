"""Calls to Stripe that move money: stored before they are made, so that none is made twice or lost.

A verb plans an intent in its own transaction. `procedures.drain` claims it, calls Stripe outside any
transaction under the stored key, and records what came of it. Here is what each of those steps changes;
nothing here commits.

Locks are taken in one order everywhere: the call, the payment or payee, the refund, dispute or payout. Only
the call that begins a charge comes after its payment, which is where it is found.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tourpad.core.errors import ConflictError
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.ids import new_id
from tourpad.core.outbox.queue import backoff
from tourpad.core.payments import queries, rules
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import INTENT_MOVES, MAKES_OBJECT, IntentOperation, IntentState
from tourpad.core.states import check_move
from tourpad.core.work import Work

LEASE = timedelta(minutes=5)
"""Who sends an intent has it for so long; afterwards another resumes it with the same key."""
KEY_LIFE = timedelta(hours=23)
"""Stripe may forget a key after 24 h. Beyond this, what came of the call is looked up, not asked again."""

Record = Callable[[Work, MoneyIntent, StripeDict], None]
"""Write down what Stripe did: states, posting, events. Runs in the transaction that ends the intent."""
Refuse = Callable[[Work, MoneyIntent, StripeDeclined], None]
"""Undo what was posted for a call that Stripe refused for good."""


def plan(
    work: Work,
    *,
    operation: IntentOperation,
    subject_id: UUID,
    params: Mapping[str, Any],
    due_at: datetime | None = None,
    intent_id: UUID | None = None,
    at_once: bool = False,
) -> MoneyIntent:
    """Store a call that is to be made, with its parameters and its idempotency key.

    Args:
        work: the unit of work of the decision.
        operation: which call.
        subject_id: the refund, payout or payment that it carries out.
        params: what is sent, as Stripe takes it; `metadata.intent_id` is added, so that it can be found.
        due_at: not before this instant; now unless given.
        intent_id: its id where the caller needs to know it before.
        at_once: the caller commits and makes the call itself: it is marked as being sent (see `begin`).
    """
    intent_id = intent_id or new_id()
    stored = {**params, "metadata": {**params.get("metadata", {}), "intent_id": str(intent_id)}}
    intent = MoneyIntent(
        id=intent_id,
        operation=operation,
        subject_id=subject_id,
        params=stored,
        params_hash=rules.params_hash(stored),
        idempotency_key=rules.idempotency_key(operation, intent_id, 1),
        state=IntentState.PLANNED,
        attempt=1,
        tries=0,
        due_at=due_at or work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    if at_once:
        begin(work, intent)
    work.add(intent)
    return intent


def claim(
    work: Work, *, operation: IntentOperation, skip: Collection[UUID] = (), subject_id: UUID | None = None
) -> MoneyIntent | None:
    """Lock the next intent that is due, or whose sender has lost its lease. None: nothing to do."""
    return queries.claim_intent(work, operation=operation, skip=skip, subject_id=subject_id)


def begin(work: Work, intent: MoneyIntent) -> None:
    """Mark a claimed intent as being sent. Commit before the call."""
    if intent.state is IntentState.PLANNED:
        check_move(INTENT_MOVES, entity="call", now=intent.state, to=IntentState.SENDING)
        intent.state = IntentState.SENDING
        intent.first_sent_at = work.now
    intent.tries += 1
    intent.lease_until = work.now + LEASE
    intent.updated_at = work.now


def is_stale(intent: MoneyIntent, now: datetime) -> bool:
    """Whether Stripe may have forgotten the key under which this intent was first sent."""
    return intent.first_sent_at is not None and now - intent.first_sent_at >= KEY_LIFE


def settle(work: Work, *, intent_id: UUID, found: StripeDict, record: Record) -> bool:
    """Record that a call was made: by its sender, or whoever hears of it first (an event, `reconcile`).

    Returns:
        Whether this was the first to record it.
    """
    intent = queries.get_intent_for_update(work, intent_id)
    if intent is None or intent.state is not IntentState.SENDING:
        return False
    record(work, intent, found)
    intent.state = IntentState.DONE
    if intent.operation in MAKES_OBJECT:
        intent.stripe_object_id = found["id"]
    intent.lease_until = None
    intent.error_code = intent.error_message = None
    intent.updated_at = work.now
    work.session.flush()
    return True


def refuse(work: Work, *, intent_id: UUID, error: StripeDeclined, undo: Refuse) -> bool:
    """Record that Stripe refused a call for good. It has failed, unless `undo` plans it again (`replan`)."""
    intent = queries.get_intent_for_update(work, intent_id)
    if intent is None or intent.state is not IntentState.SENDING:
        return False
    intent.error_code, intent.error_message = error.code, error.message
    intent.lease_until = None
    intent.updated_at = work.now
    undo(work, intent, error)
    if intent.state is IntentState.SENDING:
        intent.state = IntentState.FAILED
    work.session.flush()
    return True


def postpone(work: Work, *, intent_id: UUID, message: str) -> None:
    """The outcome of a call is unknown: it stays `sending`, and is resumed later with the same key."""
    intent = queries.get_intent_for_update(work, intent_id)
    if intent is None or intent.state is not IntentState.SENDING:
        return
    intent.lease_until = work.now + backoff(intent.tries)
    intent.error_code, intent.error_message = "uncertain", message
    intent.updated_at = work.now
    work.session.flush()


def replan(
    work: Work,
    intent: MoneyIntent,
    *,
    params: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Make a new attempt at a call that is known not to have been made: a new key, new `params` if given.

    Only after a definitive refusal, or where Stripe's lists show that the call was never made.
    """
    check_move(INTENT_MOVES, entity="call", now=intent.state, to=IntentState.PLANNED)
    if params is not None:
        intent.params = {**params, "metadata": {**params.get("metadata", {}), "intent_id": str(intent.id)}}
        intent.params_hash = rules.params_hash(intent.params)
    intent.attempt += 1
    intent.idempotency_key = rules.idempotency_key(intent.operation, intent.id, intent.attempt)
    intent.state = IntentState.PLANNED
    intent.first_sent_at = intent.lease_until = None
    intent.due_at = due_at or work.now
    intent.updated_at = work.now
    work.session.flush()


def drop(work: Work, intent: MoneyIntent, *, code: str, message: str) -> None:
    """Give up an intent that was never sent."""
    check_move(INTENT_MOVES, entity="call", now=intent.state, to=IntentState.FAILED)
    intent.state = IntentState.FAILED
    intent.error_code, intent.error_message = code, message
    intent.lease_until = None
    intent.updated_at = work.now
    work.session.flush()


def renew(work: Work, *, intent_id: UUID, attempt: int) -> MoneyIntent:
    """Begin a new attempt under a new key, for a call that Stripe's lists show was never made.

    Raises:
        ConflictError: somebody else went on with it meanwhile.
    """
    intent = queries.get_intent_for_update(work, intent_id)
    if intent is None or intent.state is not IntentState.SENDING or intent.attempt != attempt:
        msg = f"The call {intent_id} was taken up by another sender."
        raise ConflictError(msg)
    replan(work, intent)
    begin(work, intent)
    return intent
