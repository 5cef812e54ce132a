"""Stripe's customers as items of work: each waits where Stripe has an older address."""

import sqlalchemy as sa
from alembic import op

revision = "0031_stripe_customers_told"
down_revision = "0030_offers_signed"
branch_labels = None
depends_on = None

STATES = ("waiting", "working", "done", "dead")


def upgrade() -> None:
    """What is there is as Stripe knows it."""
    state = sa.Enum(*STATES, name="item_state", native_enum=False, create_constraint=True, length=40)
    op.add_column("stripe_customers", sa.Column("item_state", state, server_default="done", nullable=False))
    op.alter_column("stripe_customers", "item_state", server_default="waiting")
    op.add_column("stripe_customers", sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("stripe_customers", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE stripe_customers SET due_at = created_at")
    op.alter_column("stripe_customers", "due_at", nullable=False)
    op.add_column("stripe_customers", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stripe_customers", sa.Column("last_error", sa.Text(), nullable=True))
    op.create_index(
        "ix_stripe_customers_due",
        "stripe_customers",
        ["due_at"],
        postgresql_where="item_state IN ('waiting', 'working')",
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_stripe_customers_due", table_name="stripe_customers")
    for name in ("last_error", "lease_until", "due_at", "attempts", "item_state"):
        op.drop_column("stripe_customers", name)
