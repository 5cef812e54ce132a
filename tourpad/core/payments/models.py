"""Tables of charges, refunds, disputes, outgoing calls and Stripe's events. Amounts are integer cents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, Sequence, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.outbox.models import WorkItem
from tourpad.core.payments.states import (
    DisputeState,
    IntentOperation,
    IntentState,
    PaymentKind,
    PaymentState,
    RefundState,
)

LOOKS = Sequence("stripe_looks", metadata=Base.metadata)
"""Numbers looks at objects of Stripe's, each drawn before it is asked: of two answers the later asked one is true."""


class StripeCustomer(WorkItem, Base):
    """A person's customer object at Stripe; as an item of work it waits where Stripe has an older address of theirs."""

    __tablename__ = "stripe_customers"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    stripe_customer_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Payment(Base):
    """What one person owes or has paid for one thing."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("refunded_cents >= 0 AND lost_cents >= 0", name="returned_sign"),
        CheckConstraint("refunded_cents + lost_cents <= amount_cents", name="returned"),
        Index("ix_payments_reference", "reference_type", "reference_id"),
        Index(
            "uq_payments_open_reference",
            "reference_type",
            "reference_id",
            unique=True,
            postgresql_where="state IN ('pending', 'failed') AND reference_type <> 'membership'",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    """Who pays; for a walk-up at the door the host who let them in."""
    payer_name: Mapped[str | None]
    """Of a payer without an account, as the host wrote it down."""
    kind: Mapped[PaymentKind] = mapped_column(enum_column(PaymentKind, "kind"))
    reference_type: Mapped[str]
    """What it is for, opaque here: `booking`, `rsvp`, `membership`."""
    reference_id: Mapped[UUID]
    concert_id: Mapped[UUID | None] = mapped_column(index=True)
    """Whose pot the money waits in (`held:<concert>`); opaque, given by the caller. Null for memberships."""
    amount_cents: Mapped[int]
    currency: Mapped[str]
    refunded_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """Sum of refunds planned or done, so that no two can exceed the whole."""
    lost_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What lost disputes took of it; beyond what was left, the loss is ours and not counted here."""
    fee_cents: Mapped[int | None]
    """Stripe's fee, known when it is posted."""
    state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState, "state"), default=PaymentState.PENDING)
    description: Mapped[str]
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_charge_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_balance_transaction_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_checkout_session_id: Mapped[str | None] = mapped_column(unique=True)
    """Stripe's page on which it is paid, where it is paid by a link."""
    client_secret: Mapped[str | None]
    needs_action: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the payer has to confirm it with their bank (3D Secure) before it goes on."""
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    receipt_number: Mapped[str | None] = mapped_column(unique=True)
    card_brand: Mapped[str | None]
    """Stripe's word for the card that paid (`visa`, `amex`), for the receipt."""
    card_last4: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Refund(Base):
    """Money that goes back for one payment. Carried out by its intent."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_cents: Mapped[int]
    currency: Mapped[str]
    state: Mapped[RefundState] = mapped_column(enum_column(RefundState, "state"), default=RefundState.PLANNED)
    reason: Mapped[str]
    from_accounts: Mapped[list[Any]]
    """`[[account, cents], …]`: where the money was taken from, so that a failed refund can go back there."""
    stripe_refund_id: Mapped[str | None] = mapped_column(unique=True)
    failure_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Dispute(Base):
    """A payer's bank takes money back, perhaps for a while."""

    __tablename__ = "disputes"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    stripe_dispute_id: Mapped[str] = mapped_column(unique=True)
    amount_cents: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    is_inquiry: Mapped[bool] = mapped_column(default=False, server_default="false")
    """The bank only asks: nothing is withdrawn, and a refund still ends it."""
    state: Mapped[DisputeState] = mapped_column(enum_column(DisputeState, "state"))
    submissions: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often evidence was sent to the bank, from here or at Stripe's dashboard."""
    withdrawn_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    fee_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    lost_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What it took of the payment when it was lost (counted in the payment's `lost_cents`)."""
    evidence_due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class MoneyIntent(Base):
    """A call to Stripe that moves money, decided and stored before it is made."""

    __tablename__ = "money_intents"
    __table_args__ = (Index("ix_money_intents_due", "due_at", postgresql_where="state IN ('planned', 'sending')"),)

    operation: Mapped[IntentOperation] = mapped_column(enum_column(IntentOperation, "operation"))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    """The refund, payout or payment that it carries out."""
    state: Mapped[IntentState] = mapped_column(enum_column(IntentState, "state"), default=IntentState.PLANNED)
    params: Mapped[dict[str, Any]]
    params_hash: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=1, server_default="1")
    """Rises only after a definitive refusal: the idempotency key is made of it."""
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    first_sent_at: Mapped[datetime | None]
    """When the current key was first used: keys can be pruned after 24 h."""
    due_at: Mapped[datetime]
    """Not before this instant."""
    lease_until: Mapped[datetime | None]
    """Who is sending it has until then; afterwards another resumes it."""
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """Calls made, whatever they came to."""
    stripe_object_id: Mapped[str | None] = mapped_column(unique=True)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StripeEvent(WorkItem, Base):
    """The inbox: one row an event, stored before Stripe is answered, processed apart."""

    __tablename__ = "stripe_events"

    stripe_event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(index=True)
    object_id: Mapped[str | None]
    endpoint: Mapped[str]
    """`platform` or `connect`."""
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    """When Stripe made it."""
    received_at: Mapped[datetime] = mapped_column(index=True)
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """What processing it came to: `posted`, `nothing to do`, …"""


class BalanceTransaction(Base):
    """Stripe's own line, as fetched: what `reconcile` compares the ledger with."""

    __tablename__ = "stripe_balance_transactions"
    __table_args__ = (UniqueConstraint("stripe_id"),)

    stripe_id: Mapped[str]
    type: Mapped[str]
    source_id: Mapped[str | None] = mapped_column(index=True)
    amount_cents: Mapped[int]
    fee_cents: Mapped[int]
    net_cents: Mapped[int]
    currency: Mapped[str]
    stripe_created_at: Mapped[datetime] = mapped_column(index=True)
    available_on: Mapped[datetime]
    journal_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_journals.id"))
    fetched_at: Mapped[datetime]


class StripeCallSlots(Base):
    """When the latest calls to one endpoint were let through, over all processes: an exact limit a second."""

    __tablename__ = "stripe_call_slots"

    endpoint: Mapped[str] = mapped_column(unique=True)
    slots: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    """Oldest first, in the database's real time: Stripe counts real seconds, whatever our clock says."""


class StripeFunds(Base):
    """What our calls may take from Stripe's available balance in one currency (payments/funds.py)."""

    __tablename__ = "stripe_funds"

    currency: Mapped[str] = mapped_column(unique=True)
    taken_cents: Mapped[int]
    """By every call that was ever begun; only rises."""
    ceiling_cents: Mapped[int]
    """How far `taken_cents` may rise by the last look at Stripe's balance."""
    looked_at: Mapped[datetime | None]
    """When that look began, in the database's real time."""
