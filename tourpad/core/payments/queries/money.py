"""Payments, refunds, disputes and Stripe's balance transactions: one at a time, mostly under lock."""

from collections.abc import Collection
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import Insert, insert

from tourpad.core.errors import NotFoundError
from tourpad.core.ids import new_id
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments.models import BalanceTransaction, Dispute, Payment, Refund, StripeCustomer
from tourpad.core.payments.rules import OPEN_DISPUTE
from tourpad.core.payments.states import PaymentState
from tourpad.core.work import Work

OPEN = (PaymentState.PENDING, PaymentState.FAILED)
STILL_PAID = (PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED)


def get_payment(work: Work, payment_id: UUID) -> Payment:
    """One payment, as it is.

    Raises:
        NotFoundError: there is none by that id.
    """
    payment = work.session.get(Payment, payment_id)
    if payment is None:
        raise no_payment()
    return payment


def get_payment_for_update(work: Work, payment_id: UUID) -> Payment:
    """One payment, locked. Guards against two events, or an event and a refund, that decide by one state.

    Raises:
        NotFoundError: there is none by that id.
    """
    payment = find_payment_for_update(work, payment_id)
    if payment is None:
        raise no_payment()
    return payment


def find_payment_for_update(work: Work, payment_id: UUID) -> Payment | None:
    """The same, or None."""
    return work.session.get(Payment, payment_id, with_for_update=True, populate_existing=True)


def payment_by_intent_for_update(work: Work, stripe_payment_intent_id: str) -> Payment | None:
    """The payment of one of Stripe's intents, locked as above."""
    return work.session.scalar(_by_intent(), {"intent": stripe_payment_intent_id})


