"""Free words about a person can go with them: in the audit log without breaking its chain, and in requests.

The chain holds a digest of an entry's words. Entries that are there already were hashed with their words and keep them.
The picture in `users` goes, too: nobody read it, pictures are uploads.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041_words_go"
down_revision = "0040_looks_told"
branch_labels = None
depends_on = None

REQUEST = """
CREATE OR REPLACE FUNCTION refuse_changed_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
        (NEW.kind, NEW.subject_id, NEW.params, NEW.params_hash, NEW.amount_cents, NEW.currency, NEW.summary,
         {new}, NEW.asked_by_id, NEW.asked_by, NEW.asked_at, NEW.expires_at)
        IS DISTINCT FROM
        (OLD.kind, OLD.subject_id, OLD.params, OLD.params_hash, OLD.amount_cents, OLD.currency, OLD.summary,
         OLD.reason, OLD.asked_by_id, OLD.asked_by, OLD.asked_at, OLD.expires_at)
    THEN
        RAISE EXCEPTION 'what was asked for stays as it was asked: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Let words go, for an erasure and for nothing else."""
    op.add_column("audit_log", sa.Column("reason_salt", sa.Text(), nullable=True))
    op.add_column("audit_log", sa.Column("reason_digest", sa.Text(), nullable=True))
    op.add_column("audit_log", sa.Column("erased_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_audit_log_erased_by"), "audit_log", "audit_log", ["erased_by"], ["id"])
    op.create_check_constraint(
        op.f("ck_audit_log_sealed"),
        "audit_log",
        "reason_digest IS NULL OR (reason IS NULL) = (reason_salt IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_audit_log_erased"),
        "audit_log",
        "(erased_by IS NOT NULL) = (reason_digest IS NOT NULL AND reason IS NULL)",
    )
    op.execute("""
        CREATE FUNCTION refuse_rewritten_log() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            free text[] := ARRAY['reason', 'reason_salt', 'erased_by'];
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.reason_digest IS NOT NULL AND OLD.erased_by IS NULL AND NEW.reason IS NULL
                AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
                AND EXISTS (SELECT FROM audit_log WHERE id = NEW.erased_by AND action = 'user.erase')
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("DROP TRIGGER audit_log_append_only ON audit_log")
    op.execute("""
        CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_rewritten_log()
    """)
    op.execute(REQUEST.format(new="CASE NEW.reason WHEN 'erased' THEN OLD.reason ELSE NEW.reason END"))
    op.drop_column("users", "profile_image_url")


def downgrade() -> None:
    """Take it back. The chain no longer verifies over entries that were written meanwhile."""
    op.add_column("users", sa.Column("profile_image_url", sa.Text(), nullable=True))
    op.execute("GRANT SELECT (profile_image_url) ON users TO tourpad_search")
    op.execute(REQUEST.format(new="NEW.reason"))
    op.execute("DROP TRIGGER audit_log_append_only ON audit_log")
    op.execute("""
        CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """)
    op.execute("DROP FUNCTION refuse_rewritten_log()")
    op.drop_constraint(op.f("ck_audit_log_erased"), "audit_log", type_="check")
    op.drop_constraint(op.f("ck_audit_log_sealed"), "audit_log", type_="check")
    op.drop_constraint(op.f("fk_audit_log_erased_by"), "audit_log", type_="foreignkey")
    for column in ("erased_by", "reason_digest", "reason_salt"):
        op.drop_column("audit_log", column)
