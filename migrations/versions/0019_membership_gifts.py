"""What memberships were billed for, gifts of them, trials, and which look at Stripe was the latest."""

import sqlalchemy as sa
from alembic import op

revision = "0019_membership_gifts"
down_revision = "0018_dead_events"
branch_labels = None
depends_on = None

OPEN = "uq_payments_open_reference"


def upgrade() -> None:
    """Make the tables; let a gift have one open payment, as bookings and seats have."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("stripe_looks")))
    op.add_column("memberships", sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("memberships", sa.Column("look", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "membership_invoices",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("stripe_invoice_id", sa.Text(), nullable=False),
        sa.Column("stripe_subscription_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_membership_invoices_membership_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_membership_invoices_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_invoices")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_membership_invoices_payment_id")),
        sa.UniqueConstraint("stripe_invoice_id", name=op.f("uq_membership_invoices_stripe_invoice_id")),
    )
    op.create_index(
        op.f("ix_membership_invoices_membership_id"), "membership_invoices", ["membership_id"], unique=False
    )
    op.create_table(
        "membership_gifts",
        sa.Column("giver_user_id", sa.Uuid(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "paid",
                "crediting",
                "redeemed",
                "lapsed",
                "refunded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeem_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_by", sa.Uuid(), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents >= 50", name=op.f("ck_membership_gifts_amount")),
        sa.CheckConstraint(
            "(state IN ('crediting', 'redeemed')) = (redeemed_by IS NOT NULL)",
            name=op.f("ck_membership_gifts_redeemed"),
        ),
        sa.ForeignKeyConstraint(["giver_user_id"], ["users.id"], name=op.f("fk_membership_gifts_giver_user_id")),
        sa.ForeignKeyConstraint(["plan_code"], ["membership_plans.code"], name=op.f("fk_membership_gifts_plan_code")),
        sa.ForeignKeyConstraint(["redeemed_by"], ["users.id"], name=op.f("fk_membership_gifts_redeemed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_gifts")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_membership_gifts_code_hash")),
    )
    op.create_index(op.f("ix_membership_gifts_giver_user_id"), "membership_gifts", ["giver_user_id"], unique=False)
    op.create_index(op.f("ix_membership_gifts_state"), "membership_gifts", ["state"], unique=False)
    _one_open_payment("reference_type <> 'membership'")


def downgrade() -> None:
    """Take it back; a payment for a gift stays as it is."""
    _one_open_payment("kind <> 'membership'")
    op.drop_table("membership_gifts")
    op.drop_table("membership_invoices")
    op.drop_column("memberships", "look")
    op.drop_column("memberships", "trial_ends_at")
    op.execute(sa.schema.DropSequence(sa.Sequence("stripe_looks")))


def _one_open_payment(but: str) -> None:
    op.drop_index(OPEN, "payments")
    op.create_index(
        OPEN,
        "payments",
        ["reference_type", "reference_id"],
        unique=True,
        postgresql_where=sa.text(f"state IN ('pending', 'failed') AND {but}"),
    )
