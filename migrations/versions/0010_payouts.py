"""Payees, settlements, payouts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_payouts"
down_revision = "0009_concerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payees",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_account_id", sa.Text(), nullable=True),
        sa.Column("can_receive", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("requirements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("held_reason", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payees_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
        sa.UniqueConstraint("stripe_account_id", name=op.f("uq_payees_stripe_account_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_payees_user_id")),
    )
    op.create_table(
        "payouts",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("artist", "host", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("earned_cents", sa.BigInteger(), nullable=False),
        sa.Column("carried_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "held",
                "sending",
                "sent",
                "settled",
                "failed",
                "reversed",
                "carried",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "hold_reason",
            sa.Enum(
                "hold_period",
                "dispute",
                "not_receiving",
                "below_minimum",
                "debt",
                "manual",
                "funds_not_available",
                name="hold_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("hold_note", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stripe_transfer_id", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure_message", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carried_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_payouts_amount")),
        sa.ForeignKeyConstraint(["carried_into"], ["payouts.id"], name=op.f("fk_payouts_carried_into")),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_payouts_concert_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payouts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("concert_id", "user_id", "seq", name=op.f("uq_payouts_concert_id_user_id_seq")),
        sa.UniqueConstraint("stripe_transfer_id", name=op.f("uq_payouts_stripe_transfer_id")),
    )
    op.create_index("ix_payouts_state_due", "payouts", ["state", "due_at"], unique=False)
    op.create_index("ix_payouts_user", "payouts", ["user_id"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("door_cents", sa.BigInteger(), nullable=False),
        sa.Column("guarantee_cents", sa.BigInteger(), nullable=False),
        sa.Column("processing_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("platform_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_settlements_concert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("concert_id", name=op.f("uq_settlements_concert_id")),
    )
    op.create_table(
        "payout_adjustments",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_payout_adjustments_amount")),
        sa.ForeignKeyConstraint(["journal_id"], ["ledger_journals.id"], name=op.f("fk_payout_adjustments_journal_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_adjustments_payout_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payout_adjustments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_adjustments")),
        sa.UniqueConstraint("user_id", "journal_id", name=op.f("uq_payout_adjustments_user_id_journal_id")),
    )
    op.create_index(op.f("ix_payout_adjustments_payout_id"), "payout_adjustments", ["payout_id"], unique=False)
    op.create_table(
        "settlement_lines",
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("artist", "host", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "door_share",
                "guarantee",
                "guarantee_returned",
                "processing_fees",
                "platform_fee",
                "carried",
                "refund",
                "dispute",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["settlements.id"],
            name=op.f("fk_settlement_lines_settlement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_settlement_lines_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_lines")),
    )
    op.create_index("ix_settlement_lines_settlement", "settlement_lines", ["settlement_id", "position"], unique=False)


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_table("settlement_lines")
    op.drop_table("payout_adjustments")
    op.drop_table("settlements")
    op.drop_table("payouts")
    op.drop_table("payees")
