"""Our side of the comparison: what the books and the tables say, read in one go each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, select

from tourpad.core.audit.models import AuditEntry
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.rules import CLEARING, DISPUTE_FEES, STRIPE_BALANCE, STRIPE_FEES, Source
from tourpad.core.memberships.models import Membership, SubscriptionEnding
from tourpad.core.memberships.rules import LIVE
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments.models import (
    BalanceTransaction,
    Dispute,
    MoneyIntent,
    Payment,
    Refund,
    StripeCustomer,
    StripeEvent,
)
from tourpad.core.payments.states import IntentState, RefundState
from tourpad.core.payouts.models import Payee, Payout, Settlement
from tourpad.core.payouts.states import PayoutState
from tourpad.core.reconcile.rules import InClearing, Member, Moved, Posted
from tourpad.core.values import Value
from tourpad.core.work import Work

CLEAN = "reconcile.clean"
"""The audit log's word for a comparison that found nothing."""


class Sums(Value):
    """One instant's sums in one currency, in cents."""

    currency: str
    ledger: int
    kept: int


def last_clean(work: Work) -> datetime | None:
    """When Stripe and the books last agreed."""
    return work.session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == CLEAN))


def posted(work: Work, since: datetime | None) -> list[Posted]:
    """Every journal that touches Stripe's balance, with the net and the fee that it posts."""

    def sum_of(*accounts: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Line.account.in_(accounts), Line.amount_cents), else_=0)), 0)

    touching = select(Line.journal_id).where(Line.account == STRIPE_BALANCE)
    query = (
        select(
            Journal.number,
            Journal.details["balance_transaction"].as_string(),
            sum_of(STRIPE_BALANCE),
            sum_of(STRIPE_FEES, DISPUTE_FEES),
            Journal.occurred_at,
        )
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.id.in_(touching))
        .group_by(Journal.id)
        .order_by(Journal.number)
    )
    if since is not None:
        query = query.where(Journal.occurred_at >= since)
    return [
        Posted(number=number, entry_id=entry_id, net=int(net), fee=int(fee), occurred_at=at)
        for number, entry_id, net, fee, at in work.session.execute(query)
    ]


def sums(work: Work) -> list[Sums]:
    """The ledger's `stripe_balance` beside the transactions posted in it, by currency, of one instant."""
    books = (
        select(Line.currency.label("currency"), func.sum(Line.amount_cents).label("cents"))
        .where(Line.account == STRIPE_BALANCE)
        .group_by(Line.currency)
        .subquery()
    )
    kept = (
        select(
            BalanceTransaction.currency.label("currency"),
            func.sum(BalanceTransaction.net_cents).label("cents"),
        )
        .where(BalanceTransaction.journal_id.is_not(None))
        .group_by(BalanceTransaction.currency)
        .subquery()
    )
    currency = func.coalesce(books.c.currency, kept.c.currency)
    rows = work.session.execute(
        select(currency, func.coalesce(books.c.cents, 0), func.coalesce(kept.c.cents, 0))
        .select_from(books.join(kept, books.c.currency == kept.c.currency, full=True))
        .order_by(currency)
    )
    return [Sums(name, int(ledger), int(net)) for name, ledger, net in rows]


