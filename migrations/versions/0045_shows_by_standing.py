"""The order by rating has an index: what an artist's stars come to stands in the table that every list reads."""

import sqlalchemy as sa
from alembic import op

revision = "0045_shows_by_standing"
down_revision = "0044_payers_have_to_act"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take it over from the table of facts, which alone could not be read in that order."""
    _move("concert_facts", "concert_search")
    op.create_index(
        "ix_concert_search_standing",
        "concert_search",
        [sa.text("(- standing)"), "date", "start_time", "id"],
        unique=False,
    )


def downgrade() -> None:
    """Put it back among the facts."""
    op.drop_index("ix_concert_search_standing", table_name="concert_search")
    _move("concert_search", "concert_facts")


def _move(before: str, now: str) -> None:
    op.add_column(now, sa.Column("standing", sa.Float(), nullable=True))
    op.execute(f"UPDATE {now} SET standing = b.standing FROM {before} b WHERE b.id = {now}.id")  # noqa: S608 - our tables
    op.alter_column(now, "standing", nullable=False)
    op.drop_column(before, "standing")
