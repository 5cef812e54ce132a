"""Who is let in: stages as they were set, and the group of addresses. With neither, everybody is."""

import sqlalchemy as sa
from alembic import op

revision = "0047_rollout"
down_revision = "0046_credit_that_is_voided"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "rollout_changes",
        sa.Column(
            "stage",
            sa.Enum("admins", "beta", "everyone", name="stage", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout_changes")),
    )
    op.create_table(
        "beta_addresses",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beta_addresses")),
        sa.UniqueConstraint("email", name=op.f("uq_beta_addresses_email")),
    )


def downgrade() -> None:
    """Forget them: everybody is let in."""
    op.drop_table("beta_addresses")
    op.drop_table("rollout_changes")
