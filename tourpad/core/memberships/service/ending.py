"""Subscriptions that Stripe is to end at once: planned here, done by the job `subscriptions-end`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.ids import new_id
from tourpad.core.memberships.models import SubscriptionEnding
from tourpad.core.payments import queries as payments
from tourpad.core.payments import rules as payment_rules
from tourpad.core.payments.service import plan_refund
from tourpad.core.payments.states import PaymentState
from tourpad.core.work import Work


def plan_ending(work: Work, *, subscription_id: str, user_id: UUID | None, reason: str, refund: bool = False) -> None:
    """Have a subscription ended. From now on nothing that Stripe says of it opens a membership. Safe to repeat.

    Args:
        work: the unit of work.
        subscription_id: Stripe's.
        user_id: whose it is.
        reason: why, in words.
        refund: whether what its last invoice took goes back.
    """
    made = work.session.execute(
        insert(SubscriptionEnding)
        .values(
            id=new_id(),
            stripe_subscription_id=subscription_id,
            user_id=user_id,
            reason=reason,
            refund=refund,
            created_at=work.now,
            due_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["stripe_subscription_id"])
        .returning(SubscriptionEnding.id)
    )
    if made.first() is not None:
        work.audit(
            "membership.end_subscription",
            target_type="user",
            target_id=user_id,
            reason=reason,
            subscription=subscription_id,
            refund=refund,
        )


def give_back(work: Work, *, payment_intent_ids: Sequence[str], reason: str) -> bool:
    """Refund what is left of the payments that these intents made. Answers False where one is not recorded yet.

    What the payer's bank is taking back already is left to the bank.
    """
    found = [payments.payment_by_intent_for_update(work, intent) for intent in payment_intent_ids]
    for payment in found:
        if payment is None or payment.state in payment_rules.UNPAID:
            continue
        left = payment_rules.left_of(payment)
        if left and payment.state is not PaymentState.DISPUTED:
            plan_refund(work, payment_id=payment.id, amount=left, reason=reason)
    return None not in found
