"""Conversations: when somebody read, beside how far."""

import sqlalchemy as sa
from alembic import op

revision = "0037_read_at"
down_revision = "0036_invited_on_a_trip"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("conversation_participants", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("conversation_participants", "read_at")
