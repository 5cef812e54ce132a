"""Money that goes back: planned under the payment's lock, sent by its intent, moved forward by what Stripe says."""

from uuid import UUID

from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.payments import intents, queries, rules
from tourpad.core.payments.errors import (
    DisputeOpenError,
    NotRefundableError,
    NotYetKnownError,
    RefundTooLargeError,
)
from tourpad.core.payments.events import PaymentRefunded, RefundFailed
from tourpad.core.payments.models import MoneyIntent, Payment, Refund
from tourpad.core.payments.quotes import Part, Quote
from tourpad.core.payments.service import posting
from tourpad.core.payments.service.losses import lock_pot, set_paid_state, share_losses, sources_of
from tourpad.core.payments.service.refund_postings import post_back, post_decided, post_done
from tourpad.core.payments.states import (
    REFUND_MOVES,
    IntentOperation,
    IntentState,
    RefundState,
)
from tourpad.core.states import check_move
from tourpad.core.work import Work

GONE_WRONG = ("failed", "canceled")
"""Stripe's words for a refund whose money came back."""


def quote_refund(work: Work, *, payment_id: UUID, amount: Money | None = None) -> tuple[Quote, rules.Lines]:
    """What giving money of a payment back would come to, and which accounts it would be taken from.

    Nothing is changed. Refusals are those of `plan_refund`.

    Args:
        work: the unit of work.
        payment_id: which payment.
        amount: how much of it; all that is left unless given.
    """
    payment = queries.get_payment(work, payment_id)
    return _quote(work, payment, amount), sources_of(work, payment, amount or rules.left_of(payment))


def _quote(work: Work, payment: Payment, amount: Money | None) -> Quote:
    left = rules.left_of(payment)
    wanted = left if amount is None else amount
    check_refundable(work, payment, wanted)
    part = Part(
        role="payer",
        to=queries.payer_of(work, payment).payer_name,
        payments=1,
        paid=left,
        back=wanted,
        stays_with="where it is" if wanted < left else None,
        why="decided by an operator",
    )
    return Quote(
        subject_type="payment",
        subject_id=payment.id,
        by="admin",
        currency=payment.currency,
        parts=(part,),
        fees=Money(payment.fee_cents or 0 if wanted == left else 0, payment.currency),
    )


def plan_refund(work: Work, *, payment_id: UUID, amount: Money, reason: str, quote_id: str | None = None) -> Refund:
    """Decide that money goes back: reserve it, post it to clearing, and store the call that a job will make.

    What was paid goes back, never today's price, and never more than is left. The money is taken from the pot
    of its concert, or, once that was settled, from those who got it, in proportion.

    Args:
        work: the unit of work.
        payment_id: which payment.
        amount: how much of it, above zero.
        reason: for people and the audit log.
        quote_id: of the quote (`quote_refund`) that was shown before; None where none was.

    Raises:
        NotFoundError: there is no such payment.
        QuoteChangedError: something else is left of it than what was shown.
        NotRefundableError: nothing was paid.
        DisputeOpenError: the payer's bank is taking it back already.
        RefundTooLargeError: more than what is left.
    """
    # The pot before the payment: whoever refunds a whole concert holds it from the first payment on.
    lock_pot(work, queries.get_payment(work, payment_id))
    payment = queries.get_payment_for_update(work, payment_id)
    if quote_id is None:
        check_refundable(work, payment, amount)
    else:
        _quote(work, payment, amount).check(quote_id)
    refund = Refund(
        id=new_id(),
        payment_id=payment.id,
        amount_cents=amount.cents,
        currency=amount.currency,
        state=RefundState.PLANNED,
        reason=reason,
        from_accounts=[],
        created_at=work.now,
        updated_at=work.now,
    )
    _reserve(work, payment, refund)
    work.add(refund)
    intents.plan(work, operation=IntentOperation.REFUND, subject_id=refund.id, params=_params(payment, refund))
    work.audit(
        "payment.refund",
        target_type="payment",
        target_id=payment.id,
        reason=reason,
        refund_id=str(refund.id),
        amount_cents=amount.cents,
    )
    return refund


def check_refundable(work: Work, payment: Payment, amount: Money) -> None:
    """Refuse a refund that may not be; see `plan_refund`. The payment must be locked by whoever goes on."""
    if payment.state in rules.UNPAID:
        msg = f"The payment is {payment.state}: nothing was paid, so nothing can go back."
        raise NotRefundableError(msg, payment_id=str(payment.id), state=payment.state.value)
    if queries.is_at_bank(work, payment.id):
        msg = "The payer's bank disputes this charge and has its money; a refund would give it back twice."
        raise DisputeOpenError(msg, hint="tourpad disputes list shows it.", payment_id=str(payment.id))
    left = rules.left_of(payment)
    if amount.currency != payment.currency or amount.cents <= 0 or amount > left:
        raise RefundTooLargeError(asked=amount, left=left)


