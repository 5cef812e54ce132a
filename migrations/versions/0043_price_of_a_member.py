"""What a member pays an interval stands with the membership: a plan's price is for whoever joins from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0043_price_of_a_member"
down_revision = "0042_dead_items"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the plan's price for those who pay; what Stripe tells of a subscription next corrects it."""
    op.add_column("memberships", sa.Column("amount_cents", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE memberships SET amount_cents = membership_plans.amount_cents FROM membership_plans"
        " WHERE membership_plans.code = memberships.plan_code AND stripe_subscription_id IS NOT NULL"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("memberships", "amount_cents")
