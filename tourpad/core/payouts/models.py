"""Tables of payees, settlements and payouts. Amounts are integer cents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.bookings.states import Side
from tourpad.core.database.base import Base, enum_column
from tourpad.core.payouts.states import HoldReason, LineKind, PayoutState


class Payee(Base):
    """A person whom we pay, and their connected account."""

    __tablename__ = "payees"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    stripe_account_id: Mapped[str | None] = mapped_column(unique=True)
    can_receive: Mapped[bool] = mapped_column(default=False, server_default="false")
    requirements: Mapped[list[Any]]
    """What Stripe still asks for, in its words."""
    held_reason: Mapped[str | None]
    """An admin's hold on everything that this payee is due."""
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Settlement(Base):
    """How one concert's money was divided. Made once, never changed."""

    __tablename__ = "settlements"

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id"), unique=True)
    door_cents: Mapped[int]
    """Door fees paid and not refunded."""
    guarantee_cents: Mapped[int]
    processing_fee_cents: Mapped[int]
    platform_cents: Mapped[int]
    currency: Mapped[str]
    terms: Mapped[dict[str, Any]]
    """What it was computed from: shares, counts, the accepted offer."""
    created_at: Mapped[datetime]


class SettlementLine(Base):
    """One amount of one side, with its reason. Lines of a side add up to what it earned."""

    __tablename__ = "settlement_lines"
    __table_args__ = (Index("ix_settlement_lines_settlement", "settlement_id", "position"),)

    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlements.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(enum_column(Side, "side"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(enum_column(LineKind, "kind"))
    amount_cents: Mapped[int]
    description: Mapped[str]
    """For the payee's eyes: `30 door fees of $15.00, 2 refunded`."""


class Payout(Base):
    """One transfer to one payee for one concert: the intent first, then what became of it."""

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("concert_id", "user_id", "seq"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        Index("ix_payouts_state_due", "state", "due_at"),
        Index("ix_payouts_user", "user_id"),
        Index("ix_payouts_sent_by_one", "sent_at", postgresql_where=text("approval_id IS NULL")),
    )

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concerts.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    side: Mapped[Side] = mapped_column(enum_column(Side, "side"))
    seq: Mapped[int] = mapped_column(default=1, server_default="1")
    earned_cents: Mapped[int]
    """From this concert alone."""
    carried_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """Taken along from earlier ones: above zero small amounts, below zero debts."""
    amount_cents: Mapped[int]
    """What the transfer pays; fixed when it is claimed."""
    currency: Mapped[str]
    state: Mapped[PayoutState] = mapped_column(enum_column(PayoutState, "state"), default=PayoutState.PLANNED)
    hold_reason: Mapped[HoldReason | None] = mapped_column(enum_column(HoldReason, "hold_reason"))
    hold_note: Mapped[str | None]
    due_at: Mapped[datetime]
    """End of the hold period."""
    stripe_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    carried_into: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"))
    approval_id: Mapped[UUID | None] = mapped_column(ForeignKey("approvals.id"))
    """The two-person consent under which it was claimed last; each is good for one claim."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PayoutAdjustment(Base):
    """One posting on a payee's account that no settlement made, and the payout that took it along.

    A refund or a lost dispute after the settlement (below zero), a transfer that came back (above zero). Each
    is taken along once; what no payout has taken yet is a debt or a credit of the payee.
    """

    __tablename__ = "payout_adjustments"
    __table_args__ = (
        UniqueConstraint("user_id", "journal_id"),
        CheckConstraint("amount_cents <> 0", name="amount"),
    )

    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payouts.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_journals.id"))
    amount_cents: Mapped[int]
    """In the payee's favour above zero."""
    description: Mapped[str]
