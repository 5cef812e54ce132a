"""What payouts do when something happens elsewhere, and whom they tell."""

import logging

from tourpad.core.concerts.events import ConcertCompleted
from tourpad.core.errors import RefusedError
from tourpad.core.identity import queries as people
from tourpad.core.identity.events import ErasureRequested, UserErased
from tourpad.core.money import Money, usd
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.states import Category
from tourpad.core.payments.events import (
    AccountNews,
    DisputeClosed,
    DisputeOpened,
    PayeePayoutNews,
    PaymentRefunded,
    PlatformPayoutNews,
    TransferNews,
)
from tourpad.core.payments.states import DisputeState
from tourpad.core.payouts import queries, service
from tourpad.core.payouts.events import (
    PayeeBankRefused,
    PayoutFailed,
    PayoutHeld,
    PayoutReversed,
    PayoutSent,
    PayoutsWaitForApproval,
    TransferTakenBack,
)
from tourpad.core.payouts.rules import FOR_PAYEES, short
from tourpad.core.payouts.states import HoldReason
from tourpad.core.work import Work

log = logging.getLogger(__name__)

WORTH_TELLING = frozenset({HoldReason.NOT_RECEIVING, HoldReason.DISPUTE, HoldReason.BELOW_MINIMUM})
"""Reasons that a payee is told by mail when they are new."""


def on_concert_completed(work: Work, event: ConcertCompleted) -> None:
    """Divide the money at once where nothing is open; the job `payouts-settle` comes back for the rest."""
    try:
        service.settle(work, concert_id=event.concert_id)
    except RefusedError as refusal:
        log.info("concert %s is not settled yet: %s", event.concert_id, refusal.message)


def on_transfer_news(work: Work, event: TransferNews) -> None:
    """A transfer was confirmed, or taken back."""
    service.take_transfer(work, type=event.type, transfer=event.transfer)


def on_account_news(work: Work, event: AccountNews) -> None:
    """A payee's account changed."""
    payee = service.take_account(work, account=event.account)
    if payee is not None:
        service.look_again(work, user_id=payee.user_id)


def on_payment_refunded(work: Work, event: PaymentRefunded) -> None:
    """What a refund took from payees who had been paid is taken back from their transfers."""
    if event.concert_id is not None:
        service.plan_reversals(work, refund_id=event.refund_id)


def on_dispute(work: Work, event: DisputeOpened | DisputeClosed) -> None:
    """A dispute on a show's charge holds its payouts, or no longer does."""
    if event.concert_id is not None:
        for user_id in queries.payees_of(work, event.concert_id):
            service.look_again(work, user_id=user_id)


def on_payee_payout_news(work: Work, event: PayeePayoutNews) -> None:
    """A payee's own bank refused Stripe's payout, or took a later one."""
    service.take_bank_news(work, type=event.type, account_id=event.stripe_account_id, payout=event.payout)


def on_platform_payout_news(work: Work, event: PlatformPayoutNews) -> None:
    """Our own payout to our bank is on its way, arrived or came back."""
    service.take_platform_payout(work, payout=event.payout)


def tell_sent(work: Work, event: PayoutSent) -> None:
    """Tell a payee that money is on its way."""
    row = queries.described(work, event.payout_id)
    if row is None:
        return
    notifications.tell(
        work,
        user_id=event.user_id,
        template="payout_sent",
        category=Category.PAYMENT,
        dedupe_key=f"payout_sent:{event.payout_id}",
        related=("payout", event.payout_id),
        amount=Money(row.payout.amount_cents, row.payout.currency),
        concert_date=row.concert_date,
        city=row.city,
        payout_id=str(event.payout_id),
    )


def tell_taken_back(work: Work, event: TransferTakenBack) -> None:
    """Tell a payee that a guest of their show was refunded, and what it means for them."""
    row = queries.described(work, event.payout_id)
    if row is None:
        return
    notifications.tell(
        work,
        user_id=event.user_id,
        template="payout_taken_back",
        category=Category.PAYMENT,
        dedupe_key=f"payout_taken_back:{event.intent_id}",
        related=("payout", event.payout_id),
        amount=event.amount,
        concert_date=row.concert_date,
        city=row.city,
        payout_id=str(event.payout_id),
        is_debt=event.is_debt,
    )


