"""Plans (the one table of prices), memberships, what they were billed, gifts, and subscriptions to end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.states import CheckoutState, GiftState, MembershipState
from tourpad.core.money import Money
from tourpad.core.outbox.models import WorkItem


class MembershipPlan(Base):
    """A price for a role. `tourpad stripe setup` makes Stripe agree with this table."""

    __tablename__ = "membership_plans"
    __table_args__ = (
        CheckConstraint("amount_cents >= 50", name="amount"),
        CheckConstraint("interval IN ('month', 'year')", name="interval"),
        CheckConstraint("trial_days >= 0", name="trial"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    """`artist_yearly`, `fan_yearly`, … also the price's lookup key at Stripe."""
    user_type: Mapped[UserType] = mapped_column(enum_column(UserType, "user_type"))
    name: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    interval: Mapped[str]
    trial_days: Mapped[int] = mapped_column(default=0, server_default="0")
    is_offered: Mapped[bool] = mapped_column(default=True, server_default="true")
    stripe_product_id: Mapped[str | None]
    stripe_price_id: Mapped[str | None]
    updated_at: Mapped[datetime]


class Membership(Base):
    """One person's membership: what Stripe's subscription last said."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    plan_code: Mapped[str] = mapped_column(ForeignKey("membership_plans.code"))
    state: Mapped[MembershipState] = mapped_column(enum_column(MembershipState, "state"), index=True)
    stripe_subscription_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_customer_id: Mapped[str | None]
    """Whose subscription it is at Stripe."""
    amount_cents: Mapped[int | None]
    """What is charged an interval: the price by which the person joined, whatever the plan costs now; empty where
    nobody pays."""
    started_at: Mapped[datetime | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    cancels_at: Mapped[datetime | None]
    """When it ends by the person's own wish; it goes on where this is empty."""
    grace_until: Mapped[datetime | None]
    """Access until then while `past_due`."""
    trial_ends_at: Mapped[datetime | None]
    """Until then nothing is charged; empty without a trial."""
    look: Mapped[int] = mapped_column(default=0, server_default="0")
    """The number of the look at Stripe that it was last brought up to date by; earlier ones change nothing."""
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """The admin who gave it, where nobody pays."""
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def price(self, plan: MembershipPlan) -> Money:
        """What is charged an interval: the person's own price, and the plan's where nobody pays."""
        return Money(plan.amount_cents if self.amount_cents is None else self.amount_cents, plan.currency)


class MembershipInvoice(Base):
    """A paid invoice of a membership, whether by card, by credit, or because nothing was due."""

    __tablename__ = "membership_invoices"

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    """What was charged for it; nothing for a trial, or where credit covered it."""
    stripe_invoice_id: Mapped[str] = mapped_column(unique=True)
    stripe_subscription_id: Mapped[str]
    reason: Mapped[str]
    """Stripe's `billing_reason`: `subscription_create`, `subscription_cycle`, `subscription_update`, …"""
    total_cents: Mapped[int]
    """Of its lines; below zero where a change of plan gave credit."""
    paid_cents: Mapped[int]
    balance_cents: Mapped[int]
    """The person's balance at Stripe after it: credit is below zero."""
    currency: Mapped[str]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]
    made_at: Mapped[datetime]
    paid_at: Mapped[datetime]


class MembershipGift(Base):
    """A membership that somebody pays for another person, who redeems it by a code from a mail."""

    __tablename__ = "membership_gifts"
    __table_args__ = (
        CheckConstraint("amount_cents >= 50", name="amount"),
        CheckConstraint("(state IN ('crediting', 'redeemed')) = (redeemed_by IS NOT NULL)", name="redeemed"),
    )

    giver_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    plan_code: Mapped[str] = mapped_column(ForeignKey("membership_plans.code"))
    amount_cents: Mapped[int]
    """What was asked for it when it was given, and is credited where a paid membership is extended."""
    currency: Mapped[str]
    to_address: Mapped[str]
    to_name: Mapped[str | None]
    message: Mapped[str | None]
    state: Mapped[GiftState] = mapped_column(enum_column(GiftState, "state"), index=True)
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    """Of the code in the mail; the code itself is kept nowhere."""
    paid_at: Mapped[datetime | None]
    redeem_until: Mapped[datetime | None]
    redeemed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    redeemed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MembershipCheckout(Base):
    """A page at Stripe on which one person may begin a membership: stored before Stripe is asked for it."""

    __tablename__ = "membership_checkouts"
    __table_args__ = (
        Index(
            "uq_membership_checkouts_open",
            "user_id",
            unique=True,
            postgresql_where="state IN ('planned', 'open')",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    plan_code: Mapped[str] = mapped_column(ForeignKey("membership_plans.code"))
    state: Mapped[CheckoutState] = mapped_column(enum_column(CheckoutState, "state"))
    params: Mapped[dict[str, Any]]
    """What Stripe is asked with: a lost answer is asked for again with the same."""
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    stripe_session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SubscriptionEnding(WorkItem, Base):
    """A subscription that Stripe is to end at once: expired by an admin, erased, or a second one of the same person.

    From the moment that this row stands, nothing that Stripe says of the subscription opens a membership again.
    """

    __tablename__ = "subscription_endings"

    stripe_subscription_id: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reason: Mapped[str]
    refund: Mapped[bool]
    """Whether what its last invoice took goes back."""
    void_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the person's credit at Stripe so much, at most, came out of a payment that went back, and goes with it."""
    voided_cents: Mapped[int | None] = mapped_column(
        CheckConstraint("voided_cents BETWEEN 0 AND void_cents", name="voided")
    )
    """What Stripe is asked to void: decided and committed before the call, so that each try asks for the same."""
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
