"""A payer's bank takes money back, perhaps for a while: freeze, post what moves, and close as Stripe says."""

from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money
from tourpad.core.payments import queries, rules
from tourpad.core.payments.errors import NotYetKnownError
from tourpad.core.payments.events import DisputeClosed, DisputeOpened
from tourpad.core.payments.models import Dispute, Payment
from tourpad.core.payments.service import posting
from tourpad.core.payments.service.losses import (
    LOST,
    WON_AFTER_ALL,
    lines_of_loss,
    lock_pot,
    set_paid_state,
    sources_of,
)
from tourpad.core.payments.states import DISPUTE_MOVES, DisputeState
from tourpad.core.work import Work

STATES: dict[str, DisputeState] = {
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "warning_needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "warning_under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
}
"""Stripe's words (https://docs.stripe.com/api/disputes/object#dispute_object-status) and ours."""


def apply_dispute(work: Work, found: StripeDict) -> str:
    """Bring a dispute to where it stands at Stripe, forward only. Safe to repeat, and in any order.

    Opened: the payment is frozen. What Stripe withdrew or gave back is posted, each balance transaction once.
    Lost: the pot of its concert bears it, or whoever got its money; beyond what was left of the charge, we
        do.

    Args:
        work: the unit of work.
        found: the dispute as Stripe has it now; its balance transactions are always in it.

    Raises:
        NotYetKnownError: its charge is ours, and not yet recorded.
    """
    payment_id = queries.payment_id_of_charge(work, found.get("charge"))
    if payment_id is None:
        if queries.is_known_intent(work, found.get("payment_intent")):
            msg = f"The dispute {found['id']} came before its charge."
            raise NotYetKnownError(msg)
        return "not ours"
    # The pot before the payment, as in refunds: losing a dispute decides by what is in it.
    lock_pot(work, queries.get_payment(work, payment_id))
    payment = queries.get_payment_for_update(work, payment_id)
    dispute = queries.dispute_by_stripe_id(work, found["id"])
    opened = dispute is None
    if dispute is None:
        dispute = _open(work, payment, found)
    before, asked_only = dispute.state, dispute.is_inquiry
    _keep_up(dispute, found)
    _post_moves(work, payment, dispute, found)
    _move(work, dispute, STATES.get(found["status"], DisputeState.UNDER_REVIEW))
    _post_outcome(work, payment, dispute, before=before)
    work.session.flush()
    set_paid_state(work, payment)
    if opened or (asked_only and not dispute.is_inquiry and dispute.state in rules.OPEN_DISPUTE):
        work.emit(
            DisputeOpened(
                dispute_id=dispute.id,
                payment_id=payment.id,
                user_id=payment.user_id,
                amount=Money(dispute.amount_cents, dispute.currency),
                concert_id=payment.concert_id,
            )
        )
    if dispute.state not in rules.OPEN_DISPUTE and (opened or dispute.state is not before):
        _close(work, payment, dispute)
        return dispute.state.value
    return "opened" if opened else "nothing to do" if dispute.state is before else dispute.state.value


def flag_early_warning(work: Work, found: StripeDict) -> str:
    """Write down that a card's bank suspects fraud: a dispute often follows, and a refund now would forestall it."""
    payment_id = queries.payment_id_of_charge(work, found.get("charge"))
    if payment_id is None:
        return "not ours"
    work.audit(
        "payment.early_fraud_warning",
        target_type="payment",
        target_id=payment_id,
        reason=found.get("fraud_type"),
        warning=found["id"],
        actionable=bool(found.get("actionable")),
    )
    return "flagged"


def _open(work: Work, payment: Payment, found: StripeDict) -> Dispute:
    amount = posting.money_of(found)
    dispute = Dispute(
        id=new_id(),
        payment_id=payment.id,
        stripe_dispute_id=found["id"],
        amount_cents=amount.cents,
        currency=amount.currency,
        reason=found.get("reason") or "general",
        state=DisputeState.NEEDS_RESPONSE,
        withdrawn_cents=0,
        fee_cents=0,
        lost_cents=0,
        submissions=0,
        opened_at=posting.instant(found["created"]),
        updated_at=work.now,
    )
    work.add(dispute)
    work.audit(
        "dispute.open",
        target_type="payment",
        target_id=payment.id,
        reason=dispute.reason,
        dispute=found["id"],
        amount_cents=amount.cents,
    )
    return dispute


def _keep_up(dispute: Dispute, found: StripeDict) -> None:
    """What may change while it is open: an inquiry that becomes a dispute has another amount, reason and day."""
    if dispute.state not in rules.OPEN_DISPUTE:
        return
    details: StripeDict = found.get("evidence_details") or {}
    dispute.amount_cents = posting.money_of(found).cents
    dispute.reason = found.get("reason") or dispute.reason
    dispute.is_inquiry = found["status"].startswith("warning_")
    dispute.submissions = max(dispute.submissions, details.get("submission_count") or 0)
    if details.get("due_by"):
        dispute.evidence_due_at = posting.instant(details["due_by"])


