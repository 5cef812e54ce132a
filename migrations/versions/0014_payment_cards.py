"""Which card paid: its brand and last digits, for receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0014_payment_cards"
down_revision = "0013_membership_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("card_brand", sa.Text()))
    op.add_column("payments", sa.Column("card_last4", sa.Text()))


def downgrade() -> None:
    op.drop_column("payments", "card_last4")
    op.drop_column("payments", "card_brand")
