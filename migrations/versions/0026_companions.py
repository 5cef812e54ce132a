"""Fans name those whom they bring, where the host asks for it; how large a party may be."""

import sqlalchemy as sa
from alembic import op

revision = "0026_companions"
down_revision = "0025_doors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked for names so far."""
    op.add_column("concerts", sa.Column("max_party", sa.BigInteger(), server_default="20", nullable=False))
    op.add_column("concerts", sa.Column("asks_names", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(op.f("ck_concerts_max_party"), "concerts", "max_party BETWEEN 1 AND 20")
    op.add_column("rsvps", sa.Column("companions", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_check_constraint(op.f("ck_rsvps_companions"), "rsvps", "cardinality(companions) < guests_count")


def downgrade() -> None:
    """Drop them."""
    op.drop_constraint(op.f("ck_rsvps_companions"), "rsvps")
    op.drop_column("rsvps", "companions")
    op.drop_constraint(op.f("ck_concerts_max_party"), "concerts")
    op.drop_column("concerts", "asks_names")
    op.drop_column("concerts", "max_party")
