"""The ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_ledger"
down_revision = "0003_media_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_journals",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journals")),
        sa.UniqueConstraint("number", name=op.f("uq_ledger_journals_number")),
        sa.UniqueConstraint(
            "source_type",
            "source_id",
            "purpose",
            name=op.f("uq_ledger_journals_source_type_source_id_purpose"),
        ),
    )
    op.create_index(op.f("ix_ledger_journals_concert_id"), "ledger_journals", ["concert_id"], unique=False)
    op.create_index(op.f("ix_ledger_journals_occurred_at"), "ledger_journals", ["occurred_at"], unique=False)
    op.create_index(op.f("ix_ledger_journals_person_id"), "ledger_journals", ["person_id"], unique=False)
    op.create_table(
        "ledger_lines",
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_ledger_lines_currency")),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_ledger_lines_amount")),
        sa.ForeignKeyConstraint(["journal_id"], ["ledger_journals.id"], name=op.f("fk_ledger_lines_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lines")),
    )
    op.create_index("ix_ledger_lines_account", "ledger_lines", ["account", "currency", "journal_id"], unique=False)
    op.create_index(op.f("ix_ledger_lines_journal_id"), "ledger_lines", ["journal_id"], unique=False)


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_table("ledger_lines")
    op.drop_table("ledger_journals")
