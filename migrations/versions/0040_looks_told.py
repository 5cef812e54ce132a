"""Hosts: which looks at an address its host was told of by mail. Those of before count as told."""

import sqlalchemy as sa
from alembic import op

revision = "0040_looks_told"
down_revision = "0039_busy_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the way to what is still to be told."""
    op.add_column("address_looks", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE address_looks SET told_at = at")
    op.create_index("ix_address_looks_untold", "address_looks", ["host_id"], postgresql_where="told_at IS NULL")


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_address_looks_untold", "address_looks")
    op.drop_column("address_looks", "told_at")
