"""The audit log's chain of hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0022_audit_chain"
down_revision = "0021_stripe_funds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the chain, and let nobody rewrite it."""
    op.create_table(
        "audit_links",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(hash) = 64 AND length(previous) = 64", name=op.f("ck_audit_links_hashes")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_log.id"], name=op.f("fk_audit_links_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("position", name=op.f("uq_audit_links_position")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_links_entry_id")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_links_hash")),
    )
    op.execute("""
        CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE ON audit_links
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE TRIGGER audit_links_no_truncate BEFORE TRUNCATE ON audit_links
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    """Drop the chain."""
    op.drop_table("audit_links")
