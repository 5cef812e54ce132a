"""One transfer's life: claimed, recorded, refused, confirmed, taken back. Each step is its own transaction.

Locks are taken in one order: the intent, the payee, the payout. A claim has no intent to lock but one that failed,
and who holds that one asks for nothing more.
"""

from uuid import UUID

from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money
from tourpad.core.payments import intents
from tourpad.core.payments import service as payments
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.payouts import queries
from tourpad.core.payouts.errors import PotMismatchError
from tourpad.core.payouts.events import PayoutFailed, PayoutHeld, PayoutSent, PayoutsWaitForApproval
from tourpad.core.payouts.models import Payee, Payout, PayoutAdjustment
from tourpad.core.payouts.queries import OpenPayout
from tourpad.core.payouts.rules import Budget, Hold, Pay
from tourpad.core.payouts.service.consents import claim_under
from tourpad.core.payouts.service.deciding import Decided, decided_on, is_overdrawn
from tourpad.core.payouts.states import MOVES, HoldReason, PayoutState
from tourpad.core.states import check_move
from tourpad.core.values import Value
from tourpad.core.work import Work

NOT_ENOUGH = "balance_insufficient"
"""Stripe's code for a balance that is too small: nothing is wrong with the payout."""


class Claim(Value):
    """A payout that is being sent, and the call that does it."""

    payout: OpenPayout
    intent: MoneyIntent
    amount: Money
    has_more: bool
    """Whether the payee has others that have not left."""


def overdraws(work: Work, claimed: Claim) -> bool:
    """Whether a claim lets more leave today than may without a second admin, by others that were claimed meanwhile.

    Asked when no other claim can be committed before this one any more.
    """
    return claimed.payout.payout.approval_id is None and is_overdrawn(work)


def claim(work: Work, *, user_id: UUID, available: Money | None, budget: Budget) -> Claim | None:
    """Take a payee's next payout that may leave, and post that it does. Commit before the call.

    Decides anew, under the payee's lock. Where nothing may leave, the reasons are written down instead.

    Args:
        work: the unit of work.
        user_id: the payee.
        available: Stripe's balance that can be sent.
        budget: what this run may still send; a claim is counted into it.
    """
    payee = queries.payee_for_update(work, user_id)
    for decided in decided_on(work, [user_id], available=available, budget=budget.copy(), is_claim=True):
        for row, decision in decided.payouts:
            if isinstance(decision, Pay) and payee is not None:
                budget.take(decision.amount)
                return begin_sending(work, payee, row, decision, decided)
        _note_holds(work, decided)
    return None


def look_again(work: Work, *, user_id: UUID) -> None:
    """Something that keeps a payee's payouts back may have changed: write down how they stand now."""
    queries.payee_for_update(work, user_id)
    for decided in decided_on(work, [user_id]):
        _note_holds(work, decided)


def tell_who_waits(work: Work) -> int:
    """After a run: admins hear of payouts that wait for two of them. Answers how many there are."""
    count, cents = queries.held_for(work, HoldReason.APPROVAL)
    if count:
        work.emit(PayoutsWaitForApproval(count=count, cents=cents))
    return count


def _note_holds(work: Work, decided: Decided) -> None:
    """Write down why each payout stays; what kept one back before and is over is taken off."""
    for row, decision in decided.payouts:
        if isinstance(decision, Hold) and decision.reason is not HoldReason.HOLD_PERIOD:
            _hold(work, row.payout, decision)
        elif row.payout.state is PayoutState.HELD:
            move(work, row.payout, PayoutState.PLANNED)
            row.payout.hold_reason = row.payout.hold_note = None
    work.session.flush()


