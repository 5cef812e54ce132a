"""What Stripe tells of a transfer: that it was made, and what of it was taken back. Whoever hears first records it."""

import logging

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.payments import intents
from tourpad.core.payments import queries as payments
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.rules import id_in
from tourpad.core.payments.states import IntentState
from tourpad.core.payouts import queries
from tourpad.core.payouts.events import PayoutReversed
from tourpad.core.payouts.service.reversing import record_reversal
from tourpad.core.payouts.service.sending import move, post_reversal, record
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work

log = logging.getLogger(__name__)


def take_transfer(work: Work, *, type: str, transfer: StripeDict) -> str:
    """What Stripe says of a transfer now: it confirms one of ours, tells of one taken back, or is unknown.

    Args:
        work: the unit of work.
        type: of the event.
        transfer: as Stripe has it now, with the balance transactions of it and of its reversals expanded.

    Returns:
        What came of it, in words.
    """
    reversals: list[StripeDict] = (transfer.get("reversals") or {}).get("data") or []
    ours = _lock_reversals(work, reversals)
    intent_id = id_in(transfer, "intent_id")
    if intent_id is not None:
        intents.settle(work, intent_id=intent_id, found=transfer, record=record)
    for reversal_intent, reversal in ours:
        intents.settle(work, intent_id=reversal_intent.id, found=reversal, record=record_reversal)
    payout = queries.by_transfer(work, str(transfer["id"]))
    if payout is None:
        log.error("Stripe tells of the transfer %s, which is none of ours (%s)", transfer["id"], type)
        work.audit("transfer.unknown", target_type="transfer", transfer=transfer["id"], event=type)
        return "unknown transfer"
    if payout.state is PayoutState.SENT:
        move(work, payout, PayoutState.SETTLED)
    for reversal in reversals:
        post_reversal(work, payout, str(transfer["id"]), reversal)
    if transfer.get("reversed") and payout.state is not PayoutState.REVERSED:
        move(work, payout, PayoutState.REVERSED)
        work.audit("payout.reverse", target_type="payout", target_id=payout.id, transfer=transfer["id"])
        work.emit(PayoutReversed(payout_id=payout.id, user_id=payout.user_id))
    work.session.flush()
    return f"payout {payout.state}"


def _lock_reversals(work: Work, reversals: list[StripeDict]) -> list[tuple[MoneyIntent, StripeDict]]:
    """The calls of ours that made these reversals, locked before any payout is, in one order.

    One that was never begun here (an older backup was restored meanwhile) is begun now.
    """
    named = {intent_id: reversal for reversal in reversals if (intent_id := id_in(reversal, "intent_id"))}
    found: list[tuple[MoneyIntent, StripeDict]] = []
    for intent_id in sorted(named):
        intent = payments.get_intent_for_update(work, intent_id)
        if intent is None:
            continue
        if intent.state is IntentState.PLANNED:
            intents.begin(work, intent)
        found.append((intent, named[intent_id]))
    return found
