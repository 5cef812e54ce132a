"""Money that was sent on, and must go back to a guest: taken back from the transfer, or carried forward as a debt.

A refund after the settlement is taken from those who got the money. Where a payee's account is below zero by that,
because the transfer has left, as much of it is reversed. A payee whose own balance at Stripe is too short keeps the
debt: later earnings cover it.

Locks: the refund's are held (its call, its payment), then the payee, then the payout.
"""

from uuid import UUID

from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money
from tourpad.core.payments import intents
from tourpad.core.payments import queries as payments
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.rules import id_in
from tourpad.core.payments.states import IntentOperation
from tourpad.core.payouts import queries
from tourpad.core.payouts.events import TransferTakenBack
from tourpad.core.payouts.queries import reversing
from tourpad.core.payouts.service.sending import post_reversal
from tourpad.core.work import Work


def plan_reversals(work: Work, *, refund_id: UUID) -> list[MoneyIntent]:
    """Store the calls that take back what a refund took from payees who had their money already.

    No more than what the refund took from the payee, than what they owe us now (what waits for them pays first), and
    than what is left of the transfer.

    Args:
        work: the unit of work in which Stripe's taking on of the refund is recorded.
        refund_id: which refund.
    """
    refund = payments.get_refund(work, refund_id)
    concert_id = payments.get_payment(work, refund.payment_id).concert_id
    planned: list[MoneyIntent] = []
    for account, cents in refund.from_accounts:
        owner = accounts.parse(account)
        if concert_id is None or owner.kind != accounts.PAYABLE or owner.owner_id is None:
            continue
        intent = _plan(work, refund_id, concert_id, owner.owner_id, Money(int(cents), refund.currency))
        if intent is not None:
            planned.append(intent)
    return planned


def _plan(work: Work, refund_id: UUID, concert_id: UUID, user_id: UUID, taken: Money) -> MoneyIntent | None:
    queries.payee_for_update(work, user_id)
    payout = reversing.sent_with(work, concert_id=concert_id, user_id=user_id)
    if payout is None:
        return None
    on_the_way = reversing.being_taken_back(work, user_id)
    debt = ledger.balance(work, accounts.payable(user_id), taken.currency).cents - on_the_way
    left = payout.amount_cents - reversing.taken_back(work, payout.id)
    amount = min(taken.cents, debt, left)
    if amount <= 0:
        return None
    work.audit(
        "payout.take_back",
        target_type="payout",
        target_id=payout.id,
        reason="a guest is refunded",
        amount_cents=amount,
        refund_id=str(refund_id),
    )
    return intents.plan(
        work,
        operation=IntentOperation.TRANSFER_REVERSAL,
        subject_id=payout.id,
        params={
            "amount": amount,
            "expand": ["balance_transaction"],
            "metadata": {
                "payout_id": str(payout.id),
                "refund_id": str(refund_id),
                "transfer_id": payout.stripe_transfer_id,
            },
        },
    )


def lost_by(work: Work, *, dispute_id: UUID) -> list[tuple[UUID, Money]]:
    """What a dispute that was lost after the settlement took from each payee's account."""
    dispute = payments.get_dispute(work, dispute_id)
    lines = ledger_queries.lines_of_source(
        work, source_type=accounts.Source.DISPUTE, source_id=dispute.stripe_dispute_id, purpose="lost"
    )
    owners = [(accounts.parse(name), amount) for name, amount in lines]
    return [(a.owner_id, amount) for a, amount in owners if a.kind == accounts.PAYABLE and a.owner_id]


def before_reversing(work: Work, intent: MoneyIntent) -> bool:
    """The last look before a first try: nobody gives back more than they owe now.

    Between the plan and the call later earnings may have covered the debt, or (an older backup was restored) it may
    have been taken back already. The call is given up then; what is left of the debt is planned anew.
    """
    payout = queries.get(work, intent.subject_id)
    queries.payee_for_update(work, payout.user_id)
    planned = Money(int(intent.params["amount"]), payout.currency)
    on_the_way = reversing.being_taken_back(work, payout.user_id) - planned.cents
    debt = ledger.balance(work, accounts.payable(payout.user_id), payout.currency).cents - on_the_way
    if debt >= planned.cents:
        return True
    intents.drop(work, intent, code="no_longer_owed", message=f"{Money(max(debt, 0), payout.currency)} is owed now.")
    refund_id = id_in(intent.params, "refund_id")
    if refund_id is not None:
        _plan(work, refund_id, payout.concert_id, payout.user_id, Money(max(debt, 0), payout.currency))
    return False


def record_reversal(work: Work, intent: MoneyIntent, reversal: StripeDict) -> None:
    """Stripe took it back: it is with us again, and the payee's account is where it was before the refund."""
    payout = queries.get_for_update(work, intent.subject_id)
    post_reversal(work, payout, str(payout.stripe_transfer_id), reversal)
    _tell(work, intent, is_debt=False)


def refuse_reversal(work: Work, intent: MoneyIntent, error: StripeDeclined) -> None:
    """Stripe refused, mostly because the payee's balance is too short: it stays a debt, which later earnings cover."""
    work.audit(
        "payout.carry_debt",
        target_type="payout",
        target_id=intent.subject_id,
        reason=error.message,
        amount_cents=int(intent.params["amount"]),
        code=error.code,
    )
    _tell(work, intent, is_debt=True)


def _tell(work: Work, intent: MoneyIntent, *, is_debt: bool) -> None:
    payout = queries.get(work, intent.subject_id)
    work.emit(
        TransferTakenBack(
            intent_id=intent.id,
            payout_id=payout.id,
            user_id=payout.user_id,
            amount=Money(int(intent.params["amount"]), payout.currency),
            is_debt=is_debt,
        )
    )
