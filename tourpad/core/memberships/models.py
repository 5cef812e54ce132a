"""Plans (the one table of prices) and memberships."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.states import MembershipState


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
    stripe_checkout_session_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    grace_until: Mapped[datetime | None]
    """Access until then while `past_due`."""
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """The admin who gave it, where nobody pays."""
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
