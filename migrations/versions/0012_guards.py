"""What the database itself refuses: unbalanced journals, and any change to the ledger or the audit log."""

from alembic import op

revision = "0012_guards"
down_revision = "0011_reviews_messaging"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_journals", "ledger_lines", "audit_log")


def upgrade() -> None:
    """Make the guards."""
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$
    """)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    # Deferred to the commit, so that a journal's lines may be written one after another.
    op.execute("""
        CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            journal uuid;
        BEGIN
            IF TG_TABLE_NAME = 'ledger_journals' THEN
                journal := NEW.id;
                IF NOT EXISTS (SELECT 1 FROM ledger_lines WHERE journal_id = journal) THEN
                    RAISE EXCEPTION 'journal % has no lines', journal USING ERRCODE = 'check_violation';
                END IF;
            ELSE
                journal := NEW.journal_id;
            END IF;
            IF EXISTS (
                SELECT 1 FROM ledger_lines WHERE journal_id = journal GROUP BY currency HAVING sum(amount_cents) <> 0
            ) THEN
                RAISE EXCEPTION 'journal % does not add up to zero', journal USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    for table in ("ledger_journals", "ledger_lines"):
        op.execute(f"""
            CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced()
        """)


def downgrade() -> None:
    """Drop the guards."""
    for table in ("ledger_journals", "ledger_lines"):
        op.execute(f"DROP TRIGGER {table}_balanced ON {table}")
    op.execute("DROP FUNCTION refuse_unbalanced()")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
