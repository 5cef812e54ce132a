"""Evidence for disputes, and the calls that send it or give a dispute up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_dispute_evidence"
down_revision = "0015_policies_and_doors"
branch_labels = None
depends_on = None

NEW = ("dispute_evidence", "dispute_close")
OLD = ("transfer", "transfer_reversal", "refund", "charge")


def upgrade() -> None:
    op.create_table(
        "dispute_evidence",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_dispute_evidence_version")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_evidence_dispute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_evidence")),
        sa.UniqueConstraint("dispute_id", "version", name=op.f("uq_dispute_evidence_dispute_id_version")),
    )
    op.add_column("disputes", sa.Column("is_inquiry", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("disputes", sa.Column("submissions", sa.BigInteger(), server_default="0", nullable=False))
    _allow(*OLD, *NEW)


def downgrade() -> None:
    op.execute("DELETE FROM money_intents WHERE operation IN ('dispute_evidence', 'dispute_close')")
    _allow(*OLD)
    op.drop_column("disputes", "submissions")
    op.drop_column("disputes", "is_inquiry")
    op.drop_table("dispute_evidence")


def _allow(*operations: str) -> None:
    op.drop_constraint(op.f("ck_money_intents_operation"), "money_intents", type_="check")
    listed = ", ".join(f"'{operation}'" for operation in operations)
    op.create_check_constraint(op.f("ck_money_intents_operation"), "money_intents", f"operation IN ({listed})")