def kept_before(work: Work, before: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """Of the transactions kept from before an instant: all net cents by currency, and those not posted."""
    rows = work.session.execute(
        select(
            BalanceTransaction.currency,
            func.sum(BalanceTransaction.net_cents),
            func.sum(case((BalanceTransaction.journal_id.is_(None), BalanceTransaction.net_cents), else_=0)),
        )
        .where(BalanceTransaction.stripe_created_at < before)
        .group_by(BalanceTransaction.currency)
    ).all()
    return {c: int(net) for c, net, _ in rows}, {c: int(left) for c, _, left in rows}


def paid_by(work: Work, payment_ids: Collection[UUID]) -> dict[UUID, str | None]:
    """Which of these payments there are, and the charge that each is known to be paid by."""
    rows = work.session.execute(select(Payment.id, Payment.stripe_charge_id).where(Payment.id.in_(payment_ids)))
    return {row[0]: row[1] for row in rows}


def undone(work: Work) -> set[str]:
    """Stripe's ids of what was made by hand there and taken back whole, and of what took it back."""
    name = Journal.details["object"].as_string()
    return {str(found) for found in work.session.scalars(select(name).where(Journal.source_type == Source.UNDONE))}


def known_customers(work: Work, customer_ids: Collection[str]) -> set[str]:
    """Which of these customers of Stripe's are people here."""
    known = StripeCustomer.stripe_customer_id
    return set(work.session.scalars(select(known).where(known.in_(customer_ids))))


def waiting_objects(work: Work, received_after: datetime, *, failed: bool) -> set[str]:
    """Ids of Stripe's objects whose event has just come and is not processed yet.

    Args:
        work: the unit of work.
        received_after: when at the earliest it came.
        failed: those, too, whose processing has failed, and which are tried again.
    """
    ids = work.session.scalars(
        select(StripeEvent.object_id).where(
            StripeEvent.item_state.in_((ItemState.WAITING, ItemState.WORKING)),
            StripeEvent.received_at >= received_after,
            *([] if failed else [StripeEvent.last_error.is_(None)]),
        )
    )
    return {object_id for object_id in ids if object_id}


def under_way(work: Work, call_ids: Collection[UUID]) -> set[UUID]:
    """Which of these calls are being made at this moment: whoever makes one still has its lease."""
    return set(
        work.session.scalars(
            select(MoneyIntent.id).where(
                MoneyIntent.id.in_(call_ids),
                MoneyIntent.state == IntentState.SENDING,
                MoneyIntent.lease_until >= work.now,
            )
        )
    )


def transfers(work: Work) -> tuple[dict[str, Moved], dict[str, datetime]]:
    """Our transfers by Stripe's id, and when each was recorded."""
    payout_of = Journal.details["payout_id"].as_string()
    back = (
        select(payout_of.label("payout"), func.sum(Line.amount_cents).label("cents"))
        .join(Line, Line.journal_id == Journal.id)
        .where(
            Journal.source_type == Source.TRANSFER.value,
            Journal.purpose == "reversed",
            Line.account == STRIPE_BALANCE,
        )
        .group_by(payout_of)
        .subquery()
    )
    rows = work.session.execute(
        select(Payout, func.coalesce(back.c.cents, 0))
        .outerjoin(back, back.c.payout == cast(Payout.id, Text))
        .where(Payout.stripe_transfer_id.is_not(None))
    )
    found: dict[str, Moved] = {}
    at: dict[str, datetime] = {}
    for payout, returned in rows:
        transfer_id = str(payout.stripe_transfer_id)
        name = f"po_{payout.id.hex[-8:]}"
        found[transfer_id] = Moved(
            id=transfer_id,
            amount=payout.amount_cents,
            state="reversed" if payout.state is PayoutState.REVERSED else "made",
            returned=int(returned),
            subject=f"The payout {name}",
            hint=f"tourpad payouts explain {name}",
        )
        at[transfer_id] = payout.sent_at or payout.created_at
    return found, at


REFUND_WORDS = {
    RefundState.PLANNED: "sent",
    RefundState.SENDING: "sent",
    RefundState.SENT: "sent",
    RefundState.SUCCEEDED: "succeeded",
    RefundState.FAILED: "failed",
}


def refunds(work: Work) -> tuple[dict[str, Moved], dict[str, datetime]]:
    """Our refunds by Stripe's id, and when each was made."""
    found: dict[str, Moved] = {}
    at: dict[str, datetime] = {}
    for refund in work.session.scalars(select(Refund).where(Refund.stripe_refund_id.is_not(None))):
        refund_id = str(refund.stripe_refund_id)
        found[refund_id] = Moved(
            id=refund_id,
            amount=refund.amount_cents,
            state=REFUND_WORDS[refund.state],
            subject=f"The refund of {refund.created_at:%d %b %Y}",
        )
        at[refund_id] = refund.created_at
    return found, at


def disputes(work: Work) -> tuple[dict[str, Moved], dict[str, datetime]]:
    """Our disputes by Stripe's id, and when each was opened."""
    found: dict[str, Moved] = {}
    at: dict[str, datetime] = {}
    for dispute in work.session.scalars(select(Dispute)):
        found[dispute.stripe_dispute_id] = Moved(
            id=dispute.stripe_dispute_id,
            amount=dispute.amount_cents,
            state=dispute.state.value,
            subject=f"The dispute of {dispute.opened_at:%d %b %Y}",
        )
        at[dispute.stripe_dispute_id] = dispute.opened_at
    return found, at


def in_clearing(work: Work) -> list[InClearing]:
    """What is in clearing, by the refund or transfer that put it there."""
    rows: Any = work.session.execute(
        select(
            Line.account,
            Journal.source_type,
            Journal.source_id,
            func.sum(Line.amount_cents),
            func.min(Journal.occurred_at),
        )
        .join(Journal, Journal.id == Line.journal_id)
        .where(Line.account.in_(CLEARING))
        .group_by(Line.account, Journal.source_type, Journal.source_id)
        .having(func.sum(Line.amount_cents) != 0)
        .order_by(func.min(Journal.occurred_at))
    )
    return [InClearing(account, kind, source, int(cents), since) for account, kind, source, cents, since in rows]


def members(work: Work) -> list[Member]:
    """Memberships that have a subscription."""
    rows = work.session.scalars(select(Membership).where(Membership.stripe_subscription_id.is_not(None)))
    return [Member(m.id, str(m.stripe_subscription_id), m.state.value, m.state in LIVE) for m in rows]


def endings(work: Work) -> set[str]:
    """Subscriptions that we have decided to end."""
    return set(work.session.scalars(select(SubscriptionEnding.stripe_subscription_id)))


UNPAID = (PayoutState.PLANNED, PayoutState.HELD, PayoutState.SENDING, PayoutState.FAILED)
"""States of payouts that are still to reach somebody."""


def unsettled(work: Work, concert_ids: Sequence[UUID]) -> list[UUID]:
    """Those of some concerts whose money was not divided yet, in their order."""
    done = set(work.session.scalars(select(Settlement.concert_id).where(Settlement.concert_id.in_(concert_ids))))
    return [concert_id for concert_id in concert_ids if concert_id not in done]


def connected_payees(work: Work, *, owed_only: bool = False) -> list[Payee]:
    """Payees with an account, those who were looked at longest ago first; if so asked, only who is still to be paid."""
    query = select(Payee).where(Payee.stripe_account_id.is_not(None)).order_by(Payee.checked_at.nulls_first(), Payee.id)
    if owed_only:
        query = query.where(Payee.user_id.in_(select(Payout.user_id).where(Payout.state.in_(UNPAID))))
    return list(work.session.scalars(query))
