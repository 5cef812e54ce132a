"""Offers hold every term, are signed, and either side may begin; shows may have a minimum, and may move."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030_offers_signed"
down_revision = "0029_agreements_and_notes"
branch_labels = None
depends_on = None

SIDES = "'artist', 'host'"
STATES = "'open', 'accepted', 'countered', 'rejected', 'expired', 'withdrawn'"
UNDECIDED = "state IN ('pending', 'countered', 'approved')"


def upgrade() -> None:
    """Add them; what is there already is told from how each booking went."""
    _people("bookings")
    _people("offers")
    op.execute(
        "UPDATE bookings b SET maximum_attendance ="
        " GREATEST(h.indoor_capacity, h.outdoor_capacity, b.expected_attendance) FROM hosts h WHERE h.id = b.host_id"
    )
    op.execute(
        "UPDATE offers o SET expected_attendance = b.expected_attendance, maximum_attendance = b.maximum_attendance"
        " FROM bookings b WHERE b.id = o.booking_id"
    )
    for table in ("bookings", "offers"):
        for column in ("expected_attendance", "maximum_attendance"):
            op.alter_column(table, column, nullable=False)
        op.add_column(table, sa.Column("house_rules", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_bookings_attendance"),
        "bookings",
        "minimum_attendance BETWEEN 0 AND expected_attendance AND expected_attendance <= maximum_attendance",
    )
    op.add_column("bookings", sa.Column("requested_by", sa.String(40), nullable=False, server_default="artist"))
    op.create_check_constraint(op.f("ck_bookings_requested_by"), "bookings", f"requested_by IN ({SIDES})")
    op.alter_column("bookings", "artist_message", new_column_name="message")
    op.add_column("bookings", sa.Column("artist_response", sa.Text(), nullable=True))
    op.drop_index("ix_bookings_due", "bookings")
    op.create_index("ix_bookings_due", "bookings", ["respond_by"], postgresql_where="respond_by IS NOT NULL")
    _offers()
    op.create_table(
        "booking_signatures",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("is_typed", sa.Boolean(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"side IN ({SIDES})", name=op.f("ck_booking_signatures_side")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_booking_signatures_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_booking_signatures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_signatures")),
        sa.UniqueConstraint("booking_id", "number", "side", name=op.f("uq_booking_signatures_booking_id_number_side")),
    )
    op.create_index(op.f("ix_booking_signatures_user_id"), "booking_signatures", ["user_id"])
    _concerts()


def downgrade() -> None:
    """Take them away. What a host began becomes a request of the artist's."""
    op.drop_index("ix_rsvps_keep_by", "rsvps")
    op.drop_column("rsvps", "keep_by")
    op.drop_index("ix_concerts_minimum_by", "concerts")
    op.drop_constraint(op.f("ck_concerts_minimum"), "concerts", type_="check")
    for column in ("minimum_reached_at", "minimum_by", "minimum_attendance", "moved_count"):
        op.drop_column("concerts", column)
    op.drop_table("booking_signatures")
    op.drop_index("uq_offers_open", "offers")
    _rename_lodging("lodging_details", "lodging")
    for column in ("lodging_requested", "expires_at", "answered_at", "state"):
        op.drop_column("offers", column)
    op.drop_index("ix_bookings_due", "bookings")
    op.create_index("ix_bookings_due", "bookings", ["respond_by"], postgresql_where=UNDECIDED)
    op.drop_column("bookings", "artist_response")
    op.alter_column("bookings", "message", new_column_name="artist_message")
    op.drop_column("bookings", "requested_by")
    op.drop_constraint(op.f("ck_bookings_attendance"), "bookings", type_="check")
    op.drop_column("offers", "expected_attendance")
    for table in ("bookings", "offers"):
        for column in ("house_rules", "maximum_attendance", "minimum_notice_days", "minimum_attendance"):
            op.drop_column(table, column)


def _people(table: str) -> None:
    if table == "offers":
        op.add_column(table, sa.Column("expected_attendance", sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column("minimum_attendance", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(table, sa.Column("minimum_notice_days", sa.BigInteger(), nullable=False, server_default="7"))
    op.add_column(table, sa.Column("maximum_attendance", sa.BigInteger(), nullable=True))


def _offers() -> None:
    op.add_column("offers", sa.Column("lodging_requested", sa.Boolean(), nullable=False, server_default="false"))
    _rename_lodging("lodging", "lodging_details")
    op.add_column("offers", sa.Column("state", sa.String(40), nullable=False, server_default="open"))
    op.create_check_constraint(op.f("ck_offers_state"), "offers", f"state IN ({STATES})")
    op.add_column("offers", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offers", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE offers o SET
            lodging_requested = b.lodging_requested,
            expires_at = LEAST(
                o.created_at + interval '7 days', (o.date + o.time) AT TIME ZONE b.time_zone
            ),
            state = CASE
                WHEN o.accepted_at IS NOT NULL THEN 'accepted'
                WHEN o.number < b.offer_number THEN 'countered'
                WHEN b.state = 'rejected' THEN 'rejected'
                WHEN b.state = 'expired' THEN 'expired'
                WHEN b.state IN ('pending', 'countered') THEN 'open'
                ELSE 'withdrawn'
            END,
            answered_at = COALESCE(
                o.accepted_at,
                (SELECT n.created_at FROM offers n WHERE n.booking_id = o.booking_id AND n.number = o.number + 1),
                CASE WHEN b.state IN ('pending', 'countered') THEN NULL ELSE b.updated_at END
            )
        FROM bookings b WHERE b.id = o.booking_id
        """
    )
    op.alter_column("offers", "expires_at", nullable=False)
    op.create_index("uq_offers_open", "offers", ["booking_id"], unique=True, postgresql_where="state = 'open'")


def _rename_lodging(old: str, new: str) -> None:
    # PostgreSQL 18 names the constraint NOT NULL after the column, and keeps that name: so it is made anew.
    op.alter_column("offers", old, nullable=True, existing_type=postgresql.JSONB())
    op.alter_column("offers", old, new_column_name=new, existing_type=postgresql.JSONB())
    op.alter_column("offers", new, nullable=False, existing_type=postgresql.JSONB())


def _concerts() -> None:
    for column in ("moved_count", "minimum_attendance"):
        op.add_column("concerts", sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
    for column in ("minimum_by", "minimum_reached_at"):
        op.add_column("concerts", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_concerts_minimum"), "concerts", "(minimum_attendance > 0) = (minimum_by IS NOT NULL)"
    )
    op.create_index(
        "ix_concerts_minimum_by",
        "concerts",
        ["minimum_by"],
        postgresql_where="state = 'scheduled' AND minimum_reached_at IS NULL",
    )
    op.add_column("rsvps", sa.Column("keep_by", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_rsvps_keep_by", "rsvps", ["keep_by"], postgresql_where="keep_by IS NOT NULL")
