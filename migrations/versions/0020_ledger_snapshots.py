"""Balances that do not grow with the ledger: lines are numbered, and snapshots say what stood up to a number."""

import sqlalchemy as sa
from alembic import op

revision = "0020_ledger_snapshots"
down_revision = "0019_membership_gifts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_lines", sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.drop_index("ix_ledger_lines_account", "ledger_lines")
    op.create_index(
        "ix_ledger_lines_account",
        "ledger_lines",
        ["account", "currency", "number"],
        unique=False,
        postgresql_include=["amount_cents"],
    )
    op.create_index("ix_ledger_lines_number", "ledger_lines", ["number"], unique=False, postgresql_using="brin")
    op.create_table(
        "ledger_snapshots",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("up_to > 0", name=op.f("ck_ledger_snapshots_up_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_snapshots")),
        sa.UniqueConstraint("account", "currency", "up_to", name=op.f("uq_ledger_snapshots_account_currency_up_to")),
    )
    op.create_index("ix_ledger_snapshots_up_to", "ledger_snapshots", ["up_to"], unique=False)
    # A line gets its number when it is inserted. Its transaction must have an id by then: a snapshot waits for all
    # transactions older than one that it begins after it has looked at the highest number.
    op.execute("""
        CREATE FUNCTION begin_before_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_current_xact_id();
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER ledger_lines_begin BEFORE INSERT ON ledger_lines
        FOR EACH STATEMENT EXECUTE FUNCTION begin_before_numbers()
    """)
    op.execute("""
        CREATE TRIGGER ledger_snapshots_append_only BEFORE UPDATE OR DELETE ON ledger_snapshots
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("""
        CREATE TRIGGER ledger_snapshots_no_truncate BEFORE TRUNCATE ON ledger_snapshots
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def downgrade() -> None:
    op.drop_table("ledger_snapshots")
    op.execute("DROP TRIGGER ledger_lines_begin ON ledger_lines")
    op.execute("DROP FUNCTION begin_before_numbers()")
    op.drop_index("ix_ledger_lines_number", "ledger_lines")
    op.drop_index("ix_ledger_lines_account", "ledger_lines")
    op.drop_column("ledger_lines", "number")
    op.create_index("ix_ledger_lines_account", "ledger_lines", ["account", "currency", "journal_id"], unique=False)