def before_sending(work: Work, intent: MoneyIntent) -> bool:
    """The last look before a refund is sent: a dispute that was opened meanwhile ends it here."""
    payment, refund = _locked(work, intent)
    if queries.is_at_bank(work, payment.id):
        intents.drop(work, intent, code="dispute_open", message="The payer's bank disputes the charge.")
        _undo(work, payment, refund, reason="dispute_open")
        return False
    _move(work, refund, RefundState.SENDING)
    return True


def record_sent(work: Work, intent: MoneyIntent, made: StripeDict) -> None:
    """Record that Stripe took a refund on."""
    payment, refund = _locked(work, intent)
    refund.stripe_refund_id = made["id"]
    _advance(work, payment, refund, made)


def record_refused(work: Work, intent: MoneyIntent, error: StripeDeclined) -> None:
    """Record that Stripe refused a refund for good: the money goes back to the accounts it came from."""
    payment, refund = _locked(work, intent)
    _undo(work, payment, refund, reason=f"{error.code}: {error.message}")


def apply_refund(work: Work, found: StripeDict) -> str:
    """Bring a refund to where it stands at Stripe, forward only. Safe to repeat, and in any order.

    One that was made at Stripe itself, and not by us, is taken into the books as it is.

    Args:
        work: the unit of work.
        found: the refund, with `balance_transaction` and `failure_balance_transaction` expanded.
    """
    intent_id = rules.id_in(found, "intent_id")
    if intent_id is not None:
        _catch_up(work, intent_id)
        if intents.settle(work, intent_id=intent_id, found=found, record=record_sent):
            return "sent"
    refund = queries.refund_by_stripe_id(work, found["id"])
    payment_id = refund.payment_id if refund else queries.payment_id_of_charge(work, found.get("charge"))
    if payment_id is None:
        if queries.is_known_intent(work, found.get("payment_intent")):
            msg = f"The refund {found['id']} came before its charge."
            raise NotYetKnownError(msg)
        return "not ours"
    # The pot before the payment: one that is adopted, or failed, may be taken out of it.
    lock_pot(work, queries.get_payment(work, payment_id))
    payment = queries.get_payment_for_update(work, payment_id)
    if refund is None and found["status"] in GONE_WRONG:
        return _adopt_failed(work, payment, found)
    if refund is None:
        refund = _adopt(work, payment, found)
        return _advance(work, payment, refund, found, is_news=True)
    work.session.refresh(refund, with_for_update=True)
    return _advance(work, payment, refund, found)


def _catch_up(work: Work, intent_id: UUID) -> None:
    """A refund that Stripe has made, and whose call was never begun here: an older backup was restored meanwhile."""
    intent = queries.get_intent_for_update(work, intent_id)
    if intent is not None and intent.operation is IntentOperation.REFUND and intent.state is IntentState.PLANNED:
        _, refund = _locked(work, intent)
        _move(work, refund, RefundState.SENDING)
        intents.begin(work, intent)


def _adopt(work: Work, payment: Payment, found: StripeDict) -> Refund:
    """Take a refund that was made at Stripe's own dashboard into the books."""
    amount = posting.money_of(found)
    refund_id = new_id()
    share_losses(work, payment, cause=f"refund {refund_id}", refunding=amount)
    if amount > rules.left_of(payment):
        msg = f"The refund {found['id']} waits until Stripe has refused one of ours for the same money."
        raise NotYetKnownError(msg)
    refund = _made_at_stripe(work, payment, found, refund_id)
    _reserve(work, payment, refund)
    work.add(refund)
    _note_adopted(work, payment, refund)
    return refund


def _adopt_failed(work: Work, payment: Payment, found: StripeDict) -> str:
    """Take one into the books that had failed before it was heard of: it went and came back, and was nobody's loss.

    No money is taken for it: all of it may have gone back by other refunds meanwhile.
    """
    refund = _made_at_stripe(work, payment, found, new_id())
    work.add(refund)
    _note_adopted(work, payment, refund)
    post_done(work, payment, refund, found)
    post_back(work, payment, refund, found)
    _fail(work, payment, refund, reason=_reason(found))
    return "failed"


def _made_at_stripe(work: Work, payment: Payment, found: StripeDict, refund_id: UUID) -> Refund:
    amount = posting.money_of(found)
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        amount_cents=amount.cents,
        currency=amount.currency,
        state=RefundState.SENT,
        reason="made at Stripe",
        from_accounts=[],
        stripe_refund_id=found["id"],
        created_at=posting.instant(found["created"]),
        updated_at=work.now,
    )


