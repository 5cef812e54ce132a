"""What needs two admins: requests, and the payouts that leave under one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017_approvals"
down_revision = "0016_dispute_evidence"
branch_labels = None
depends_on = None

REASONS = "'hold_period', 'dispute', 'not_receiving', 'below_minimum', 'debt', 'manual', 'funds_not_available'"
KINDS = (
    "'door_share', 'guarantee', 'guarantee_returned', 'processing_fees', 'platform_fee', 'carried', 'refund', 'dispute'"
)


def upgrade() -> None:
    """Make the table and its guards; let payouts refer to it."""
    op.create_table(
        "approvals",
        sa.Column(
            "kind",
            sa.Enum("payouts", "write_off", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("params_hash", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "used",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'used') = (used_at IS NOT NULL)", name=op.f("ck_approvals_used")),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'used') OR decided_by_id IS NOT NULL", name=op.f("ck_approvals_approved_by")
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_approvals_decided")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_approvals_amount")),
        sa.CheckConstraint("decided_at <= expires_at AND used_at <= expires_at", name=op.f("ck_approvals_in_time")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_approvals_two_people")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_approvals_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_approvals_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_asked", "approvals", ["asked_at"], unique=False)
    op.create_index(op.f("ix_approvals_subject_id"), "approvals", ["subject_id"], unique=False)
    op.create_index(
        "uq_approvals_live",
        "approvals",
        ["kind", "params_hash"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'approved')"),
    )
    # What was asked for, by whom and until when never changes: what is approved is what was read.
    op.execute("""
        CREATE FUNCTION refuse_changed_request() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR
                (NEW.kind, NEW.subject_id, NEW.params, NEW.params_hash, NEW.amount_cents, NEW.currency, NEW.summary,
                 NEW.reason, NEW.asked_by_id, NEW.asked_by, NEW.asked_at, NEW.expires_at)
                IS DISTINCT FROM
                (OLD.kind, OLD.subject_id, OLD.params, OLD.params_hash, OLD.amount_cents, OLD.currency, OLD.summary,
                 OLD.reason, OLD.asked_by_id, OLD.asked_by, OLD.asked_at, OLD.expires_at)
            THEN
                RAISE EXCEPTION 'what was asked for stays as it was asked: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER approvals_asked_stays BEFORE UPDATE OR DELETE ON approvals
        FOR EACH ROW EXECUTE FUNCTION refuse_changed_request()
    """)
    op.add_column("payouts", sa.Column("approval_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_payouts_approval_id"), "payouts", "approvals", ["approval_id"], ["id"])
    op.create_index(
        "ix_payouts_sent_by_one", "payouts", ["sent_at"], unique=False, postgresql_where=sa.text("approval_id IS NULL")
    )
    _words("payouts", "hold_reason", REASONS + ", 'approval'")
    _words("settlement_lines", "kind", KINDS + ", 'write_off'")


def downgrade() -> None:
    """Take it back. Payouts that wait for a second admin are planned again."""
    op.execute(
        "UPDATE payouts SET hold_reason = NULL, hold_note = NULL, state = 'planned' WHERE hold_reason = 'approval'"
    )
    _words("settlement_lines", "kind", KINDS)
    _words("payouts", "hold_reason", REASONS)
    op.drop_index("ix_payouts_sent_by_one", "payouts")
    op.drop_constraint(op.f("fk_payouts_approval_id"), "payouts", type_="foreignkey")
    op.drop_column("payouts", "approval_id")
    op.drop_table("approvals")
    op.execute("DROP FUNCTION refuse_changed_request()")


def _words(table: str, column: str, words: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({words})")
