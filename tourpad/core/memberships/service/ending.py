"""Subscriptions that Stripe is to end at once: planned here, done by the job `subscriptions-end`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.ids import new_id
from tourpad.core.memberships.models import SubscriptionEnding
from tourpad.core.money import Money
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries as payments
from tourpad.core.payments import rules as payment_rules
from tourpad.core.payments.service import plan_refund
from tourpad.core.work import Work


def plan_ending(
    work: Work,
    *,
    subscription_id: str,
    user_id: UUID | None,
    reason: str,
    refund: bool = False,
    void: Money | None = None,
) -> None:
    """Have a subscription ended. From now on nothing that Stripe says of it opens a membership. Safe to repeat.

    One that is ended already is taken up again where there is credit to void, once.

    Args:
        work: the unit of work.
        subscription_id: Stripe's.
        user_id: whose it is.
        reason: why, in words.
        refund: whether what its last invoice took goes back.
        void: how much of the person's credit at Stripe, at most, goes with it; nothing unless given.
    """
    cents = void.cents if void else 0
    row = insert(SubscriptionEnding).values(
        id=new_id(),
        stripe_subscription_id=subscription_id,
        user_id=user_id,
        reason=reason,
        refund=refund,
        void_cents=cents,
        created_at=work.now,
        due_at=work.now,
    )
    again = {"item_state": ItemState.WAITING, "attempts": 0, "lease_until": None, "done_at": None}
    made = work.session.execute(
        row.on_conflict_do_update(
            index_elements=["stripe_subscription_id"],
            set_={"void_cents": cents, "reason": reason, "due_at": work.now, **again},
            where=(SubscriptionEnding.void_cents == 0) & (row.excluded.void_cents > 0),
        ).returning(SubscriptionEnding.id)
    )
    if made.first() is not None:
        work.audit(
            "membership.end_subscription",
            target_type="user",
            target_id=user_id,
            reason=reason,
            subscription=subscription_id,
            refund=refund,
            void_cents=cents,
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
        if left and not payments.is_at_bank(work, payment.id):
            plan_refund(work, payment_id=payment.id, amount=left, reason=reason)
    return None not in found
