"""Credit that goes with the payment behind it: how much is to be voided, and how much Stripe is asked to void."""

import sqlalchemy as sa
from alembic import op

revision = "0046_credit_that_is_voided"
down_revision = "0045_shows_by_standing"
branch_labels = None
depends_on = None

TABLE = "subscription_endings"


def upgrade() -> None:
    """What was planned before voids nothing."""
    op.add_column(TABLE, sa.Column("void_cents", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("voided_cents", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_subscription_endings_voided"), TABLE, "voided_cents BETWEEN 0 AND void_cents")


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint(op.f("ck_subscription_endings_voided"), TABLE)
    op.drop_column(TABLE, "voided_cents")
    op.drop_column(TABLE, "void_cents")