def begin_sending(
    work: Work, payee: Payee, row: OpenPayout, pay: Pay, decided: Decided, *, intent_id: UUID | None = None
) -> Claim:
    """Take a payout with all that goes along, post it to clearing, and mark its call as being made.

    Args:
        work: the unit of work; the payee is locked.
        payee: who is paid.
        row: the payout.
        pay: with how much, and what it takes along.
        decided: what was decided on the payee.
        intent_id: the id of the call, where one is known that was made under it.
    """
    payout = row.payout
    _check_payable(work, payout, pay.amount)
    for carried_id in pay.carries:
        carried = queries.get_for_update(work, carried_id)
        move(work, carried, PayoutState.CARRIED)
        carried.carried_into = payout.id
    if pay.adjusts:
        work.add(
            *(
                PayoutAdjustment(
                    payout_id=payout.id,
                    user_id=payout.user_id,
                    journal_id=adjustment.journal_id,
                    amount_cents=adjustment.amount_cents,
                    description=adjustment.description,
                )
                for adjustment in decided.adjustments
            )
        )
    move(work, payout, PayoutState.SENDING)
    payout.carried_cents += pay.brought.cents
    payout.amount_cents = pay.amount.cents
    payout.hold_reason = payout.hold_note = None
    payout.failure_code = payout.failure_message = None
    payout.approval_id = None
    if pay.approval_id:
        claim_under(work, payout, pay.approval_id)
    intent = _intent(work, payout, payee, row, intent_id)
    intents.begin(work, intent)
    ledger.post(
        work,
        source_type=accounts.Source.TRANSFER,
        source_id=_source(intent),
        purpose="intent",
        lines=[(accounts.payable(payout.user_id), pay.amount), (accounts.TRANSFER_CLEARING, -pay.amount)],
        description=f"payout of {row.concert_date:%d %b %Y}",
        concert_id=payout.concert_id,
        person_id=payout.user_id,
        details={"payout_id": str(payout.id), "intent_id": str(intent.id)},
    )
    work.session.flush()
    has_more = len(decided.payouts) > 1 + len(pay.carries)
    return Claim(row, intent, pay.amount, has_more)


def _check_payable(work: Work, payout: Payout, amount: Money) -> None:
    """The last look: whatever the rows say, nobody is paid more than the ledger owes them."""
    owed = -ledger.balance(work, accounts.payable(payout.user_id), payout.currency)
    if owed < amount:
        msg = f"The ledger owes {owed} to the payee, the payout is {amount}."
        raise PotMismatchError(msg, hint="tourpad reconcile finds out why.", payout_id=str(payout.id))


def _intent(work: Work, payout: Payout, payee: Payee, row: OpenPayout, intent_id: UUID | None) -> MoneyIntent:
    params = {
        "amount": payout.amount_cents,
        "currency": payout.currency.lower(),
        "destination": payee.stripe_account_id,
        "transfer_group": f"concert_{payout.concert_id}",
        "description": f"TourPad, show of {row.concert_date.isoformat()}",
        "metadata": {"payout_id": str(payout.id), "concert_id": str(payout.concert_id)},
        "expand": ["balance_transaction"],
    }
    before = queries.transfer_intent(work, payout.id)
    if before is None:
        return intents.plan(
            work, operation=IntentOperation.TRANSFER, subject_id=payout.id, params=params, intent_id=intent_id
        )
    if before.state is not IntentState.PLANNED:
        intents.replan(work, before, params=params)
    return before


def _source(intent: MoneyIntent) -> str:
    """The name of one attempt in the ledger."""
    return f"{intent.id}:{intent.attempt}"


def _source_in_clearing(work: Work, intent: MoneyIntent) -> str:
    """The attempt that put the money into clearing, which is where it must be taken from.

    A call that is renewed because Stripe may have forgotten its key is another attempt at the same posting.
    """
    for attempt in range(intent.attempt, 1, -1):
        name = f"{intent.id}:{attempt}"
        source = accounts.Source.TRANSFER
        if ledger_queries.journal_of_source(work, source_type=source, source_id=name, purpose="intent") is not None:
            return name
    return f"{intent.id}:1"