@cache
def _by_intent() -> Select[Payment]:
    """Made once: every event of a payment asks it."""
    return (
        select(Payment)
        .where(Payment.stripe_payment_intent_id == bindparam("intent"))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def payment_id_of_charge(work: Work, charge: Any) -> UUID | None:
    """The payment that a charge (its id, or the expanded object) belongs to."""
    charge_id = charge["id"] if isinstance(charge, dict) else charge
    return work.session.scalar(select(Payment.id).where(Payment.stripe_charge_id == charge_id))


def is_known_intent(work: Work, intent: Any) -> bool:
    """Whether one of our payments has that payment intent."""
    intent_id = intent["id"] if isinstance(intent, dict) else intent
    if not intent_id:
        return False
    found = select(Payment.id).where(Payment.stripe_payment_intent_id == intent_id)
    return work.session.scalar(found) is not None


def standing_payment_for_update(work: Work, reference_type: str, reference_id: UUID) -> Payment | None:
    """The payment that stands for a reference, locked.

    The open one (the database allows one), or one whose money came in and has not all gone back.
    """
    return work.session.scalar(
        select(Payment)
        .where(
            Payment.reference_type == reference_type,
            Payment.reference_id == reference_id,
            Payment.state.in_((*OPEN, *STILL_PAID)),
        )
        .order_by(Payment.state.in_(OPEN).desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def insert_open_payment(work: Work, payment: Payment) -> Payment | None:
    """Insert a payment unless its reference has an open one already (then None). Waits for one being inserted."""
    values = {column.key: getattr(payment, column.key) for column in Payment.__table__.columns}
    return work.session.scalar(
        insert(Payment)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["reference_type", "reference_id"],
            index_where=text("state IN ('pending', 'failed') AND reference_type <> 'membership'"),
        )
        .returning(Payment)
    )


def payments_of(work: Work, *, reference_type: str, reference_ids: Collection[UUID]) -> list[Payment]:
    """Every payment of some references, oldest first."""
    return list(
        work.session.scalars(
            select(Payment)
            .where(Payment.reference_type == reference_type, Payment.reference_id.in_(reference_ids))
            .order_by(Payment.created_at, Payment.id)
        )
    )


def paid_for(work: Work, *, reference_type: str, reference_id: UUID) -> Payment | None:
    """The payment whose money a reference has, where it has not all gone back."""
    return work.session.scalar(
        select(Payment)
        .where(
            Payment.reference_type == reference_type,
            Payment.reference_id == reference_id,
            Payment.state.in_(STILL_PAID),
        )
        .order_by(Payment.completed_at)
        .limit(1)
    )


def get_refund(work: Work, refund_id: UUID) -> Refund:
    """One refund, as it is.

    Raises:
        NotFoundError: there is none by that id.
    """
    refund = work.session.get(Refund, refund_id)
    if refund is None:
        msg = "There is no refund with this id."
        raise NotFoundError(msg)
    return refund


def refund_by_stripe_id(work: Work, stripe_refund_id: str) -> Refund | None:
    """Our refund for one of Stripe's. Lock its payment, then refresh it, before deciding by it."""
    return work.session.scalar(select(Refund).where(Refund.stripe_refund_id == stripe_refund_id))


def refunds_of(work: Work, payment_id: UUID) -> list[Refund]:
    """The refunds of one payment, oldest first."""
    return list(
        work.session.scalars(
            select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at, Refund.id)
        )
    )


def dispute_by_stripe_id(work: Work, stripe_dispute_id: str) -> Dispute | None:
    """Our row for one of Stripe's disputes. Its payment must be locked."""
    return work.session.scalar(
        select(Dispute).where(Dispute.stripe_dispute_id == stripe_dispute_id).execution_options(populate_existing=True)
    )


def get_dispute(work: Work, dispute_id: UUID, *, for_update: bool = False) -> Dispute:
    """One dispute; locked where its answer is decided, so that it is given once.

    Raises:
        NotFoundError: none by that id.
    """
    wanted = select(Dispute).where(Dispute.id == dispute_id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = work.session.scalar(wanted)
    if found is None:
        msg = "No dispute has this id."
        raise NotFoundError(msg)
    return found


def disputes_of(work: Work, payment_id: UUID) -> list[Dispute]:
    """The disputes of one payment, oldest first."""
    return list(
        work.session.scalars(
            select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.opened_at, Dispute.id)
        )
    )


def has_open_dispute(work: Work, payment_id: UUID) -> bool:
    """Whether the payer's bank disputes a payment now, or asks about it."""
    found = select(Dispute.id).where(Dispute.payment_id == payment_id, Dispute.state.in_(OPEN_DISPUTE))
    return work.session.scalar(found.limit(1)) is not None


def is_at_bank(work: Work, payment_id: UUID) -> bool:
    """Whether the payer's bank has a payment's money now, or some of it. One that only asks has taken nothing."""
    found = select(Dispute.id).where(
        Dispute.payment_id == payment_id, Dispute.state.in_(OPEN_DISPUTE), Dispute.is_inquiry.is_(False)
    )
    return work.session.scalar(found.limit(1)) is not None


def open_disputes(work: Work, *, concert_id: UUID) -> list[Dispute]:
    """Open disputes on the charges of one pot, oldest first."""
    return list(
        work.session.scalars(
            select(Dispute)
            .join(Payment, Payment.id == Dispute.payment_id)
            .where(Payment.concert_id == concert_id, Dispute.state.in_(OPEN_DISPUTE))
            .order_by(Dispute.opened_at, Dispute.id)
        )
    )


def customer_of(work: Work, user_id: UUID) -> str | None:
    """A person's customer at Stripe, where one was made."""
    return work.session.scalar(select(StripeCustomer.stripe_customer_id).where(StripeCustomer.user_id == user_id))


def customer_for_update(work: Work, *, user_id: UUID | None = None, id: UUID | None = None) -> StripeCustomer | None:
    """A person's customer (by the person or the row), locked: a change and the record of what was told come in turn."""
    which = StripeCustomer.user_id == user_id if user_id else StripeCustomer.id == id
    return work.session.scalar(
        select(StripeCustomer).where(which).with_for_update().execution_options(populate_existing=True)
    )


def user_of_customer(work: Work, stripe_customer_id: str) -> UUID | None:
    """Whose customer it is."""
    return work.session.scalar(
        select(StripeCustomer.user_id).where(StripeCustomer.stripe_customer_id == stripe_customer_id)
    )


def insert_customer(work: Work, *, user_id: UUID, stripe_customer_id: str) -> str:
    """Remember a person's customer; answers the one that was remembered first."""
    work.session.execute(
        insert(StripeCustomer)
        .values(
            id=new_id(),
            user_id=user_id,
            stripe_customer_id=stripe_customer_id,
            created_at=work.now,
            item_state=ItemState.DONE,
            due_at=work.now,
        )
        # Two at once conflict in the person and in the customer; whichever is noticed first.
        .on_conflict_do_nothing()
    )
    return customer_of(work, user_id) or stripe_customer_id


def _keep() -> Insert:
    """Made once, and of the table: an insert of the model, made anew for each line, costs nine times the CPU."""
    table = BalanceTransaction.__table__
    statement = insert(cast("Table", table))
    return statement.on_conflict_do_update(
        index_elements=["stripe_id"],
        set_={
            "available_on": statement.excluded.available_on,
            "journal_id": func.coalesce(statement.excluded.journal_id, table.c.journal_id),
        },
    )


_KEEP = _keep()


def upsert_balance_transaction(work: Work, **values: Any) -> None:
    """Keep one of Stripe's lines; what is known of its journal stays known."""
    work.session.execute(_KEEP, {"id": new_id(), **values})


def kept_sums(work: Work, source_id: str) -> tuple[int, int]:
    """Amounts and fees, in cents, of everything that is kept of one source."""
    row = work.session.execute(
        select(
            func.coalesce(func.sum(BalanceTransaction.amount_cents), 0),
            func.coalesce(func.sum(BalanceTransaction.fee_cents), 0),
        ).where(BalanceTransaction.source_id == source_id)
    ).one()
    return int(row[0]), int(row[1])


def no_payment() -> NotFoundError:
    """What whoever may not know of a payment hears as well."""
    return NotFoundError("There is no payment with this id.", hint="tourpad payments list shows them.")
