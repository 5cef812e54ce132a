"""Bookings that were played and paid in another system say so: nothing is owed for them here."""

import sqlalchemy as sa
from alembic import op

revision = "0050_bookings_of_elsewhere"
down_revision = "0049_banks_that_ask"
branch_labels = None
depends_on = None

PEOPLE = ("users", "artists", "hosts", "fans", "media")
PAST = ("bookings", "concerts", "reviews")


def upgrade() -> None:
    """And what was brought may be a booking, a show or a review."""
    op.add_column("bookings", sa.Column("brought_from", sa.Text(), nullable=True))
    _kinds(*PEOPLE, *PAST)


def downgrade() -> None:
    """Forget it, and which booking was which elsewhere."""
    op.execute(f"DELETE FROM imported_ids WHERE kind IN ({_listed(PAST)})")  # noqa: S608 - our own words
    _kinds(*PEOPLE)
    op.drop_column("bookings", "brought_from")


def _kinds(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_imported_ids_kind"), "imported_ids", type_="check")
    op.create_check_constraint(op.f("ck_imported_ids_kind"), "imported_ids", f"kind IN ({_listed(kinds)})")


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(repr(kind) for kind in kinds)
