"""Mails bring files along: entries of calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_mail_attachments"
down_revision = "0027_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mails of before had none."""
    op.add_column(
        "mails",
        sa.Column("attachments", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("mails", "attachments")
