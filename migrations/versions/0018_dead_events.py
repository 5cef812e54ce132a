"""An index of Stripe's events that were given up, for whoever looks whether there are any."""

import sqlalchemy as sa
from alembic import op

revision = "0018_dead_events"
down_revision = "0017_approvals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_stripe_events_dead",
        "stripe_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("item_state = 'dead'"),
    )


def downgrade() -> None:
    op.drop_index("ix_stripe_events_dead", table_name="stripe_events")