def _hold(work: Work, payout: Payout, hold: Hold) -> None:
    """Write down why a payout stays. An admin's own words, on it or on its payee, are not written over."""
    if hold.reason is HoldReason.MANUAL:
        return
    is_new = payout.hold_reason is not hold.reason
    if payout.state is not PayoutState.HELD:
        move(work, payout, PayoutState.HELD)
    payout.hold_reason, payout.hold_note = hold.reason, hold.sentence
    payout.updated_at = work.now
    if is_new:
        work.emit(PayoutHeld(payout_id=payout.id, user_id=payout.user_id, reason=hold.reason))


def record(work: Work, intent: MoneyIntent, transfer: StripeDict) -> None:
    """Stripe made the transfer: the payout is sent."""
    payout = queries.get_for_update(work, intent.subject_id)
    move(work, payout, PayoutState.SENT)
    payout.stripe_transfer_id = str(transfer["id"])
    payout.sent_at = work.now
    amount = Money(payout.amount_cents, payout.currency)
    payments.post_from_stripe(
        work,
        entry=transfer["balance_transaction"],
        source_type=accounts.Source.TRANSFER,
        source_id=_source_in_clearing(work, intent),
        purpose="done",
        against=[(accounts.TRANSFER_CLEARING, amount)],
        description=f"transfer {transfer['id']}",
        concert_id=payout.concert_id,
        person_id=payout.user_id,
        details={"payout_id": str(payout.id), "transfer": transfer["id"]},
    )
    work.audit(
        "payout.send",
        target_type="payout",
        target_id=payout.id,
        amount_cents=payout.amount_cents,
        transfer=transfer["id"],
    )
    work.emit(PayoutSent(payout_id=payout.id, user_id=payout.user_id))


def refuse(work: Work, intent: MoneyIntent, error: StripeDeclined) -> None:
    """Stripe refused the transfer for good: the money is owed again, and a person looks at it.

    Too small a balance is nobody's fault: the payout waits for it by itself.
    """
    payout = queries.get_for_update(work, intent.subject_id)
    move(work, payout, PayoutState.FAILED)
    payout.failure_code, payout.failure_message = error.code, error.message
    amount = Money(payout.amount_cents, payout.currency)
    ledger.post(
        work,
        source_type=accounts.Source.TRANSFER,
        source_id=_source_in_clearing(work, intent),
        purpose="failed",
        lines=[(accounts.TRANSFER_CLEARING, amount), (accounts.payable(payout.user_id), -amount)],
        description=f"transfer refused: {error.message}",
        concert_id=payout.concert_id,
        person_id=payout.user_id,
        details={"payout_id": str(payout.id), "code": error.code},
    )
    work.audit(
        "payout.fail",
        target_type="payout",
        target_id=payout.id,
        reason=error.message,
        amount_cents=payout.amount_cents,
        code=error.code,
    )
    if error.code == NOT_ENOUGH:
        move(work, payout, PayoutState.PLANNED)
        move(work, payout, PayoutState.HELD)
        payout.hold_reason, payout.hold_note = HoldReason.FUNDS_NOT_AVAILABLE, error.message
        return
    work.emit(PayoutFailed(payout_id=payout.id, user_id=payout.user_id))


def post_reversal(work: Work, payout: Payout, transfer_id: str, reversal: StripeDict) -> None:
    """What was taken back is with us again, and owed again. Posted once, however often it is told."""
    amount = Money(int(reversal["amount"]), payout.currency)
    payments.post_from_stripe(
        work,
        entry=reversal["balance_transaction"],
        source_type=accounts.Source.TRANSFER,
        source_id=str(reversal["id"]),
        purpose="reversed",
        against=[(accounts.payable(payout.user_id), -amount)],
        description=f"transfer {transfer_id} taken back",
        concert_id=payout.concert_id,
        person_id=payout.user_id,
        details={"payout_id": str(payout.id), "transfer": transfer_id},
    )


def move(work: Work, payout: Payout, to: PayoutState) -> None:
    """Move a payout, by the table."""
    check_move(MOVES, entity="payout", now=payout.state, to=to)
    payout.state = to
    payout.updated_at = work.now
