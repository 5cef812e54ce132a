"""What was brought from another system is known by its id there."""

import sqlalchemy as sa
from alembic import op

revision = "0048_imported_ids"
down_revision = "0047_rollout"
branch_labels = None
depends_on = None

KINDS = ("users", "artists", "hosts", "fans", "media")


def upgrade() -> None:
    """An import can be repeated from now on."""
    op.create_table(
        "imported_ids",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="kind", native_enum=False, length=40), nullable=False),
        sa.Column("foreign_id", sa.Text(), nullable=True),
        sa.Column("foreign_hash", sa.Text(), nullable=False),
        sa.Column("our_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("line_hash", sa.Text(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(k) for k in KINDS)})", name=op.f("ck_imported_ids_kind")),
        sa.CheckConstraint("foreign_id IS NOT NULL OR line_hash IS NULL", name=op.f("ck_imported_ids_erased")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imported_ids_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_ids")),
        sa.UniqueConstraint("foreign_hash", name=op.f("uq_imported_ids_foreign_hash")),
        sa.UniqueConstraint("source", "kind", "our_id", name=op.f("uq_imported_ids_source_kind_our_id")),
    )
    op.create_index("ix_imported_ids_user", "imported_ids", ["user_id"])


def downgrade() -> None:
    """Forget which record was which elsewhere."""
    op.drop_table("imported_ids")
