"""Bookings, offers, availability."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_bookings"
down_revision = "0007_applications_memberships"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "availability_days",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("open", "blocked", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_availability_days_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_days")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_availability_days_user_id_day")),
    )
    op.create_table(
        "bookings",
        sa.Column("artist_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "countered",
                "approved",
                "confirmed",
                "completed",
                "rejected",
                "expired",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "turn",
            sa.Enum("artist", "host", name="turn", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("offer_number", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("requested_date", sa.Date(), nullable=False),
        sa.Column("requested_time", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("estimated_duration", sa.BigInteger(), nullable=False),
        sa.Column("expected_attendance", sa.BigInteger(), nullable=False),
        sa.Column("artist_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("door_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("artist_door_bps", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("artist_message", sa.Text(), nullable=True),
        sa.Column("host_response", sa.Text(), nullable=True),
        sa.Column("lodging_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lodging_details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cancelled_by",
            sa.Enum(
                "artist",
                "host",
                "admin",
                "system",
                name="cancelled_by",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("artist_fee_cents >= 0", name=op.f("ck_bookings_artist_fee")),
        sa.CheckConstraint("door_fee_cents >= 0", name=op.f("ck_bookings_door_fee")),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_bookings_artist_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_bookings_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("concert_id", name=op.f("uq_bookings_concert_id")),
    )
    op.create_index("ix_bookings_artist", "bookings", ["artist_id", "state", "requested_date"], unique=False)
    op.create_index(
        "ix_bookings_due",
        "bookings",
        ["respond_by"],
        unique=False,
        postgresql_where="state IN ('pending', 'countered', 'approved')",
    )
    op.create_index("ix_bookings_host", "bookings", ["host_id", "state", "requested_date"], unique=False)
    op.create_index(
        "uq_bookings_artist_date",
        "bookings",
        ["artist_id", "requested_date"],
        unique=True,
        postgresql_where="state IN ('confirmed', 'completed')",
    )
    op.create_index(
        "uq_bookings_host_date",
        "bookings",
        ["host_id", "requested_date"],
        unique=True,
        postgresql_where="state IN ('confirmed', 'completed')",
    )
    op.create_index(
        "uq_bookings_open",
        "bookings",
        ["artist_id", "host_id", "requested_date"],
        unique=True,
        postgresql_where="state IN ('pending', 'countered', 'approved')",
    )
    op.create_table(
        "offers",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_by",
            sa.Enum("artist", "host", name="made_by", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("time", sa.Time(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("artist_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("door_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("artist_door_bps", sa.BigInteger(), nullable=False),
        sa.Column("lodging", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_offers_booking_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("booking_id", "number", name=op.f("uq_offers_booking_id_number")),
    )


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_table("offers")
    op.drop_table("bookings")
    op.drop_table("availability_days")
