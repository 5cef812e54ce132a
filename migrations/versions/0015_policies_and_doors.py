"""Cancellation policies, pay what you can, walk-ups at the door, and payments by a link."""

import sqlalchemy as sa
from alembic import op

revision = "0015_policies_and_doors"
down_revision = "0014_payment_cards"
branch_labels = None
depends_on = None

POLICIES = "'flexible', 'moderate', 'strict'"
MODES = "'fixed', 'pay_what_you_can'"


def upgrade() -> None:
    for table in ("bookings", "offers", "concerts"):
        _words(table, "door_mode", MODES, "fixed")
        for column in ("door_minimum_cents", "door_suggested_cents"):
            op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
    for table in ("bookings", "offers"):
        _words(table, "fee_policy", POLICIES, "moderate")
    for table in ("bookings", "offers", "concerts", "rsvps"):
        _words(table, "door_policy", POLICIES, "moderate")
    op.create_check_constraint(
        op.f("ck_bookings_door_amounts"), "bookings", "door_minimum_cents >= 0 AND door_suggested_cents >= 0"
    )
    op.create_check_constraint(
        op.f("ck_concerts_door_minimum"), "concerts", "door_minimum_cents = 0 OR door_minimum_cents >= 50"
    )
    _cancelled_by("'artist', 'host', 'fan', 'admin', 'system'")
    op.add_column("rsvps", sa.Column("guest_name", sa.Text(), nullable=True))
    op.alter_column("rsvps", "fan_id", nullable=True)
    op.create_check_constraint(op.f("ck_rsvps_who"), "rsvps", "(fan_id IS NULL) = (guest_name IS NOT NULL)")
    op.add_column("payments", sa.Column("payer_name", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("stripe_checkout_session_id", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_payments_stripe_checkout_session_id"), "payments", ["stripe_checkout_session_id"]
    )


def downgrade() -> None:
    op.drop_column("payments", "stripe_checkout_session_id")
    op.drop_column("payments", "payer_name")
    # An older version knows fans only.
    op.execute("DELETE FROM rsvps WHERE fan_id IS NULL")
    op.drop_constraint(op.f("ck_rsvps_who"), "rsvps", type_="check")
    op.alter_column("rsvps", "fan_id", nullable=False)
    op.drop_column("rsvps", "guest_name")
    _cancelled_by("'artist', 'host', 'admin', 'system'")
    for table in ("bookings", "offers", "concerts", "rsvps"):
        op.drop_column(table, "door_policy")
    for table in ("bookings", "offers"):
        op.drop_column(table, "fee_policy")
    for table in ("bookings", "offers", "concerts"):
        for column in ("door_suggested_cents", "door_minimum_cents", "door_mode"):
            op.drop_column(table, column)


def _words(table: str, column: str, words: str, default: str) -> None:
    op.add_column(table, sa.Column(column, sa.String(40), nullable=False, server_default=default))
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({words})")


def _cancelled_by(words: str) -> None:
    op.drop_constraint(op.f("ck_bookings_cancelled_by"), "bookings", type_="check")
    op.create_check_constraint(op.f("ck_bookings_cancelled_by"), "bookings", f"cancelled_by IN ({words})")