def tell_dispute_lost(work: Work, event: DisputeClosed) -> None:
    """Tell the payees of a show that was divided already what a lost dispute takes from them."""
    if event.outcome is not DisputeState.LOST or event.concert_id is None:
        return
    for user_id, amount in service.lost_by(work, dispute_id=event.dispute_id):
        wanted = queries.PayoutFilter(user_id=user_id, concert_id=event.concert_id)
        rows, _ = queries.list_payouts(work, wanted, offset=0, limit=1)
        for row in rows:
            notifications.tell(
                work,
                user_id=user_id,
                template="payout_dispute_lost",
                category=Category.PAYMENT,
                dedupe_key=f"payout_dispute_lost:{event.dispute_id}:{user_id}",
                related=("payout", row.payout.id),
                amount=amount,
                concert_date=row.concert_date,
                city=row.city,
            )


def tell_held(work: Work, event: PayoutHeld) -> None:
    """Tell a payee why money that was due stays, where it is for them to know."""
    row = queries.described(work, event.payout_id)
    if row is None or event.reason not in WORTH_TELLING:
        return
    notifications.tell(
        work,
        user_id=event.user_id,
        template="payout_held",
        category=Category.PAYMENT,
        dedupe_key=f"payout_held:{event.payout_id}:{event.reason}",
        related=("payout", event.payout_id),
        amount=Money(row.payout.earned_cents + row.payout.carried_cents, row.payout.currency),
        concert_date=row.concert_date,
        city=row.city,
        why=FOR_PAYEES[event.reason],
        can_act=event.reason is HoldReason.NOT_RECEIVING,
    )


def tell_bank_refused(work: Work, event: PayeeBankRefused) -> None:
    """Tell a payee to look at the bank account that they gave to Stripe."""
    notifications.tell(
        work,
        user_id=event.user_id,
        template="payout_bank_refused",
        category=Category.PAYMENT,
        dedupe_key=f"payout_bank_refused:{event.payout_id}",
    )


def tell_admins(work: Work, event: PayoutsWaitForApproval) -> None:
    """Tell every admin, once a day, that payouts wait for two of them."""
    for admin in people.admins(work):
        notifications.tell(
            work,
            user_id=admin.id,
            template="payouts_wait_for_approval",
            category=Category.PAYMENT,
            dedupe_key=f"payouts_wait_for_approval:{work.now.date()}",
            count=event.count,
            amount=usd(event.cents),
            limit=usd(work.settings.payout_approval_cents),
        )


def tell_failed(work: Work, event: PayoutFailed | PayoutReversed) -> None:
    """Tell every admin that a transfer was refused for good, or came back: no run sends it again by itself."""
    row = queries.described(work, event.payout_id)
    if row is None:
        return
    for admin in people.admins(work):
        notifications.tell(
            work,
            user_id=admin.id,
            template="payout_failed",
            category=Category.SYSTEM,
            dedupe_key=f"payout_failed:{event.payout_id}:{work.now.isoformat()}",
            related=("payout", event.payout_id),
            amount=Money(row.payout.amount_cents, row.payout.currency),
            payee=row.name,
            concert_date=row.concert_date,
            city=row.city,
            why=row.payout.failure_message or "",
            came_back=isinstance(event, PayoutReversed),
            payout=short(event.payout_id),
        )


def on_erasure_requested(work: Work, event: ErasureRequested) -> None:
    """Not while they are owed something, owe something, or a transfer is under way."""
    service.refuse_erasure(work, user_id=event.user_id)


def on_user_erased(work: Work, event: UserErased) -> None:
    """What was said of the person goes; what they were paid stays on record."""
    service.forget(work, user_id=event.user_id)
