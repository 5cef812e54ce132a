"""Concerts, seats, and the table that search reads."""

import sqlalchemy as sa
from alembic import op

revision = "0009_concerts"
down_revision = "0008_bookings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "concert_search",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("genre_mask", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concert_search")),
    )
    op.create_index(
        "ix_concert_search_cell",
        "concert_search",
        ["cell", "date"],
        unique=False,
        postgresql_include=["start_time", "latitude", "longitude", "genre_mask", "id"],
    )
    op.create_index("ix_concert_search_date", "concert_search", ["date", "start_time", "id"], unique=False)
    op.create_table(
        "concerts",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("artist_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "live",
                "completed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_capacity", sa.BigInteger(), nullable=False),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("door_fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("advance_tickets_available", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_private", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("requires_approval", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("door_fee_cents = 0 OR door_fee_cents >= 50", name=op.f("ck_concerts_door_fee")),
        sa.CheckConstraint("max_capacity > 0", name=op.f("ck_concerts_capacity")),
        sa.CheckConstraint("seats_taken BETWEEN 0 AND max_capacity", name=op.f("ck_concerts_seats")),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_concerts_artist_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_concerts_booking_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_concerts_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerts")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_concerts_booking_id")),
    )
    op.create_index(op.f("ix_concerts_artist_id"), "concerts", ["artist_id"], unique=False)
    op.create_index(op.f("ix_concerts_host_id"), "concerts", ["host_id"], unique=False)
    op.create_index("ix_concerts_state_starts", "concerts", ["state", "starts_at"], unique=False)
    op.create_index(
        "ix_concerts_to_refund",
        "concerts",
        ["id"],
        unique=False,
        postgresql_where="state = 'cancelled' AND refunded_at IS NULL",
    )
    op.create_table(
        "concert_invitations",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concert_id"],
            ["concerts.id"],
            name=op.f("fk_concert_invitations_concert_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_concert_invitations_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concert_invitations")),
        sa.UniqueConstraint("concert_id", "user_id", name=op.f("uq_concert_invitations_concert_id_user_id")),
    )
    op.create_index(op.f("ix_concert_invitations_user_id"), "concert_invitations", ["user_id"], unique=False)
    op.create_table(
        "rsvps",
        sa.Column("fan_id", sa.Uuid(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "waitlisted",
                "offered",
                "approved",
                "declined",
                "lapsed",
                "cancelled",
                "checked_in",
                "no_show",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("guests_count", sa.BigInteger(), nullable=False),
        sa.Column("special_requests", sa.Text(), nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_waitlisted", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("guests_count BETWEEN 1 AND 20", name=op.f("ck_rsvps_guests")),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_rsvps_concert_id")),
        sa.ForeignKeyConstraint(["fan_id"], ["fans.id"], name=op.f("fk_rsvps_fan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvps")),
    )
    op.create_index("ix_rsvps_concert_state", "rsvps", ["concert_id", "state", "requested_at"], unique=False)
    op.create_index(
        "ix_rsvps_expires",
        "rsvps",
        ["expires_at"],
        unique=False,
        postgresql_where="state IN ('offered', 'approved')",
    )
    op.create_index(op.f("ix_rsvps_fan_id"), "rsvps", ["fan_id"], unique=False)
    op.create_index(
        "ix_rsvps_undecided",
        "rsvps",
        ["concert_id"],
        unique=False,
        postgresql_where="state IN ('pending', 'waitlisted', 'offered')",
    )
    op.create_index(
        "uq_rsvps_open",
        "rsvps",
        ["fan_id", "concert_id"],
        unique=True,
        postgresql_where="state IN ('pending', 'waitlisted', 'offered', 'approved', 'checked_in', 'no_show')",
    )


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_table("rsvps")
    op.drop_table("concert_invitations")
    op.drop_table("concerts")
    op.drop_table("concert_search")
