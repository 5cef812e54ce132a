"""A payment whose payer has to confirm it with their bank says so."""

import sqlalchemy as sa
from alembic import op

revision = "0044_payers_have_to_act"
down_revision = "0043_price_of_a_member"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that wait just now are found when their payers come back."""
    op.add_column("payments", sa.Column("needs_action", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("payments", "needs_action")
