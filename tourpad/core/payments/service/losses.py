"""Who bears money of a payment that goes back: its pot, or whoever got it; and we, where more goes than was paid.

A refund and a lost dispute can take more than the whole charge together, and Stripe tells of the two in any order.
However it does, the refund counts whole, the dispute takes what that leaves, and the rest of it is our loss.
"""

from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money
from tourpad.core.payments import queries, rules
from tourpad.core.payments.models import Dispute, Payment
from tourpad.core.payments.states import PAYMENT_MOVES, DisputeState
from tourpad.core.states import check_move
from tourpad.core.work import Work

LOST = "lost"
"""The purpose of the journal that settles who bears a lost dispute."""
WON_AFTER_ALL = "won after all"
"""Of the one that takes it back."""


def lock_pot(work: Work, payment: Payment) -> None:
    """Where a settlement and a refund meet: one waits for the other, and decides by what it left."""
    if payment.concert_id is not None:
        ledger.lock(work, accounts.held(payment.concert_id))


def sources_of(work: Work, payment: Payment, amount: Money) -> rules.Lines:
    """Which accounts money of a payment that goes back is taken from, as debits; holds the pot while it decides."""
    income = rules.income_account(payment.kind, payment.concert_id)
    lock_pot(work, payment)
    shares: dict[str, int] = {}
    in_pot = Money(0, amount.currency)
    if payment.concert_id is not None:
        shares = ledger_queries.settled_shares(work, held_account=income, currency=amount.currency)
        in_pot = -ledger.balance(work, income, amount.currency)
    return rules.taken_from(
        amount,
        income=income,
        in_pot=in_pot,
        is_posted=payment.stripe_balance_transaction_id is not None,
        shares=shares,
    )


def share_losses(work: Work, payment: Payment, *, cause: str, refunding: Money | None = None) -> None:
    """Divide lost disputes anew between the payment and us, after what was refunded has changed.

    Args:
        work: the unit of work; the payment is locked.
        payment: whose disputes.
        cause: what has changed, in a word or two with its id; one cause is posted once.
        refunding: a refund that is about to be counted, for which room is made.
    """
    for dispute in queries.disputes_of(work, payment.id):
        if dispute.state is not DisputeState.LOST:
            continue
        room = rules.left_of(payment).cents + dispute.lost_cents - (refunding.cents if refunding else 0)
        borne = max(0, min(dispute.withdrawn_cents, room))
        more = Money(borne - dispute.lost_cents, dispute.currency)
        if not more:
            continue
        lines = sources_of(work, payment, more) if more.cents > 0 else rules.back_to(sources_of(work, payment, -more))
        ledger.post(
            work,
            source_type=Source.DISPUTE,
            source_id=dispute.stripe_dispute_id,
            purpose=f"lost, shared anew: {cause}",
            lines=[(accounts.DISPUTE_LOSSES, -more), *lines],
            description="a lost dispute and a refund, shared anew",
            concert_id=payment.concert_id,
            person_id=payment.user_id,
            details={"dispute_id": str(dispute.id), "payment_id": str(payment.id)},
        )
        payment.lost_cents += more.cents
        dispute.lost_cents = borne


def lines_of_loss(work: Work, payment: Payment, dispute: Dispute) -> rules.Lines:
    """All that was posted because a dispute was lost."""
    causes = [
        f"lost, shared anew: {word} {refund.id}"
        for refund in queries.refunds_of(work, payment.id)
        for word in ("refund", "failed refund")
    ]
    return [
        line
        for purpose in (LOST, *causes)
        for line in ledger_queries.lines_of_source(
            work, source_type=Source.DISPUTE, source_id=dispute.stripe_dispute_id, purpose=purpose
        )
    ]


def set_paid_state(work: Work, payment: Payment) -> None:
    """Put a payment into the state that its refunds and disputes add up to."""
    to = rules.paid_state(
        amount=payment.amount_cents,
        returned=payment.refunded_cents + payment.lost_cents,
        disputed=queries.is_at_bank(work, payment.id),
    )
    if payment.state is not to:
        check_move(PAYMENT_MOVES, entity="payment", now=payment.state, to=to)
        payment.state = to
    payment.updated_at = work.now
