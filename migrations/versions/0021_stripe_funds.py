"""What of Stripe's balance our calls may take: several transfers are under way at once, and none takes another's."""

import sqlalchemy as sa
from alembic import op

revision = "0021_stripe_funds"
down_revision = "0020_ledger_snapshots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stripe_funds",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("taken_cents", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_funds")),
        sa.UniqueConstraint("currency", name=op.f("uq_stripe_funds_currency")),
    )


def downgrade() -> None:
    op.drop_table("stripe_funds")
