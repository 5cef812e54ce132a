"""Who is told of money: payers of what failed and what goes back, admins of what a person must look at."""

from typing import Any

from tourpad.core.identity.events import AddressChanged, ErasureRequested, UserErased
from tourpad.core.money import Money
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments import queries, service
from tourpad.core.payments.declines import for_payer
from tourpad.core.payments.events import (
    DisputeClosed,
    DisputeOpened,
    PaymentFailed,
    PaymentRefunded,
    RefundFailed,
    StripeEventDead,
)
from tourpad.core.payments.models import Payment
from tourpad.core.work import Work

NO_REASON = "Your bank gave no reason."


def on_address_changed(work: Work, event: AddressChanged) -> None:
    """Stripe writes to the payer, too: receipts, and what a bank wants to know."""
    service.customer_changed(work, user_id=event.user_id)


def on_payment_failed(work: Work, event: PaymentFailed) -> None:
    """Tell the payer, once for each time that the payment failed."""
    payment = queries.get_payment(work, event.payment_id)
    _tell_payer(
        work,
        payment,
        "payment_failed",
        f"{payment.id}:{payment.updated_at:%Y%m%dT%H%M%S}",
        amount=Money(payment.amount_cents, payment.currency),
        message=for_payer(event.code, event.message).message or NO_REASON,
    )


def on_payment_refunded(work: Work, event: PaymentRefunded) -> None:
    """Tell the payer that money is on its way back, and why."""
    _tell_payer(
        work,
        queries.get_payment(work, event.payment_id),
        "payment_refunded",
        str(event.refund_id),
        amount=event.amount,
        reason=queries.get_refund(work, event.refund_id).reason,
    )


def _tell_payer(work: Work, payment: Payment, template: str, key: str, **context: Any) -> None:
    if payment.payer_name is not None:
        return  # a walk-up: their card and Stripe's page show it, and we know no address
    tell(
        work,
        user_id=payment.user_id,
        template=template,
        category=Category.PAYMENT,
        dedupe_key=f"{template}:{key}",
        related=("payment", payment.id),
        description=payment.description,
        **context,
    )


def on_refund_failed(work: Work, event: RefundFailed) -> None:
    """Tell the admins: the payer waits for money that did not arrive."""
    payment = queries.get_payment(work, event.payment_id)
    _tell_admins(
        work,
        "refund_failed",
        dedupe_key=f"refund_failed:{event.refund_id}",
        related=("payment", payment.id),
        amount=event.amount,
        payer=queries.payer_of(work, payment).payer_name,
        description=payment.description,
        reason=event.reason or "no reason given.",
        payment_id=payment.id,
    )


def on_dispute_opened(work: Work, event: DisputeOpened) -> None:
    """Tell the admins: there is a day until which to answer."""
    dispute = queries.get_dispute(work, event.dispute_id)
    _tell_of_dispute(
        work,
        event,
        "dispute_opened",
        f"{dispute.id}{':inquiry' if dispute.is_inquiry else ''}",
        reason=dispute.reason,
        answer_by=dispute.evidence_due_at,
        is_inquiry=dispute.is_inquiry,
    )


def on_dispute_closed(work: Work, event: DisputeClosed) -> None:
    """Tell the admins what the bank has decided."""
    outcome = event.outcome
    _tell_of_dispute(work, event, "dispute_closed", f"{event.dispute_id}:{outcome}", outcome=outcome.value)


def _tell_of_dispute(work: Work, event: DisputeOpened | DisputeClosed, template: str, key: str, **context: Any) -> None:
    row = queries.dispute_row(work, event.dispute_id)
    _tell_admins(
        work,
        template,
        dedupe_key=f"{template}:{key}",
        related=("dispute", event.dispute_id),
        amount=event.amount,
        payer=row.payer_name,
        description=row.payment.description,
        dispute_id=event.dispute_id,
        **context,
    )


def on_stripe_event_dead(work: Work, event: StripeEventDead) -> None:
    """Tell the admins, once for each event: until they have looked, the books lack what it tells."""
    _tell_admins(
        work,
        "stripe_event_dead",
        dedupe_key=f"stripe_event_dead:{event.event_id}",
        related=("stripe_event", event.event_id),
        event=event.stripe_event_id,
        type=event.type,
        object_id=event.object_id,
        attempts=event.attempts,
        error=event.error,
    )


def _tell_admins(work: Work, template: str, **context: Any) -> None:
    for user_id in queries.admins(work):
        tell(work, user_id=user_id, template=template, category=Category.SYSTEM, **context)


def on_erasure_requested(work: Work, event: ErasureRequested) -> None:
    """Not while money is on its way or disputed."""
    service.refuse_erasure(work, user_id=event.user_id)


def on_user_erased(work: Work, event: UserErased) -> None:
    """The money stays on record, nameless, at Stripe, too."""
    service.forget(work, user_id=event.user_id)
    service.customer_changed(work, user_id=event.user_id)
