"""Usage that is counted elsewhere: numbers that stand for people, and what waits to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0051_usage"
down_revision = "0050_bookings_of_elsewhere"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables. They stay empty where nothing is counted."""
    op.create_table(
        "usage_pseudonyms",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_usage_pseudonyms_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_pseudonyms")),
        sa.UniqueConstraint("user_id", name=op.f("uq_usage_pseudonyms_user_id")),
    )
    op.create_table(
        "usage_events",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("whose", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "item_state",
            sa.Enum(
                "waiting",
                "working",
                "done",
                "dead",
                name="item_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_events")),
    )
    op.create_index(
        "ix_usage_events_due",
        "usage_events",
        ["due_at"],
        postgresql_where=sa.text("item_state IN ('waiting', 'working')"),
    )
    op.create_index("ix_usage_events_dead", "usage_events", ["due_at"], postgresql_where=sa.text("item_state = 'dead'"))


def downgrade() -> None:
    """Forget them."""
    op.drop_table("usage_events")
    op.drop_table("usage_pseudonyms")