def _note_adopted(work: Work, payment: Payment, refund: Refund) -> None:
    work.audit(
        "payment.refund_adopted",
        target_type="payment",
        target_id=payment.id,
        reason="made at Stripe, not by us",
        refund_id=str(refund.id),
        amount_cents=refund.amount_cents,
    )


def _reserve(work: Work, payment: Payment, refund: Refund) -> None:
    """Take the money out of where it is and into clearing, and count it as gone."""
    amount = Money(refund.amount_cents, refund.currency)
    lines = sources_of(work, payment, amount)
    refund.from_accounts = [[account, part.cents] for account, part in lines]
    payment.refunded_cents += refund.amount_cents
    set_paid_state(work, payment)
    post_decided(work, payment, refund, lines)


def _advance(work: Work, payment: Payment, refund: Refund, found: StripeDict, *, is_news: bool = False) -> str:
    """From Stripe's word to ours: `pending`, `requires_action`, `succeeded`, `failed`, `canceled`."""
    if refund.state is RefundState.FAILED:
        return "nothing to do"
    post_done(work, payment, refund, found)
    if found["status"] in GONE_WRONG:
        _undo(work, payment, refund, reason=_reason(found), found=found)
        return "failed"
    is_news = is_news or refund.state is RefundState.SENDING
    to = RefundState.SUCCEEDED if found["status"] == "succeeded" else RefundState.SENT
    outcome = "nothing to do"
    if refund.state is not to and refund.state is not RefundState.SUCCEEDED:
        _move(work, refund, to)
        outcome = to.value
    work.session.flush()
    if is_news:
        work.emit(
            PaymentRefunded(
                payment_id=payment.id,
                refund_id=refund.id,
                kind=payment.kind,
                reference_type=payment.reference_type,
                reference_id=payment.reference_id,
                user_id=payment.user_id,
                amount=Money(refund.amount_cents, refund.currency),
                concert_id=payment.concert_id,
            )
        )
    return outcome


def _undo(work: Work, payment: Payment, refund: Refund, *, reason: str, found: StripeDict | None = None) -> None:
    """A refund that did not arrive: its money goes back to the accounts it came from."""
    post_back(work, payment, refund, found)
    payment.refunded_cents -= refund.amount_cents
    share_losses(work, payment, cause=f"failed refund {refund.id}")
    work.session.flush()
    set_paid_state(work, payment)
    _fail(work, payment, refund, reason=reason)


def _fail(work: Work, payment: Payment, refund: Refund, *, reason: str) -> None:
    _move(work, refund, RefundState.FAILED)
    refund.failure_reason = reason
    work.session.flush()
    work.audit(
        "payment.refund_failed",
        target_type="payment",
        target_id=payment.id,
        reason=reason,
        refund_id=str(refund.id),
        amount_cents=refund.amount_cents,
    )
    work.emit(
        RefundFailed(
            payment_id=payment.id,
            refund_id=refund.id,
            user_id=payment.user_id,
            amount=Money(refund.amount_cents, refund.currency),
            reason=reason,
        )
    )


def _reason(found: StripeDict) -> str:
    """Why Stripe says that it failed."""
    return str(found.get("failure_reason") or found["status"])


def _locked(work: Work, intent: MoneyIntent) -> tuple[Payment, Refund]:
    """The refund of an intent and its payment, locked in the order of the house."""
    refund = queries.get_refund(work, intent.subject_id)
    if queries.disputes_of(work, refund.payment_id):
        # A refund that fails may change who bears a lost dispute: the pot before the payment.
        lock_pot(work, queries.get_payment(work, refund.payment_id))
    payment = queries.get_payment_for_update(work, refund.payment_id)
    work.session.refresh(refund, with_for_update=True)
    return payment, refund


def _move(work: Work, refund: Refund, to: RefundState) -> None:
    check_move(REFUND_MOVES, entity="refund", now=refund.state, to=to)
    refund.state = to
    refund.updated_at = work.now


def _params(payment: Payment, refund: Refund) -> StripeDict:
    params: StripeDict = {
        "amount": refund.amount_cents,
        "reason": "requested_by_customer",
        "metadata": {"refund_id": str(refund.id), "payment_id": str(payment.id)},
        "expand": ["balance_transaction"],
    }
    if payment.stripe_charge_id is not None:
        params["charge"] = payment.stripe_charge_id
    else:
        params["payment_intent"] = payment.stripe_payment_intent_id
    return params