def _post_moves(work: Work, payment: Payment, dispute: Dispute, found: StripeDict) -> None:
    """Post each of the dispute's balance transactions: withdrawn below zero, given back above."""
    entries: list[StripeDict] = found.get("balance_transactions") or []
    for entry in entries:
        amount = posting.money_of(entry)
        posting.post_from_stripe(
            work,
            entry=entry,
            source_type=Source.DISPUTE,
            source_id=dispute.stripe_dispute_id,
            purpose=f"{'withdrawn' if amount.cents < 0 else 'reinstated'} {entry['id']}",
            against=[(accounts.DISPUTES_HELD, -amount)],
            fee_account=accounts.DISPUTE_FEES,
            description=f"dispute of: {rules.NAMELESS[payment.kind]}",
            concert_id=payment.concert_id,
            person_id=payment.user_id,
            details={"dispute_id": str(dispute.id), "payment_id": str(payment.id)},
        )
    # Summed from what is kept, not from this answer: an older one knows less.
    amount_cents, dispute.fee_cents = queries.kept_sums(work, dispute.stripe_dispute_id)
    dispute.withdrawn_cents = -amount_cents


def _move(work: Work, dispute: Dispute, to: DisputeState) -> None:
    """Forward only: what an older answer of Stripe says about a closed dispute changes nothing."""
    if to is dispute.state or to not in DISPUTE_MOVES[dispute.state]:
        return
    dispute.state = to
    dispute.updated_at = work.now
    dispute.closed_at = None if to in rules.OPEN_DISPUTE else work.now


def _post_outcome(work: Work, payment: Payment, dispute: Dispute, *, before: DisputeState) -> None:
    """A lost one is borne by whoever had the money; one that is won after it was lost gives that back."""
    if dispute.state is DisputeState.LOST and before is not DisputeState.LOST:
        _lose(work, payment, dispute)
    elif before is DisputeState.LOST and dispute.state is DisputeState.WON:
        lines = lines_of_loss(work, payment, dispute)
        if lines:
            _post(work, payment, dispute, purpose=WON_AFTER_ALL, lines=rules.back_to(lines))
        payment.lost_cents -= dispute.lost_cents
        dispute.lost_cents = 0


def borne_by(work: Work, *, dispute_id: UUID) -> rules.Lines:
    """Which accounts would bear a dispute if it were lost now, and how much each. Changes nothing; holds the pot."""
    dispute = queries.get_dispute(work, dispute_id)
    lines, _ = _bearers(work, queries.get_payment(work, dispute.payment_id), dispute)
    return [(account, amount) for account, amount in lines if account != accounts.DISPUTES_HELD and amount]


def _bearers(work: Work, payment: Payment, dispute: Dispute) -> tuple[rules.Lines, Money]:
    """The lines of a loss, and how much of it the payment bears: at most what is left of it, the rest is ours."""
    taken = Money(dispute.withdrawn_cents, dispute.currency)
    if taken.cents <= 0:
        return [], Money(0, dispute.currency)
    borne = min(taken, rules.left_of(payment))
    lines: rules.Lines = [(accounts.DISPUTES_HELD, -taken), (accounts.DISPUTE_LOSSES, taken - borne)]
    return lines + (sources_of(work, payment, borne) if borne else []), borne


def _lose(work: Work, payment: Payment, dispute: Dispute) -> None:
    lines, borne = _bearers(work, payment, dispute)
    if not lines:
        return
    _post(work, payment, dispute, purpose=LOST, lines=lines)
    payment.lost_cents += borne.cents
    dispute.lost_cents = borne.cents


def _post(work: Work, payment: Payment, dispute: Dispute, *, purpose: str, lines: rules.Lines) -> None:
    ledger.post(
        work,
        source_type=Source.DISPUTE,
        source_id=dispute.stripe_dispute_id,
        purpose=purpose,
        lines=lines,
        description=f"dispute {purpose}: {rules.NAMELESS[payment.kind]}",
        concert_id=payment.concert_id,
        person_id=payment.user_id,
        details={"dispute_id": str(dispute.id), "payment_id": str(payment.id)},
    )


def _close(work: Work, payment: Payment, dispute: Dispute) -> None:
    work.audit(
        "dispute.close",
        target_type="payment",
        target_id=payment.id,
        reason=dispute.state.value,
        dispute=dispute.stripe_dispute_id,
        withdrawn_cents=dispute.withdrawn_cents,
        lost_cents=dispute.lost_cents,
    )
    work.emit(
        DisputeClosed(
            dispute_id=dispute.id,
            payment_id=payment.id,
            user_id=payment.user_id,
            outcome=dispute.state,
            amount=Money(dispute.amount_cents, dispute.currency),
            concert_id=payment.concert_id,
        )
    )
