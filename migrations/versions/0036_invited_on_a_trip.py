"""Bookings: the artist's trip that a host's invitation answers."""

import sqlalchemy as sa
from alembic import op

revision = "0036_invited_on_a_trip"
down_revision = "0035_search_role"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a trip that goes leaves its bookings."""
    op.add_column("bookings", sa.Column("trip_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_bookings_trip_id"), "bookings", "trips", ["trip_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    """Take it back."""
    op.drop_constraint(op.f("fk_bookings_trip_id"), "bookings", type_="foreignkey")
    op.drop_column("bookings", "trip_id")
